/*
 * funnel: counts each step of verifications, from the request to the verified code, and what became of submits without
 * a response. It is called by flow and read by the stats socket. The steps are defined only here, and their names in
 * metrics in funnel.c.
 */
#ifndef OPS_FUNNEL_H
#define OPS_FUNNEL_H

#include "base/json.h"
#include "otp/lifecycle.h"

enum funnel_step {
	FUNNEL_CREATED,    /* a new verification was acknowledged */
	FUNNEL_RESENT,     /* a further SMS of a live verification was acknowledged */
	FUNNEL_REPLAYED,   /* a repeated request got its first answer */
	FUNNEL_LIMITED,    /* a SEND or RESEND was refused by a limit */
	FUNNEL_OVERLOADED, /* a SEND or RESEND was refused for load */
	FUNNEL_SUBMITTED,  /* a submit was written */
	FUNNEL_ACCEPTED,   /* the SMSC said ROK */
	FUNNEL_DELIVERED,  /* a receipt reported delivery */
	FUNNEL_REROUTED,   /* an early receipt reported a failure, so the message is sent once more */
	FUNNEL_FAILED,     /* the delivery failed; no SMS will come */
	FUNNEL_RETURNED,   /* a send was given back, because certainly no SMS came of it */
	FUNNEL_APPROVED,   /* a right code was judged; the verification is verified */
	FUNNEL_WRONG,      /* a wrong guess was judged and counted */
	FUNNEL_LATE,       /* a guess at a verification that had ended: expired, used, exhausted, cancelled */
	FUNNEL_REPEATED,   /* a wrong guess that was counted before was judged */
	FUNNEL_BINDING,    /* a guess that came with another binding than that of the code */
	FUNNEL_MISTYPED,   /* a guess that cannot be the code, because its length, alphabet or check digit is another */
	FUNNEL_PROVED,     /* a proof was signed */
	FUNNEL_CANCELLED,  /* OTP.CANCEL was done, for the first time; count it by funnel_cancelled */
	FUNNEL_AMBIGUOUS,  /* a submit was never answered */
	FUNNEL_REDIRECTED, /* the number of a verification was corrected */
	FUNNEL_RECOVERED,  /* a message whose lease ran out was taken over */
	FUNNEL_LEASE_LOST, /* a queued message was dropped here, because its lease was about to end */

	/* What became of submits without a response. They have a metric of their own, otpgwd_unanswered_total. */
	FUNNEL_UNANSWERED_RESENT,     /* queued again, so the person may get the SMS twice */
	FUNNEL_UNANSWERED_CANCELLED,  /* its resend was cancelled, because a late response came first */
	FUNNEL_UNANSWERED_LATE_OK,    /* a late response accepted the message */
	FUNNEL_UNANSWERED_LATE_ERROR, /* a late response refused it, which changes nothing */
	FUNNEL_UNANSWERED_UNKNOWN,    /* the message is not sent again, and it is unknown whether it arrived */
	FUNNEL_STEPS
};

void funnel_start(void); /* registers all series at zero; call it before funnel_count */
void funnel_count(enum funnel_step step);
void funnel_cancelled(enum lifecycle_cancel why);
void funnel_status(struct json *j);            /* adds the object "funnel" */
void funnel_unanswered_status(struct json *j); /* adds the object "unanswered" */

#endif
