/*
 * funnel: counts otpgwd_verifications_total{step=...}, otpgwd_unanswered_total{event=...} and
 * otpgwd_cancelled_total{reason=...}. Owns only the handles of the counters. Must never decide what becomes of a
 * message.
 */
#include "ops/funnel.h"

#include "base/stats.h"

#include <stddef.h>

static const char *const names[FUNNEL_STEPS] = {
	[FUNNEL_CREATED] = "created",
	[FUNNEL_RESENT] = "resent",
	[FUNNEL_REPLAYED] = "replayed",
	[FUNNEL_LIMITED] = "limited",
	[FUNNEL_OVERLOADED] = "overloaded",
	[FUNNEL_SUBMITTED] = "submitted",
	[FUNNEL_ACCEPTED] = "accepted",
	[FUNNEL_DELIVERED] = "delivered",
	[FUNNEL_REROUTED] = "rerouted",
	[FUNNEL_RETURNED] = "returned",
	[FUNNEL_FAILED] = "failed",
	[FUNNEL_APPROVED] = "approved",
	[FUNNEL_WRONG] = "wrong",
	[FUNNEL_LATE] = "late",
	[FUNNEL_REPEATED] = "repeated",
	[FUNNEL_BINDING] = "binding",
	[FUNNEL_MISTYPED] = "mistyped",
	[FUNNEL_PROVED] = "proved",
	[FUNNEL_CANCELLED] = "cancelled",
	[FUNNEL_AMBIGUOUS] = "ambiguous",
	[FUNNEL_REDIRECTED] = "redirected",
	[FUNNEL_RECOVERED] = "recovered",
	[FUNNEL_LEASE_LOST] = "lease_lost",
	[FUNNEL_UNANSWERED_RESENT] = "resent",
	[FUNNEL_UNANSWERED_CANCELLED] = "cancelled_resend",
	[FUNNEL_UNANSWERED_LATE_OK] = "late_ok",
	[FUNNEL_UNANSWERED_LATE_ERROR] = "late_error",
	[FUNNEL_UNANSWERED_UNKNOWN] = "unknown",
};

#define UNANSWERED_FIRST FUNNEL_UNANSWERED_RESENT

static struct stats_family steps, unanswered, cancelled;

static struct stats_counter *counter(enum funnel_step step)
{
	return step < UNANSWERED_FIRST ? steps.of[step] : unanswered.of[step - UNANSWERED_FIRST];
}

static void start_cancelled(void)
{
	const char *reasons[CANCEL_COUNT] = { [CANCEL_UNSAID] = "none" };

	for (int i = CANCEL_UNSAID + 1; i < CANCEL_COUNT; i++)
		reasons[i] = lifecycle_cancel_name((enum lifecycle_cancel)i);
	cancelled = stats_family("otpgwd_cancelled_total", "Verifications that OTP.CANCEL ended, by the reason given.",
	                         "reason", reasons, CANCEL_COUNT);
}

void funnel_start(void)
{
	steps = stats_family("otpgwd_verifications_total", "Verifications by the step they reached.", "step", names,
	                     UNANSWERED_FIRST);
	unanswered = stats_family("otpgwd_unanswered_total", "What became of messages without an answer.", "event",
	                          names + UNANSWERED_FIRST, FUNNEL_STEPS - UNANSWERED_FIRST);
	start_cancelled();
}

void funnel_cancelled(enum lifecycle_cancel why)
{
	funnel_count(FUNNEL_CANCELLED);
	stats_inc(cancelled.of[why]);
}

void funnel_count(enum funnel_step step)
{
	stats_inc(counter(step));
}

static void write_steps(struct json *j, const char *name, int first, int end)
{
	json_open(j, name, '{');
	for (int i = first; i < end; i++)
		json_int(j, names[i], (int64_t)stats_value(counter((enum funnel_step)i)));
	json_close(j, '}');
}

void funnel_status(struct json *j)
{
	write_steps(j, "funnel", 0, UNANSWERED_FIRST);
}

void funnel_unanswered_status(struct json *j)
{
	write_steps(j, "unanswered", UNANSWERED_FIRST, FUNNEL_STEPS);
}
