/*
 * bound: computes how many wrong codes the limits of a configuration allow per day for one number at one tenant, and
 * the odds of a guesser. Pure.
 */
#ifndef OTP_BOUND_H
#define OTP_BOUND_H

#include "otp/policy.h"

#include <stdint.h>

struct bound {
	uint64_t guesses;  /* most wrong codes per day, over all purposes; returned and known are part of it */
	uint64_t returned; /* part that exists because a send that was given back opens a further verification */
	uint64_t known;    /* part of known devices (KNOWN 1); 0 if no tenant may say KNOWN 1 */
	double odds;       /* guesses divided by the codes of the weakest purpose, for each that is valid at a time */
	const struct policy_purpose *weakest; /* purpose with the fewest of these */
	const char *key;                      /* the configuration key whose change lowers the odds most */
};

/*
 * Wrong codes stop new verifications but never a live one. Therefore the bound is the number of guesses judged before
 * the last verification was opened, plus all guesses of the verifications that are open then. It holds for
 * verifications that a stranger opens, if SUBJECT keeps them apart from those of the owner. o has at least one purpose.
 */
struct bound bound_of(const struct policy_opts *o);

#define BOUND_ODDS_HIGH 1e-4 /* odds above this cause a warning */

#endif
