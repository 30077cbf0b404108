/*
 * gate: the bound on SENDs and RESENDs under way to Redis, shared fairly; the one place that says OVERLOADED.
 * Owns what was learnt about Redis' speed. Must never hold a request back: it passes, or is refused at once.
 */
#include "gate.h"

#include "answer.h"
#include "base/clock.h"
#include "base/stats.h"
#include "funnel.h"
#include "otp/admit.h"
#include "track.h"

#include <stdlib.h>

#define RETRY_MS 1000
#define BACKLOG_MS 1000 /* a burst that is read within it is nobody's fault, and few clients give up earlier */
#define FLOOR 64

struct gate {
	struct flow *f;
	struct admit admit;
	struct stats_counter *refused[GATE_REASONS];
	struct stats_gauge *limit, *open;
};

static const struct {
	const char *name, *labels, *text;
} reasons[GATE_REASONS] = {
	[GATE_DEADLINE] = { "deadline", "reason=\"deadline\"", "it could not be sent in time; nothing was done" },
	[GATE_QUEUE] = { "queue", "reason=\"queue\"", "the queue is full; nothing was done" },
	[GATE_SHARE] = { "share", "reason=\"share\"", "the caller has its share; nothing was done" },
	[GATE_REDIS] = { "redis", "reason=\"redis\"", "too many requests at once; nothing was done" },
	[GATE_BACKLOG] = { "backlog", "reason=\"backlog\"", "it has waited too long to be read; nothing was done" },
};

/* An eighth of what the store takes: each SEND brings marks of two steps each, and verifications come besides. */
static struct admit_opts bounds(const struct flow_opts *o)
{
	uint32_t ceiling = o->redis_in_flight > 8 ? o->redis_in_flight / 8 : 1;

	return (struct admit_opts){ .floor = ceiling < FLOOR ? ceiling : FLOOR,
		                    .ceiling = ceiling,
		                    .target_ms = o->send_target_ms };
}

struct gate *gate_new(struct flow *f)
{
	struct gate *g = calloc(1, sizeof(*g));
	const struct admit_opts opts = bounds(&f->opts);

	if (!g)
		return NULL;
	g->f = f;
	admit_init(&g->admit, &opts, clock_mono_us());
	for (int i = GATE_OPEN + 1; i < GATE_REASONS; i++)
		g->refused[i] = stats_counter("otpgwd_overloaded_total",
		                              "SENDs and RESENDs refused, by what is short.", reasons[i].labels);
	g->limit = stats_gauge("otpgwd_send_limit", "SENDs and RESENDs that may be under way to Redis at once.", NULL);
	g->open = stats_gauge("otpgwd_send_in_flight", "SENDs and RESENDs under way to Redis.", NULL);
	return g;
}

void gate_free(struct gate *g)
{
	free(g);
}

void gate_configure(struct gate *g)
{
	const struct admit_opts opts = bounds(&g->f->opts);

	admit_set(&g->admit, &opts);
}

void gate_refuse(struct gate *g, struct api_call *call, enum gate_reason reason, int64_t retry_ms)
{
	const struct answer_limit limit = { .code = "OVERLOADED", .retry_ms = retry_ms, .text = reasons[reason].text };

	funnel_count(FUNNEL_OVERLOADED);
	stats_inc(g->refused[reason]);
	answer_limited(call, &limit);
}

/* Below the limit; and with the marks that Redis is owed, at most three quarters of what the store takes. */
static double free_of(const struct gate *g)
{
	double by_limit = admit_free(&g->admit), most = g->f->opts.redis_in_flight * 0.75;
	double by_store = most - g->admit.open - (double)track_pending(g->f->track);

	return by_store < by_limit ? by_store : by_limit;
}

static enum gate_reason judge(struct gate *g, struct api_call *call, const struct service_tenant *t)
{
	double free = free_of(g);

	if (api_call_behind_ms(call) > BACKLOG_MS)
		return GATE_BACKLOG;
	/* The call itself is one of its connection's. */
	if (!admit_fair(free, t->in_flight, (double)api_call_open(call) - 1)) {
		admit_press(&g->admit);
		return free < 1 ? GATE_REDIS : GATE_SHARE;
	}
	return admit_take(&g->admit) ? GATE_OPEN : GATE_REDIS;
}

bool gate_enter(struct gate *g, struct api_call *call, struct gate_pass *pass)
{
	struct service_tenant *t = service_tenant(call);
	enum gate_reason reason = judge(g, call, t);

	if (reason != GATE_OPEN) {
		gate_refuse(g, call, reason, RETRY_MS);
		return false;
	}
	t->in_flight++;
	*pass = (struct gate_pass){ .tenant = t, .asked_us = clock_mono_us() };
	return true;
}

void gate_unasked(struct gate *g, struct api_call *call, enum err err)
{
	if (err == ERR_BUSY)
		gate_refuse(g, call, GATE_REDIS, RETRY_MS);
	else
		answer_unavailable(g->f, call);
}

void gate_leave(struct gate *g, struct gate_pass *pass)
{
	if (!pass->tenant)
		return;
	pass->tenant->in_flight--;
	pass->tenant = NULL;
	admit_leave(&g->admit);
}

void gate_answered(struct gate *g, struct gate_pass *pass)
{
	int64_t now_us = clock_mono_us();

	if (!pass->asked_us)
		return;
	admit_answered(&g->admit, now_us - pass->asked_us, now_us);
	pass->asked_us = 0;
}

void gate_status(const struct gate *g, struct json *j)
{
	json_open(j, "overload", '{');
	json_int(j, "send_limit", admit_limit(&g->admit));
	json_int(j, "send_in_flight", g->admit.open);
	json_open(j, "refused", '{');
	for (int i = GATE_OPEN + 1; i < GATE_REASONS; i++)
		json_int(j, reasons[i].name, (int64_t)stats_value(g->refused[i]));
	json_close(j, '}');
	json_close(j, '}');
}

void gate_refresh(const struct gate *g)
{
	stats_set(g->limit, admit_limit(&g->admit));
	stats_set(g->open, g->admit.open);
}
