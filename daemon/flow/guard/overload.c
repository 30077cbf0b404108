/*
 * overload: limits the requests that are on their way to Redis, shares the limit fairly between tenants and
 * connections, and counts the requests that are refused for load. Owns what was learned about the speed of Redis. Must
 * never make a request wait: it is let in or refused at once.
 */
#include "overload.h"

#include "base/clock.h"
#include "base/invariant.h"
#include "base/stats.h"
#include "ops/funnel.h"
#include "otp/admit.h"
#include "flow/news/marks.h"

#include <assert.h>
#include <stdlib.h>

#define BACKLOG_MS 1000 /* an ordinary burst is read within this time, and few clients give up earlier */
#define FLOOR 64        /* requests of a kind; their limit falls no lower, unless its ceiling is lower */
#define START_LEAST 256 /* requests of a kind; so few make no queue that a client notices */

static_assert((int)OVERLOAD_KINDS <= (int)API_TALLIES, "one tally per kind");

/* The limit and the counters of one kind of request. */
struct kind {
	struct admit admit;
	struct stats_family refused; /* by enum overload_reason */
	struct stats_gauge *limit, *open;
};

struct overload {
	const struct flow_opts *opts;
	const struct marks *marks;
	struct kind kinds[OVERLOAD_KINDS];
};

/*
 * The limit of a kind never exceeds redis.max_in_flight / part, and begins at redis.max_in_flight / start, or at
 * START_LEAST if that is more. The parts add up to a half, because each SEND is followed by marks, of up to two
 * commands each, which need the other half. The first limit is low, because all requests wait in a queue that many
 * clients fill before anything is learned about Redis. SENDs and VERIFYs come in bursts, so by default their first
 * limit still has room for all the requests that one client may have unanswered.
 */
static const struct {
	const char *name, *limit, *open;
	uint32_t part, start;
} kinds[OVERLOAD_KINDS] = {
	[OVERLOAD_SENDING] = { "send", "send_limit", "send_in_flight", 8, 8 },
	[OVERLOAD_VERIFYING] = { "verify", "verify_limit", "verify_in_flight", 4, 8 },
	[OVERLOAD_ASKING] = { "ask", "ask_limit", "ask_in_flight", 8, 16 },
};

static const struct {
	const char *name, *text;
	bool sending; /* only SEND and RESEND are refused for this reason */
} reasons[OVERLOAD_REASONS] = {
	[OVERLOAD_DEADLINE] = { "deadline", "the SMS could not be sent in time; nothing was done", true },
	[OVERLOAD_QUEUE] = { "queue", "the queue is full; nothing was done", true },
	[OVERLOAD_SHARE] = { "share", "this client or tenant already has its fair share; nothing was done", false },
	[OVERLOAD_REDIS] = { "redis", "too many requests at once; nothing was done", false },
	[OVERLOAD_BACKLOG] = { "backlog", "the request waited too long to be read; nothing was done", false },
};

static struct admit_opts bounds(const struct flow_opts *o, enum overload_kind kind)
{
	uint32_t part = kinds[kind].part, ceiling = o->redis_in_flight > part ? o->redis_in_flight / part : 1,
		 start = o->redis_in_flight / kinds[kind].start;

	return (struct admit_opts){ .floor = ceiling < FLOOR ? ceiling : FLOOR,
		                    .ceiling = ceiling,
		                    .start = start > START_LEAST ? start : START_LEAST,
		                    .target_ms = o->send_target_ms };
}

static void register_stats(struct kind *k, enum overload_kind kind)
{
	const struct stats_labels of_kind = stats_label(NULL, "kind", kinds[kind].name);
	const struct stats_labels reason = stats_label(&of_kind, "reason", NULL);
	const char *names[OVERLOAD_REASONS] = { NULL };

	for (int i = OVERLOAD_NONE + 1; i < OVERLOAD_REASONS; i++)
		names[i] = reasons[i].sending && kind != OVERLOAD_SENDING ? NULL : reasons[i].name;
	k->refused = stats_family("otpgwd_overloaded_total", "Requests refused for load, by kind and by what is short.",
	                          reason.text, names, OVERLOAD_REASONS);
	k->limit = stats_gauge("otpgwd_request_limit", "Requests that may be under way to Redis at once, by kind.",
	                       of_kind.text);
	k->open = stats_gauge("otpgwd_requests_in_flight", "Requests under way to Redis, by kind.", of_kind.text);
}

struct overload *overload_new(const struct flow_opts *opts, const struct marks *marks)
{
	struct overload *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	g->opts = opts;
	g->marks = marks;
	for (enum overload_kind kind = 0; kind < OVERLOAD_KINDS; kind++) {
		const struct admit_opts admit = bounds(opts, kind);

		admit_init(&g->kinds[kind].admit, &admit, clock_mono_us());
		register_stats(&g->kinds[kind], kind);
	}
	return g;
}

void overload_free(struct overload *g)
{
	free(g);
}

void overload_configure(struct overload *g)
{
	for (enum overload_kind kind = 0; kind < OVERLOAD_KINDS; kind++) {
		const struct admit_opts opts = bounds(g->opts, kind);

		admit_set(&g->kinds[kind].admit, &opts);
	}
}

const char *overload_refused(struct overload *g, enum overload_kind kind, enum overload_reason reason)
{
	if (kind == OVERLOAD_SENDING)
		funnel_count(FUNNEL_OVERLOADED);
	stats_inc(g->kinds[kind].refused.of[reason]);
	return reasons[reason].text;
}

/*
 * How many requests of this kind the store can still take. SENDs and the other requests that are no VERIFY, together
 * with the pending marks, may use at most three quarters of redis.max_in_flight. The last quarter is kept for VERIFY,
 * whether it is used or not.
 */
static double room_of(const struct overload *g, enum overload_kind kind)
{
	double all = g->opts->redis_in_flight;

	if (kind == OVERLOAD_VERIFYING)
		return all;
	return all * 0.75 - g->kinds[OVERLOAD_SENDING].admit.open - g->kinds[OVERLOAD_ASKING].admit.open -
	       (double)marks_pending(g->marks);
}

enum overload_reason overload_judge(struct overload *g, struct api_call *call, enum overload_kind kind)
{
	struct admit *admit = &g->kinds[kind].admit;
	double room = room_of(g, kind), free = admit_free(admit), held = tenants_of(call)->in_flight[kind];

	if (api_call_behind_ms(call) > BACKLOG_MS)
		return OVERLOAD_BACKLOG;
	if (free > room)
		free = room;
	if (free >= 1 && admit_fair(free, held, *api_call_tally(call, kind)))
		return OVERLOAD_NONE;
	if (room >= 1 && admit_modest(admit, held))
		return OVERLOAD_NONE;
	admit_press(admit);
	return free < 1 ? OVERLOAD_REDIS : OVERLOAD_SHARE;
}

void overload_follow(struct overload *g, struct api_call *call, enum overload_kind kind, struct overload_pass *pass)
{
	*pass = (struct overload_pass){ .kind = kind,
		                        .of_tenant = &tenants_of(call)->in_flight[kind],
		                        .of_client = api_call_tally(call, kind),
		                        .asked_us = clock_mono_us() };
	++*pass->of_tenant;
	++*pass->of_client;
	admit_enter(&g->kinds[kind].admit);
}

void overload_leave(struct overload *g, struct overload_pass *pass)
{
	if (!pass->of_tenant)
		return;
	*pass->of_tenant -= invariant(*pass->of_tenant > 0);
	*pass->of_client -= invariant(*pass->of_client > 0);
	pass->of_tenant = pass->of_client = NULL;
	admit_leave(&g->kinds[pass->kind].admit);
}

void overload_answered(struct overload *g, struct overload_pass *pass)
{
	int64_t now_us = clock_mono_us();

	if (!pass->asked_us)
		return;
	admit_answered(&g->kinds[pass->kind].admit, now_us - pass->asked_us, now_us);
	pass->asked_us = 0;
}

void overload_done(struct overload *g, struct overload_pass *pass, enum err err)
{
	if (!err)
		overload_answered(g, pass);
	overload_leave(g, pass);
}

void overload_status(const struct overload *g, struct json *j)
{
	json_open(j, "overload", '{');
	for (int kind = 0; kind < OVERLOAD_KINDS; kind++) {
		json_int(j, kinds[kind].limit, admit_limit(&g->kinds[kind].admit));
		json_int(j, kinds[kind].open, g->kinds[kind].admit.open);
	}
	json_open(j, "refused", '{');
	for (int i = OVERLOAD_NONE + 1; i < OVERLOAD_REASONS; i++) {
		int64_t n = 0;

		for (int kind = 0; kind < OVERLOAD_KINDS; kind++)
			n += reasons[i].sending && kind != OVERLOAD_SENDING
			         ? 0
			         : (int64_t)stats_value(g->kinds[kind].refused.of[i]);
		json_int(j, reasons[i].name, n);
	}
	json_close(j, '}');
	json_close(j, '}');
}

void overload_refresh(const struct overload *g)
{
	for (int kind = 0; kind < OVERLOAD_KINDS; kind++) {
		stats_set(g->kinds[kind].limit, admit_limit(&g->kinds[kind].admit));
		stats_set(g->kinds[kind].open, g->kinds[kind].admit.open);
	}
}
