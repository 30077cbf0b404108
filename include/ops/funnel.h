/*
 * funnel: counts each step of verifications, from request to proof, and what became of submits without an answer. The
 * names of the steps are defined only here.
 */
#ifndef OPS_FUNNEL_H
#define OPS_FUNNEL_H

#include "base/json.h"

enum funnel_step {
	FUNNEL_CREATED,  /* a new verification was acknowledged */
	FUNNEL_RESENT,   /* a further SMS of a live one was acknowledged */
	FUNNEL_REPLAYED, /* a repeated request got its first answer */
	FUNNEL_LIMITED,  /* refused by a limit */
	FUNNEL_OVERLOADED,
	FUNNEL_SUBMITTED, /* a submit was written */
	FUNNEL_ACCEPTED,  /* the SMSC said ROK */
	FUNNEL_DELIVERED, /* a receipt reported delivery */
	FUNNEL_REROUTED,  /* an early receipt reported a failure; the message goes to another SMSC */
	FUNNEL_FAILED,    /* no SMS will come */
	FUNNEL_RETURNED,  /* of those failed: the send was given back, since certainly no SMS came of it */
	FUNNEL_APPROVED,  /* verified */
	FUNNEL_WRONG,     /* a wrong guess was judged */
	FUNNEL_LATE,      /* a guess at a verification that had ended: expired, used, exhausted, cancelled */
	FUNNEL_REPEATED,  /* a wrong guess that was counted before */
	FUNNEL_MISTYPED,  /* a guess that cannot be the code: of another length or alphabet */
	FUNNEL_CANCELLED,
	FUNNEL_AMBIGUOUS,  /* a submit was never answered */
	FUNNEL_RECOVERED,  /* a lease that ran out was taken over */
	FUNNEL_LEASE_LOST, /* a queued message was dropped here because its lease ran out */

	/* What became of a submit without an answer: a metric and an object of their own, otpgwd_doubtful_total. */
	FUNNEL_DOUBT_RESENT,     /* queued once more: a possible duplicate */
	FUNNEL_DOUBT_CANCELLED,  /* that was taken back, for a late answer came before it was written */
	FUNNEL_DOUBT_LATE_OK,    /* accepted after all */
	FUNNEL_DOUBT_LATE_ERROR, /* refused after all: changes nothing for a message that is sent again or given up */
	FUNNEL_DOUBT_UNKNOWN,    /* nothing more is tried */
	FUNNEL_STEPS
};

void funnel_start(void); /* registers all series at zero; call it before funnel_count */
void funnel_count(enum funnel_step step);
void funnel_status(struct json *j);       /* an object "funnel" */
void funnel_doubt_status(struct json *j); /* an object "doubtful" */

#endif
