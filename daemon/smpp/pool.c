/*
 * pool: the door of the room: the SMSCs, the routes, their change while running, and the stop of all.
 * Owns everything in smpp/. What the binds tell in one turn of the loop reaches the listener once, at the turn's end.
 * An SMSC keeps its index while it exists; one that leaves keeps its own until its last answer.
 */
#include "base/clock.h"
#include "base/invariant.h"
#include "base/log.h"
#include "smpp/choice.h"
#include "smpp/pool.h"
#include "smpp/report.h"

#include <stdlib.h>
#include <string.h>

#define TOPIC "smpp"

struct smpp {
	struct smpp_bind_env env;
	struct smpp_notifier notifier;
	uint32_t epochs;                         /* sessions ever begun, of all binds */
	struct smpp_binds *binds[SMPP_SMSC_MAX]; /* by index; NULL: free */
	unsigned char configured[SMPP_SMSC_MAX]; /* indices in the order of the configuration */
	size_t configured_count;
	unsigned next_index; /* a free one is taken again as late as possible */
	struct smpp_routes routes;
	struct {
		bool open; /* in this turn the configuration changed: it may be taken back */
		struct smpp_routes routes;
		unsigned char configured[SMPP_SMSC_MAX];
		size_t configured_count;
		uint32_t fresh; /* mask of those that came */
	} former;
	bool started, stopping, stopped;
	struct loop_timer *drain;
	loop_fn done;
	void *done_arg;
};

/* A configuration that is to be taken: where each of its SMSCs will be. */
struct plan {
	const struct smpp_opts *opts;
	unsigned char index[SMPP_SMSC_MAX];
	struct smpp_binds *fresh[SMPP_SMSC_MAX]; /* NULL: it is there already */
};

/* --- at the end of a turn --- */

/* An SMSC whose account changed binds again when its former self is gone. */
static void start_smscs(struct smpp *p)
{
	for (size_t i = 0; p->started && !p->stopping && i < p->configured_count; i++) {
		struct smpp_binds *all = p->binds[p->configured[i]];
		bool waits = false;
		for (size_t j = 0; j < SMPP_SMSC_MAX && !all->started; j++)
			waits = waits || (p->binds[j] && p->binds[j]->leaving &&
			                  strcmp(p->binds[j]->smsc.name, all->smsc.name) == 0);
		if (!all->started && !waits)
			smpp_binds_start(all);
	}
}

static void settle(struct smpp *p)
{
	for (size_t i = 0; i < SMPP_SMSC_MAX; i++) {
		struct smpp_binds *all = p->binds[i];
		if (!all)
			continue;
		if (all->leaving && !p->stopping && smpp_binds_closed(all)) {
			log_info(TOPIC, "left smsc=%s", all->smsc.name);
			smpp_report_gone(all);
			smpp_binds_free(all);
			p->binds[i] = NULL;
		} else if (!all->leaving) {
			smpp_report_gone(all);
			smpp_binds_settle(all);
		}
	}
	start_smscs(p);
}

/* The change stands: who is configured no more answers what is in flight and unbinds. */
static void finish_change(struct smpp *p)
{
	uint32_t stays = 0;

	if (!p->former.open)
		return;
	p->former.open = false;
	smpp_routes_clear(&p->former.routes);
	for (size_t i = 0; i < p->configured_count; i++)
		stays |= UINT32_C(1) << p->configured[i];
	for (size_t i = 0; i < SMPP_SMSC_MAX; i++)
		if (p->binds[i] && !p->binds[i]->leaving && !(stays >> i & 1)) {
			log_info(TOPIC, "leaving smsc=%s", p->binds[i]->smsc.name);
			p->binds[i]->smsc.o.password = NULL;
			smpp_binds_stop(p->binds[i], false);
		}
}

static bool all_closed(const struct smpp *p)
{
	for (size_t i = 0; i < SMPP_SMSC_MAX; i++)
		if (p->binds[i] && !smpp_binds_closed(p->binds[i]))
			return false;
	return true;
}

static void on_turn_end(void *arg)
{
	struct smpp *p = arg;
	const struct smpp_listener *listener = p->notifier.listener;
	bool room, state;

	smpp_notifier_take(&p->notifier, &room, &state);
	if (state) {
		finish_change(p);
		settle(p);
		listener->on_state(listener->arg);
	}
	if (room && !p->stopping)
		listener->on_room(listener->arg);
	if (!p->stopping || p->stopped || !all_closed(p))
		return;
	p->stopped = true;
	loop_timer_stop(p->drain);
	p->done(p->done_arg);
}

/* --- taking a configuration --- */

static int find_configured(const struct smpp *p, const char *name)
{
	for (size_t i = 0; i < p->configured_count; i++)
		if (strcmp(p->binds[p->configured[i]]->smsc.name, name) == 0)
			return p->configured[i];
	return -1;
}

static int planned_index(void *arg, const char *name)
{
	const struct plan *plan = arg;

	for (size_t i = 0; i < plan->opts->smsc_count; i++)
		if (strcmp(plan->opts->smscs[i].name, name) == 0)
			return plan->index[i];
	return -1;
}

/* A free index that the plan did not give away; -1: none. */
static int free_index(struct smpp *p, const struct plan *plan, size_t planned)
{
	for (unsigned n = 0; n < SMPP_SMSC_MAX; n++) {
		unsigned at = (p->next_index + n) % SMPP_SMSC_MAX;
		bool taken = p->binds[at] != NULL;
		for (size_t i = 0; i < planned && !taken; i++)
			taken = plan->index[i] == at;
		if (taken)
			continue;
		p->next_index = (at + 1) % SMPP_SMSC_MAX;
		return (int)at;
	}
	return -1;
}

static enum err plan_smsc(struct smpp *p, struct plan *plan, size_t i)
{
	const struct smpp_smsc_opts *o = &plan->opts->smscs[i];
	int here = find_configured(p, o->name), index;

	if (here >= 0 && smpp_smsc_same(&p->binds[here]->smsc, o)) {
		plan->index[i] = (unsigned char)here;
		return smpp_smsc_check(o);
	}
	if ((index = free_index(p, plan, i)) < 0)
		return ERR_BUSY;
	plan->index[i] = (unsigned char)index;
	enum err err = smpp_binds_new(o, (unsigned)index, &p->env, &plan->fresh[i]);
	if (!err && here >= 0)
		smpp_smsc_inherit(&plan->fresh[i]->smsc, &p->binds[here]->smsc, clock_mono_ms());
	return err;
}

/* It was checked: only memory can be missing, and then the SMSC goes on as it was. */
static void reconfigure(struct smpp_binds *all, const struct smpp_smsc_opts *o)
{
	if (smpp_binds_configure(all, o) != ERR_OK)
		log_error(TOPIC, "no memory for the new options smsc=%s", all->smsc.name);
	all->smsc.o.password = o->password;
}

static void take_plan(struct smpp *p, const struct plan *plan, const struct smpp_routes *routes)
{
	p->former.open = true;
	p->former.routes = p->routes;
	memcpy(p->former.configured, p->configured, sizeof p->configured);
	p->former.configured_count = p->configured_count;
	p->former.fresh = 0;
	p->routes = *routes;
	memcpy(p->configured, plan->index, sizeof p->configured);
	p->configured_count = plan->opts->smsc_count;
	for (size_t i = 0; i < p->configured_count; i++) {
		if (plan->fresh[i]) {
			p->binds[p->configured[i]] = plan->fresh[i];
			p->former.fresh |= UINT32_C(1) << p->configured[i];
		} else {
			reconfigure(p->binds[p->configured[i]], &plan->opts->smscs[i]);
		}
	}
	smpp_notifier_state(&p->notifier);
	smpp_notifier_room(&p->notifier);
}

enum err smpp_configure(struct smpp *p, const struct smpp_opts *opts)
{
	struct plan plan = { .opts = opts };
	struct smpp_routes routes;
	enum err err = opts->smsc_count <= SMPP_SMSC_MAX ? ERR_OK : ERR_INVALID;

	finish_change(p);
	for (size_t i = 0; !err && i < opts->smsc_count; i++)
		err = plan_smsc(p, &plan, i);
	if (!err)
		err = smpp_routes_init(&routes, opts, planned_index, &plan);
	if (err) {
		for (size_t i = 0; i < SMPP_SMSC_MAX; i++)
			smpp_binds_free(plan.fresh[i]);
		return err;
	}
	take_plan(p, &plan, &routes);
	return ERR_OK;
}

void smpp_revert(struct smpp *p, const struct smpp_opts *former)
{
	if (!p->former.open)
		return;
	for (size_t i = 0; i < SMPP_SMSC_MAX; i++)
		if (p->former.fresh >> i & 1) {
			smpp_binds_free(p->binds[i]);
			p->binds[i] = NULL;
		}
	smpp_routes_clear(&p->routes);
	p->routes = p->former.routes;
	memcpy(p->configured, p->former.configured, sizeof p->configured);
	p->configured_count = p->former.configured_count;
	p->former.open = false;
	for (size_t i = 0; i < former->smsc_count; i++) {
		int here = find_configured(p, former->smscs[i].name);
		if (here >= 0)
			reconfigure(p->binds[here], &former->smscs[i]);
	}
}

enum err smpp_check(const struct smpp_opts *opts)
{
	enum err err = opts->smsc_count <= SMPP_SMSC_MAX ? ERR_OK : ERR_INVALID;

	for (size_t i = 0; i < opts->smsc_count; i++) {
		enum err its = smpp_smsc_check(&opts->smscs[i]);
		err = err ? err : its;
	}
	return err;
}

/* --- life --- */

static void stop_all(struct smpp *p, bool now)
{
	for (size_t i = 0; i < SMPP_SMSC_MAX; i++)
		if (p->binds[i])
			smpp_binds_stop(p->binds[i], now);
}

static void on_drained(void *arg)
{
	stop_all(arg, true);
}

enum err smpp_new(struct loop *loop, struct resolver *resolver, const struct smpp_opts *opts,
                  const struct smpp_listener *listener, struct smpp **out)
{
	struct smpp *p = calloc(1, sizeof *p);

	if (!p)
		return ERR_NOMEM;
	smpp_notifier_init(&p->notifier, loop, listener, on_turn_end, p);
	p->env = (struct smpp_bind_env){ loop, resolver, &p->notifier, &p->epochs };
	p->drain = loop_timer_new(loop, on_drained, p);
	enum err err = p->drain ? smpp_configure(p, opts) : ERR_NOMEM;
	if (err) {
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
	for (size_t i = 0; i < SMPP_SMSC_MAX; i++)
		smpp_binds_free(p->binds[i]);
	smpp_notifier_clear(&p->notifier);
	loop_timer_free(p->drain);
	smpp_routes_clear(&p->routes);
	if (p->former.open)
		smpp_routes_clear(&p->former.routes);
	free(p);
}

void smpp_start(struct smpp *p)
{
	p->started = true;
	start_smscs(p);
}

void smpp_stop(struct smpp *p, int64_t deadline_ms, loop_fn done, void *arg)
{
	p->stopping = true;
	p->done = done;
	p->done_arg = arg;
	stop_all(p, false);
	loop_timer_set(p->drain, deadline_ms);
	smpp_notifier_state(&p->notifier);
}

/* --- choosing --- */

int smpp_route(const struct smpp *p, const struct msisdn *to)
{
	return smpp_routes_find(&p->routes, to);
}

size_t smpp_routes(const struct smpp *p)
{
	return p->routes.count;
}

static struct smpp_route *route_at(const struct smpp *p, int route)
{
	return route >= 0 && (size_t)route < p->routes.count ? &p->routes.all[route] : NULL;
}

uint32_t smpp_route_mask(const struct smpp *p, int route)
{
	const struct smpp_route *r = route_at(p, route);

	return r ? r->mask : 0;
}

struct smpp_pace smpp_route_pace(const struct smpp *p, int route)
{
	const struct smpp_candidates c = { p->binds, route_at(p, route), clock_mono_ms() };

	return c.route ? smpp_choice_pace(&c) : (struct smpp_pace){ 0 };
}

enum err smpp_choose(const struct smpp *p, int route, const struct smpp_ask *ask, struct smpp_choice *out)
{
	const struct smpp_candidates c = { p->binds, route_at(p, route), clock_mono_ms() };

	if (!c.route)
		return ERR_NOTFOUND;
	if (p->stopping)
		return ERR_UNAVAILABLE;
	out->route = route;
	return smpp_choice_make(&c, ask, out);
}

enum err smpp_submit(struct smpp *p, const struct smpp_choice *choice, const struct smpp_message *m, smpp_result_fn fn,
                     void *arg)
{
	struct smpp_route *r = route_at(p, choice->route);
	struct smpp_binds *all = choice->smsc < SMPP_SMSC_MAX ? p->binds[choice->smsc] : NULL;
	struct smpp_message sent = *m;

	/* The choice of another turn of the loop: the configuration may have changed since. */
	if (!invariant(r && all))
		return ERR_BUSY;
	if (r->sender[0])
		sent.sender = r->sender;
	enum err err = smpp_binds_submit(all, &sent, fn, arg);
	if (!err)
		smpp_routes_used(r, choice->smsc, choice->alike);
	return err;
}

void smpp_receipt_done(struct smpp *p, uint64_t token, bool stored)
{
	const struct smpp_token its = smpp_token_unpack(token);
	struct smpp_binds *all = p->binds[its.smsc];

	if (all)
		smpp_binds_answer(all, &its, stored);
}

void smpp_receipt_matched(struct smpp *p, unsigned smsc, enum smpp_msgid_mode mode)
{
	struct smpp_binds *all = smsc < SMPP_SMSC_MAX ? p->binds[smsc] : NULL;

	if (all && smpp_msgid_matched(&all->smsc.msgid, mode))
		log_info(TOPIC, "msgid_mode learned smsc=%s mode=%s", all->smsc.name,
		         smpp_msgid_mode_name(all->smsc.msgid.locked));
}

void smpp_receipt_hints(const struct smpp *p, unsigned smsc, const char *id, struct smpp_hints *out)
{
	const struct smpp_binds *all = smsc < SMPP_SMSC_MAX ? p->binds[smsc] : NULL;

	out->count = 0;
	if (all)
		smpp_msgid_hints(&all->smsc.msgid, id, out);
}

void smpp_receipt_hint(struct smpp *p, unsigned smsc, enum smpp_msgid_mode mode)
{
	struct smpp_binds *all = smsc < SMPP_SMSC_MAX ? p->binds[smsc] : NULL;

	if (all)
		smpp_hint_note(&all->smsc.hint, all->smsc.name, all->smsc.msgid.mode, mode);
}

bool smpp_unanswered(const struct smpp *p, unsigned smsc)
{
	return smsc < SMPP_SMSC_MAX && p->binds[smsc] && p->binds[smsc]->smsc.in_flight > 0;
}

/* --- looking --- */

const struct smpp_routes *smpp_pool_routes(const struct smpp *p)
{
	return &p->routes;
}

struct smpp_binds *smpp_pool_group(const struct smpp *p, unsigned smsc)
{
	struct smpp_binds *all = p->binds[smsc];

	return all && !all->leaving ? all : NULL;
}

unsigned smpp_bound(const struct smpp *p)
{
	unsigned n = 0;

	for (size_t i = 0; i < p->configured_count; i++)
		n += smpp_binds_can_send(p->binds[p->configured[i]]);
	return n;
}

size_t smpp_smscs(const struct smpp *p)
{
	return p->configured_count;
}

int smpp_smsc_find(const struct smpp *p, const char *name)
{
	return find_configured(p, name);
}

const char *smpp_smsc_name(const struct smpp *p, unsigned smsc)
{
	return smsc < SMPP_SMSC_MAX && p->binds[smsc] ? p->binds[smsc]->smsc.name : "";
}

void smpp_status(const struct smpp *p, struct json *j)
{
	int64_t now_ms = clock_mono_ms();

	json_open(j, "smscs", '[');
	for (size_t i = 0; i < p->configured_count; i++)
		smpp_report_smsc(p->binds[p->configured[i]], j, now_ms);
	for (size_t i = 0; i < SMPP_SMSC_MAX; i++)
		if (p->binds[i] && p->binds[i]->leaving && !p->stopping)
			smpp_report_smsc(p->binds[i], j, now_ms);
	json_close(j, ']');
	smpp_report_anomalies(j, p->binds, SMPP_SMSC_MAX);
}

void smpp_refresh(const struct smpp *p)
{
	int64_t now_ms = clock_mono_ms();

	for (size_t i = 0; i < p->configured_count; i++)
		smpp_report_gauges(p->binds[p->configured[i]], now_ms);
}
