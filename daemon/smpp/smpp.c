/*
 * smpp: implements smpp.h: start and stop of all SMSCs, messages to them and receipts from them. Owns all state of this
 * directory. Events of the binds in one loop turn reach the listener once, at the end of the turn. An SMSC keeps its
 * index while it exists; one that is leaving keeps it until it is closed.
 */
#include "base/clock.h"
#include "base/invariant.h"
#include "base/log.h"
#include "smpp/choice.h"
#include "smpp/configure.h"
#include "smpp/report.h"

#include <stdlib.h>
#include <string.h>

#define TOPIC "smpp"

/* --- at the end of a turn --- */

/* An SMSC that replaces one of the same name binds only when the binds of the replaced one are closed. */
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
			log_info(TOPIC, "smsc_removed smsc=%s", all->smsc.name);
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
		smpp_configure_finish(p);
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

/* --- start and stop --- */

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

/* --- messages --- */

struct smpp_pace smpp_route_pace(const struct smpp *p, int route, size_t most)
{
	const struct smpp_candidates c = { p->binds, smpp_smscs_route(p, route), clock_mono_ms() };

	return c.route ? smpp_choice_pace(&c, most) : (struct smpp_pace){ 0 };
}

enum err smpp_choose(const struct smpp *p, int route, const struct smpp_ask *ask, struct smpp_choice *out)
{
	const struct smpp_candidates c = { p->binds, smpp_smscs_route(p, route), clock_mono_ms() };

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
	struct smpp_route *r = smpp_smscs_route(p, choice->route);
	struct smpp_binds *all = choice->smsc < SMPP_SMSC_MAX ? p->binds[choice->smsc] : NULL;
	struct smpp_message sent = *m;

	/* A choice kept from an earlier loop turn may name an SMSC that the configuration no longer has. */
	if (!invariant(r && all))
		return ERR_BUSY;
	if (r->sender[0])
		sent.sender = r->sender;
	enum err err = smpp_binds_submit(all, &sent, fn, arg);
	if (!err)
		smpp_routes_used(r, choice->smsc, &choice->alike);
	return err;
}

/* --- receipts --- */

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

/* --- looking --- */

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
