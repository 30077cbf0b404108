/*
 * pool: the door of the room: the SMSCs, the routes, which of them takes a message, and the stop of all.
 * Owns everything in smpp/. News of one turn of the loop goes up once: room and state are told at the turn's end.
 */
#include "base/clock.h"
#include "base/log.h"
#include "smpp/inbound.h"

#include <stdlib.h>
#include <string.h>

#define PREFIX_CAP 16
#define PAUSE_WORTH_WAITING_MS 3000 /* a longer pause sends a message to the next SMSC of its route */

struct route {
	char prefix[PREFIX_CAP];
	unsigned char smscs[SMPP_SMSC_MAX];
	size_t count;
	uint32_t mask;
};

struct member {
	struct smpp_account account;
	struct smpp_session session;
};

struct smpp {
	struct loop *loop;
	struct smpp_hooks hooks;
	struct member *members[SMPP_SMSC_MAX];
	size_t member_count;
	struct route *routes, *former; /* former: until the next reload, for smpp_revert */
	size_t route_count, former_count;
	struct loop_task tell;
	bool room_news, state_news, stopping, stopped;
	struct loop_timer *drain;
	loop_fn done;
	void *done_arg;
};

/* --- news --- */

static void tell(void *arg)
{
	struct smpp *p = arg;
	bool room = p->room_news, state = p->state_news;
	p->room_news = p->state_news = false;
	if (state)
		p->hooks.on_state(p->hooks.arg);
	if (room && !p->stopping)
		p->hooks.on_room(p->hooks.arg);
	if (!p->stopping || p->stopped)
		return;
	for (size_t i = 0; i < p->member_count; i++)
		if (p->members[i]->session.state != SMPP_STATE_CLOSED)
			return;
	p->stopped = true;
	loop_timer_stop(p->drain);
	p->done(p->done_arg);
}

static void on_room(void *arg)
{
	struct smpp *p = arg;
	p->room_news = true;
	loop_defer(p->loop, &p->tell);
}

static void on_state(void *arg)
{
	struct smpp *p = arg;
	p->state_news = true;
	loop_defer(p->loop, &p->tell);
}

static void on_receipt(void *arg, const struct smpp_receipt *receipt)
{
	struct smpp *p = arg;
	p->hooks.on_receipt(p->hooks.arg, receipt);
}

/* --- making --- */

static int find_smsc(const struct smpp_opts *o, const char *name)
{
	for (size_t i = 0; i < o->smsc_count; i++)
		if (strcmp(o->smscs[i].name, name) == 0)
			return (int)i;
	return -1;
}

static enum err make_route(const struct smpp_opts *o, const struct smpp_route_opts *in, struct route *r)
{
	size_t len = strlen(in->prefix);
	if (len >= PREFIX_CAP || strspn(in->prefix, "0123456789") != len || in->smsc_count == 0)
		return ERR_INVALID;
	memcpy(r->prefix, in->prefix, len + 1);
	for (size_t i = 0; i < in->smsc_count; i++) {
		int smsc = find_smsc(o, in->smscs[i]);
		if (smsc < 0)
			return ERR_INVALID;
		if (r->mask & UINT32_C(1) << smsc)
			continue;
		r->mask |= UINT32_C(1) << smsc;
		r->smscs[r->count++] = (unsigned char)smsc;
	}
	return ERR_OK;
}

static enum err make_routes(const struct smpp_opts *o, struct route **out)
{
	struct route *routes = calloc(o->route_count ? o->route_count : 1, sizeof *routes);
	enum err err = routes ? ERR_OK : ERR_NOMEM;
	for (size_t i = 0; err == ERR_OK && i < o->route_count; i++)
		err = make_route(o, &o->routes[i], &routes[i]);
	if (err != ERR_OK) {
		free(routes);
		return err;
	}
	*out = routes;
	return ERR_OK;
}

static enum err add_member(struct smpp *p, struct resolver *resolver, const struct smpp_smsc_opts *o)
{
	struct smpp_session_hooks hooks = {.arg = p, .on_room = on_room, .on_state = on_state, .on_receipt = on_receipt,
	                                   .on_data = smpp_inbound_data};
	struct member *m = calloc(1, sizeof *m);
	if (!m)
		return ERR_NOMEM;
	enum err err = smpp_account_set(&m->account, o, (unsigned)p->member_count);
	if (err != ERR_OK) {
		free(m);
		return err;
	}
	smpp_account_register(&m->account);
	p->members[p->member_count++] = m;
	return smpp_session_init(&m->session, p->loop, resolver, &m->account, &hooks);
}

static void on_drained(void *arg)
{
	struct smpp *p = arg;
	for (size_t i = 0; i < p->member_count; i++)
		smpp_session_stop(&p->members[i]->session, true);
}

enum err smpp_new(struct loop *loop, struct resolver *resolver, const struct smpp_opts *opts,
                  const struct smpp_hooks *hooks, struct smpp **out)
{
	if (opts->smsc_count > SMPP_SMSC_MAX)
		return ERR_INVALID;
	struct smpp *p = calloc(1, sizeof *p);
	if (!p)
		return ERR_NOMEM;
	p->loop = loop;
	p->hooks = *hooks;
	loop_task_init(&p->tell, tell, p);
	p->drain = loop_timer_new(loop, on_drained, p);
	enum err err = p->drain ? make_routes(opts, &p->routes) : ERR_NOMEM;
	p->route_count = err == ERR_OK ? opts->route_count : 0;
	for (size_t i = 0; err == ERR_OK && i < opts->smsc_count; i++)
		err = add_member(p, resolver, &opts->smscs[i]);
	if (err != ERR_OK) {
		smpp_free(p);
		return err;
	}
	*out = p;
	return ERR_OK;
}

void smpp_free(struct smpp *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->member_count; i++) {
		smpp_session_clear(&p->members[i]->session);
		free(p->members[i]);
	}
	loop_defer_cancel(p->loop, &p->tell);
	loop_timer_free(p->drain);
	free(p->former);
	free(p->routes);
	free(p);
}

void smpp_start(struct smpp *p)
{
	for (size_t i = 0; i < p->member_count; i++)
		smpp_session_start(&p->members[i]->session);
}

static enum err set_accounts(struct smpp *p, const struct smpp_opts *opts)
{
	enum err err = ERR_OK;
	for (size_t i = 0; err == ERR_OK && i < p->member_count; i++) {
		err = smpp_account_set(&p->members[i]->account, &opts->smscs[i], (unsigned)i);
		smpp_session_reload(&p->members[i]->session);
	}
	return err;
}

enum err smpp_configure(struct smpp *p, const struct smpp_opts *opts)
{
	struct route *routes;
	struct smpp_account scratch;
	if (opts->smsc_count != p->member_count)
		return ERR_BUSY;
	for (size_t i = 0; i < p->member_count; i++) {
		if (!smpp_account_same(&p->members[i]->account, &opts->smscs[i]))
			return ERR_BUSY;
		scratch = p->members[i]->account;
		if (smpp_account_set(&scratch, &opts->smscs[i], (unsigned)i) != ERR_OK)
			return ERR_INVALID;
	}
	enum err err = make_routes(opts, &routes);
	if (err != ERR_OK)
		return err;
	free(p->former);
	p->former = p->routes;
	p->former_count = p->route_count;
	p->routes = routes;
	p->route_count = opts->route_count;
	return set_accounts(p, opts);
}

void smpp_revert(struct smpp *p, const struct smpp_opts *former)
{
	if (!p->former)
		return;
	free(p->routes);
	p->routes = p->former;
	p->route_count = p->former_count;
	p->former = NULL;
	/* They were set once: that cannot fail now. */
	(void)!set_accounts(p, former);
}

/* --- choosing --- */

int smpp_route(const struct smpp *p, const struct msisdn *to)
{
	int best = -1;
	size_t best_len = 0;
	for (size_t i = 0; i < p->route_count; i++) {
		size_t len = strlen(p->routes[i].prefix);
		if (msisdn_has_prefix(to, p->routes[i].prefix) && (best < 0 || len > best_len)) {
			best = (int)i;
			best_len = len;
		}
	}
	return best;
}

size_t smpp_routes(const struct smpp *p)
{
	return p->route_count;
}

uint32_t smpp_route_mask(const struct smpp *p, int route)
{
	return route >= 0 && (size_t)route < p->route_count ? p->routes[route].mask : 0;
}

/* The first bound SMSC that is not in a long pause, else the first bound one. -1: none is bound. */
static int choose(const struct smpp *p, int route, uint32_t avoid)
{
	const struct route *r = &p->routes[route];
	int64_t now_ms = clock_mono_ms();
	int paused = -1;
	if ((r->mask & ~avoid) == 0)
		avoid = 0;
	for (size_t i = 0; i < r->count; i++) {
		unsigned smsc = r->smscs[i];
		const struct smpp_session *s = &p->members[smsc]->session;
		if (avoid >> smsc & 1 || s->state != SMPP_STATE_BOUND || s->traffic.stopped)
			continue;
		if (smpp_throttle_pause_left_ms(&s->traffic.throttle, now_ms) <= PAUSE_WORTH_WAITING_MS)
			return (int)smsc;
		if (paused < 0)
			paused = (int)smsc;
	}
	return paused;
}

bool smpp_room(const struct smpp *p, int route, uint32_t avoid)
{
	if (p->stopping || route < 0 || (size_t)route >= p->route_count)
		return false;
	int smsc = choose(p, route, avoid);
	return smsc >= 0 && smpp_traffic_room(&p->members[smsc]->session.traffic);
}

struct smpp_pace smpp_route_pace(const struct smpp *p, int route)
{
	if (route < 0 || (size_t)route >= p->route_count)
		return (struct smpp_pace){ 0 };
	int smsc = choose(p, route, 0);
	if (smsc < 0)
		return (struct smpp_pace){ .per_s = p->members[p->routes[route].smscs[0]]->account.o.rate };
	const struct smpp_traffic *t = &p->members[smsc]->session.traffic;
	return (struct smpp_pace){ .per_s = smpp_traffic_pace(t),
	                           .pause_ms = smpp_throttle_pause_left_ms(&t->throttle, clock_mono_ms()) };
}

enum err smpp_submit(struct smpp *p, const struct smpp_message *m, smpp_result_fn fn, void *arg, unsigned *smsc)
{
	int route = smpp_route(p, m->to);
	if (route < 0)
		return ERR_NOTFOUND;
	if (p->stopping)
		return ERR_UNAVAILABLE;
	int chosen = choose(p, route, m->avoid);
	if (chosen < 0)
		return ERR_UNAVAILABLE;
	*smsc = (unsigned)chosen;
	return smpp_traffic_submit(&p->members[chosen]->session.traffic, m, fn, arg);
}

void smpp_receipt_done(struct smpp *p, uint64_t token, bool stored)
{
	unsigned smsc = (unsigned)(token >> 59);
	if (smsc < p->member_count)
		smpp_inbound_answer(&p->members[smsc]->session, token, stored);
}

/* --- looking --- */

unsigned smpp_bound(const struct smpp *p)
{
	unsigned n = 0;
	for (size_t i = 0; i < p->member_count; i++)
		n += p->members[i]->session.state == SMPP_STATE_BOUND;
	return n;
}

size_t smpp_smscs(const struct smpp *p)
{
	return p->member_count;
}

const char *smpp_smsc_name(const struct smpp *p, unsigned smsc)
{
	return smsc < p->member_count ? p->members[smsc]->account.name : "";
}

static void write_member(const struct member *m, struct json *j, int64_t now_ms)
{
	const struct smpp_session *s = &m->session;
	json_open(j, NULL, '{');
	json_str(j, "name", m->account.name);
	json_str(j, "host", m->account.host);
	json_int(j, "port", m->account.o.port);
	json_str(j, "state", smpp_state_name(s->state));
	json_str(j, "reason", s->reason);
	json_bool(j, "bound", s->state == SMPP_STATE_BOUND);
	json_int(j, "since", s->since_wall_ms / 1000);
	json_int(j, "next_try_s", s->next_try_ms > now_ms ? (s->next_try_ms - now_ms + 999) / 1000 : 0);
	json_int(j, "window", m->account.o.window);
	json_int(j, "window_used", smpp_window_used(s->traffic.window));
	json_num(j, "rate", m->account.o.rate);
	json_num(j, "rate_now", s->traffic.throttle.now);
	json_num(j, "pace", smpp_traffic_pace(&s->traffic));
	json_bool(j, "throttled", smpp_throttle_pause_left_ms(&s->traffic.throttle, now_ms) > 0);
	json_close(j, '}');
}

void smpp_status(const struct smpp *p, struct json *j)
{
	int64_t now_ms = clock_mono_ms();
	json_open(j, "smscs", '[');
	for (size_t i = 0; i < p->member_count; i++)
		write_member(p->members[i], j, now_ms);
	json_close(j, ']');
}

void smpp_stop(struct smpp *p, int64_t deadline_ms, loop_fn done, void *arg)
{
	p->stopping = true;
	p->done = done;
	p->done_arg = arg;
	for (size_t i = 0; i < p->member_count; i++)
		smpp_session_stop(&p->members[i]->session, false);
	loop_timer_set(p->drain, deadline_ms);
	loop_defer(p->loop, &p->tell);
}
