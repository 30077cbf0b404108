/*
 * doubt: the counters of messages in doubt.
 * Owns nothing but their handles; must never decide what becomes of a message.
 */
#include "doubt.h"

#include "base/stats.h"

#include <stddef.h>

static const struct {
	const char *name, *labels;
} events[DOUBT_EVENTS] = {
	[DOUBT_RESENT] = { "resent", "event=\"resent\"" },
	[DOUBT_CANCELLED] = { "cancelled_resend", "event=\"cancelled_resend\"" },
	[DOUBT_LATE_OK] = { "late_ok", "event=\"late_ok\"" },
	[DOUBT_LATE_ERROR] = { "late_error", "event=\"late_error\"" },
	[DOUBT_UNKNOWN] = { "unknown", "event=\"unknown\"" },
};

static struct stats_counter *counter(enum doubt_event event)
{
	static struct stats_counter *counters[DOUBT_EVENTS];

	if (!counters[event])
		counters[event] = stats_counter("otpgwd_doubtful_total", "What became of messages without an answer.",
		                                events[event].labels);
	return counters[event];
}

void doubt_start(void)
{
	for (int i = 0; i < DOUBT_EVENTS; i++)
		(void)counter((enum doubt_event)i);
}

void doubt_count(enum doubt_event event)
{
	stats_inc(counter(event));
}

void doubt_status(struct json *j)
{
	json_open(j, "doubtful", '{');
	for (int i = 0; i < DOUBT_EVENTS; i++)
		json_int(j, events[i].name, (int64_t)stats_value(counter((enum doubt_event)i)));
	json_close(j, '}');
}
