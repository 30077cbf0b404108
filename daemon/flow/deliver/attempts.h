/*
 * attempts: which SMSCs a message was refused by, and what is left to try: at most 3 attempts that count, at 2 SMSCs.
 */
#ifndef FLOW_DELIVER_ATTEMPTS_H
#define FLOW_DELIVER_ATTEMPTS_H

#include "smpp.h"

/* Of one message; zeroed at first. Masks of SMSCs. */
struct attempts {
	uint32_t excluded;    /* must not have it now: they refused it, or would be a third SMSC */
	uint32_t charged;     /* had an attempt that counts */
	uint32_t undelivered; /* of those: a receipt said that their SMS did not arrive */
	uint8_t count;
	uint8_t sessions; /* answers "not bound" and generic_nack since the last refusal */
	uint32_t wait_ms; /* after ATTEMPTS_AGAIN: how long */
	bool again;       /* it had its one further try at an SMSC that refused it */
};

enum attempts_next {
	ATTEMPTS_OTHER, /* queue it now, for those that are not excluded */
	ATTEMPTS_AGAIN, /* queue it after wait_ms; those that refused it may have it once more */
	ATTEMPTS_OVER
};

/* left_ms: to the message's deadline. */
struct attempts_ask {
	const struct smpp *smpp;
	int route;
	int64_t left_ms;
};

/*
 * What to do after SMPP_LATER or SMPP_OTHER. Answers about our session ("not bound", generic_nack) cost nothing at
 * first, but a message that gets them again and again would end one session after the other until its deadline: after
 * the second it waits, and the fifth counts as a refusal by the SMSC that gave it.
 */
enum attempts_next attempts_refused(struct attempts *a, const struct attempts_ask *ask, const struct smpp_result *r);

/* Counts a submit that was never answered. Returns false if that was the last attempt. */
bool attempts_unanswered(struct attempts *a, const struct smpp_result *r);

#endif
