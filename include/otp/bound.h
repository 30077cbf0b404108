/*
 * bound: how many wrong codes can be judged for one number at one tenant in a day, by the limits of a configuration,
 * and what a guesser's odds are then. Pure.
 */
#ifndef OTP_BOUND_H
#define OTP_BOUND_H

#include "otp/policy.h"

#include <stdint.h>

struct bound {
	uint64_t guesses;                     /* over all purposes; each of the following is part of it */
	uint64_t returned;                    /* more, since sends that were given back open further verifications */
	uint64_t known;                       /* by known devices (KNOWN 1), if a tenant may say so; else 0 */
	double odds;                          /* guesses / codes of the purpose that has the fewest */
	const struct policy_purpose *weakest; /* that purpose */
	const char *key;                      /* the configuration key whose change lowers the odds most */
};

/*
 * Wrong codes stop new verifications and never a live one, so the bound is what may have been judged when the last
 * verification was opened, and all guesses of those that were open then. It holds for verifications that strangers can
 * open by themselves: where SUBJECT keeps them from the owner's. o has at least one purpose.
 */
struct bound bound_of(const struct policy_opts *o);

#define BOUND_ODDS_HIGH 1e-4 /* more than this is worth a warning */

#endif
