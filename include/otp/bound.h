/*
 * bound: computes how many wrong codes the limits of a configuration allow for one number at one tenant in a day, and
 * the odds of a guesser. Pure.
 */
#ifndef OTP_BOUND_H
#define OTP_BOUND_H

#include "otp/policy.h"

#include <stdint.h>

struct bound {
	uint64_t guesses;  /* over all purposes; includes returned and known */
	uint64_t returned; /* possible because sends that were given back open further verifications */
	uint64_t known;    /* by known devices (KNOWN 1), if a tenant may say so; else 0 */
	double odds;       /* guesses / codes of the purpose that has the fewest */
	const struct policy_purpose *weakest; /* that purpose */
	const char *key;                      /* the configuration key whose change lowers the odds most */
};

/*
 * Wrong codes stop new verifications but never a live one. So the bound is the guesses judged before the last
 * verification was opened, plus all guesses of those open then. It holds for verifications that a stranger opens, where
 * SUBJECT keeps them apart from those of the owner. o has at least one purpose.
 */
struct bound bound_of(const struct policy_opts *o);

#define BOUND_ODDS_HIGH 1e-4 /* more than this is worth a warning */

#endif
