/*
 * attempts: remembers which SMSCs refused a message, and decides what is left to try. A message gets at most 3 attempts
 * that count, at no more than 2 SMSCs.
 */
#ifndef FLOW_DELIVER_ATTEMPTS_H
#define FLOW_DELIVER_ATTEMPTS_H

#include "smpp.h"

/* The attempts of one message. Zeroed at first. */
struct attempts {
	struct smsc_set
	    excluded; /* SMSCs that must not be used now: they refused the message, or would be a third SMSC */
	struct smsc_set charged;     /* SMSCs that had an attempt that counts */
	struct smsc_set undelivered; /* part of charged: a receipt said that the SMS was not delivered */
	uint8_t count;
	uint8_t sessions; /* answers "not bound" and generic_nack since the last refusal */
	uint32_t wait_ms; /* after ATTEMPTS_AGAIN: how long to wait */
	bool again;       /* the one further try at an SMSC that refused the message was used */
};

enum attempts_next {
	ATTEMPTS_OTHER, /* queue it now, for the SMSCs that are not excluded */
	ATTEMPTS_AGAIN, /* queue it after wait_ms; SMSCs that refused it may be tried once more */
	ATTEMPTS_OVER
};

/* What attempts_refused needs to know. left_ms: time until the deadline of the message. */
struct attempts_ask {
	const struct smpp *smpp;
	int route;
	int64_t left_ms;
};

/*
 * Decides what to do after SMPP_LATER or SMPP_OTHER. The first "not bound" or generic_nack costs nothing, because it
 * concerns the session and not the message. A message that gets such answers again and again would end one session
 * after the other until its deadline. Therefore the message waits from the second on, and the fifth counts as a refusal
 * by the SMSC that sent it.
 */
enum attempts_next attempts_refused(struct attempts *a, const struct attempts_ask *ask, const struct smpp_result *r);

/* Counts a submit that was never answered. Returns false if that was the last attempt. */
bool attempts_unanswered(struct attempts *a, const struct smpp_result *r);

#endif
