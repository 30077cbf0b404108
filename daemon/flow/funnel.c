/*
 * funnel: otpgwd_verifications_total{step=...}. Owns nothing but the handles of its counters.
 */
#include "funnel.h"

#include "base/stats.h"

#include <stddef.h>

static const struct {
	const char *name, *labels;
} steps[FUNNEL_STEPS] = {
	[FUNNEL_CREATED] = { "created", "step=\"created\"" },
	[FUNNEL_RESENT] = { "resent", "step=\"resent\"" },
	[FUNNEL_REPLAYED] = { "replayed", "step=\"replayed\"" },
	[FUNNEL_LIMITED] = { "limited", "step=\"limited\"" },
	[FUNNEL_OVERLOADED] = { "overloaded", "step=\"overloaded\"" },
	[FUNNEL_SUBMITTED] = { "submitted", "step=\"submitted\"" },
	[FUNNEL_ACCEPTED] = { "accepted", "step=\"accepted\"" },
	[FUNNEL_DELIVERED] = { "delivered", "step=\"delivered\"" },
	[FUNNEL_REROUTED] = { "rerouted", "step=\"rerouted\"" },
	[FUNNEL_RETURNED] = { "returned", "step=\"returned\"" },
	[FUNNEL_FAILED] = { "failed", "step=\"failed\"" },
	[FUNNEL_APPROVED] = { "approved", "step=\"approved\"" },
	[FUNNEL_WRONG] = { "wrong", "step=\"wrong\"" },
	[FUNNEL_LATE] = { "late", "step=\"late\"" },
	[FUNNEL_REPEATED] = { "repeated", "step=\"repeated\"" },
	[FUNNEL_MISTYPED] = { "mistyped", "step=\"mistyped\"" },
	[FUNNEL_CANCELLED] = { "cancelled", "step=\"cancelled\"" },
	[FUNNEL_AMBIGUOUS] = { "ambiguous", "step=\"ambiguous\"" },
	[FUNNEL_RECOVERED] = { "recovered", "step=\"recovered\"" },
	[FUNNEL_LEASE_LOST] = { "lease_lost", "step=\"lease_lost\"" },
};

static struct stats_counter *counter(enum funnel_step step)
{
	static struct stats_counter *counters[FUNNEL_STEPS];

	if (!counters[step])
		counters[step] = stats_counter("otpgwd_verifications_total", "Verifications by the step they reached.",
		                               steps[step].labels);
	return counters[step];
}

void funnel_start(void)
{
	for (int i = 0; i < FUNNEL_STEPS; i++)
		(void)counter((enum funnel_step)i);
}

void funnel_count(enum funnel_step step)
{
	stats_inc(counter(step));
}

void funnel_status(struct json *j)
{
	json_open(j, "funnel", '{');
	for (int i = 0; i < FUNNEL_STEPS; i++)
		json_int(j, steps[i].name, (int64_t)stats_value(counter((enum funnel_step)i)));
	json_close(j, '}');
}
