/*
 * session: connects, binds, and tries again after a session ended (SMPP 3.4 section 2.2). Owns the link, timers and
 * submits of the bind. The time of the next try is set here, in bind.c and in refusal.c; the hook may_open can delay
 * it.
 */
#include "smpp/session.h"

#include "base/clock.h"
#include "base/invariant.h"
#include "base/log.h"
#include "base/secret.h"
#include "smpp/codec/encode.h"
#include "smpp/keepalive.h"
#include "smpp/refusal.h"

#define TOPIC "smpp"
#define HELD_MS 1000
#define EARLY_CAP 65536u

static void on_link_open(void *arg)
{
	struct smpp_bind *b = arg;
	struct smpp_pdu pdu;
	const struct smpp_smsc *smsc = b->smsc;
	struct smpp_bind_fields f = { .command = smpp_bind_command(b),
		                      .system_id = smsc->system_id,
		                      .system_type = smsc->system_type,
		                      .address_range = smsc->address_range,
		                      .addr_ton = smsc->o.addr_ton,
		                      .addr_npi = smsc->o.addr_npi,
		                      .password = smsc->o.password };
	int64_t refused_ms = smpp_refusal_left_ms(b->smsc);
	if (refused_ms > 0) {
		smpp_bind_close(b, "another bind of this SMSC was refused", (uint32_t)refused_ms);
		return;
	}
	b->tls_expiry_s = smpp_link_tls_expiry_s(b->link);
	smpp_window_reset(b->submits.window);
	b->bind_sequence = smpp_window_sequence(b->submits.window);
	if (smpp_encode_bind(&f, b->bind_sequence, &pdu) != ERR_OK) {
		smpp_bind_fail(b, "bind not packed");
		return;
	}
	enum err err = smpp_link_write(b->link, pdu.octets, pdu.len);
	secret_wipe(&pdu, sizeof pdu);
	if (err) {
		smpp_bind_fail(b, smpp_bind_write_reason(err));
		return;
	}
	smpp_bind_enter(b, SMPP_STATE_BINDING);
}

void smpp_session_refused(struct smpp_bind *b, uint32_t status)
{
	struct smpp_bind_action action = smpp_refusal_note(b, status);
	log_write(action.alarm ? LOG_LEVEL_ERROR : LOG_LEVEL_WARN, TOPIC,
	          "bind refused smsc=%s status=0x%08X reason=%s bind=%u others_bound=%u retry_ms=%u", b->smsc->name,
	          (unsigned)status, action.reason, b->number, b->smsc->standing, (unsigned)action.delay_ms);
	smpp_bind_close(b, action.reason, action.delay_ms);
}

void smpp_session_bound(struct smpp_bind *b)
{
	smpp_refusal_forget(b);
	b->misses = 0;
	b->reason = "";
	b->bound_ms = b->heard_ms = clock_mono_ms();
	b->submits.carried = false;
	if (b->kind != SMPP_KIND_RECEIVER)
		smpp_submits_start(&b->submits, b->link);
	smpp_bind_enter(b, SMPP_STATE_BOUND);
	smpp_keepalive_rearm(b);
	smpp_notifier_room(b->env->notifier);
}

static void on_submits_fault(void *arg, const char *reason)
{
	smpp_bind_fail(arg, reason);
}

static void on_submits_room(void *arg)
{
	struct smpp_bind *b = arg;
	bool bound = b->state == SMPP_STATE_BOUND, empty = smpp_window_used(b->submits.window) == 0;
	if (bound && empty && b->drained_ms)
		smpp_keepalive_end_drained(b);
	else if (bound && b->stopping)
		smpp_session_stop(b, false);
	smpp_notifier_room(b->env->notifier);
}

static void on_link_end(void *arg, enum err err, const char *reason)
{
	(void)err;
	smpp_bind_fail(arg, reason);
}

static void open_link(struct smpp_bind *b)
{
	const struct smpp_smsc *smsc = b->smsc;
	b->epoch = ++*b->env->epochs;
	b->host = (b->number + b->misses) % smsc->o.host_count;
	struct smpp_link_opts o = {
		.loop = b->env->loop,
		.resolver = b->env->resolver,
		.host = smsc->hosts[b->host].host,
		.port = smsc->hosts[b->host].port,
		.tls = smsc->tls,
		.connect_timeout_ms = b->smsc->o.connect_timeout_ms,
		.hooks = { .arg = b, .on_open = on_link_open, .on_data = b->hooks.on_data, .on_end = on_link_end },
	};
	if (b->opened_once)
		stats_inc(b->smsc->reconnects);
	b->opened_once = true;
	b->next_try_ms = 0;
	b->partial_ms = 0;
	buf_clear(&b->early);
	b->tls_expiry_s = 0;
	b->enquire_sequence = 0;
	b->drained_ms = 0;
	b->unbind_asked = false;
	smpp_bind_enter(b, SMPP_STATE_CONNECTING);
	b->link = smpp_link_open(&o);
	if (!b->link)
		smpp_bind_fail(b, "no memory");
}

static void try_open(struct smpp_bind *b)
{
	b->held = !b->hooks.may_open(b->hooks.arg, b);
	if (!b->held) {
		open_link(b);
		return;
	}
	int64_t now_ms = clock_mono_ms(), until_ms = b->smsc->refused_until_ms;
	b->next_try_ms = until_ms > now_ms ? until_ms : now_ms + HELD_MS;
	loop_timer_set(b->timer, b->next_try_ms);
}

static void on_timer(void *arg)
{
	struct smpp_bind *b = arg;
	const char *late = smpp_bind_late(b);

	if (b->state == SMPP_STATE_CLOSED)
		try_open(b);
	else if (invariant(late))
		smpp_bind_fail(b, late);
}

enum err smpp_session_init(struct smpp_bind *b, const struct smpp_bind_opts *opts)
{
	struct smpp_submits_hooks th = {
		.arg = b, .on_room = on_submits_room, .on_silent = smpp_keepalive_probe, .on_fault = on_submits_fault
	};
	const struct smpp_smsc_opts *o = &opts->smsc->o;
	*b = (struct smpp_bind){ .env = opts->env,
		                 .smsc = opts->smsc,
		                 .hooks = opts->hooks,
		                 .kind = opts->kind,
		                 .number = opts->number,
		                 .reason = "",
		                 .since_wall_ms = clock_wall_ms() };
	backoff_init(&b->backoff, o->reconnect_min_ms, o->reconnect_max_ms);
	buf_init(&b->early, EARLY_CAP);
	b->timer = loop_timer_new(b->env->loop, on_timer, b);
	b->watch = loop_timer_new(b->env->loop, smpp_keepalive_due, b);
	enum err err = smpp_submits_init(&b->submits, b->env->loop, b->smsc, &th);
	b->submits.times = smpp_smsc_answers(b->smsc, b->number);
	b->submits.bind = b->number;
	return b->timer && b->watch ? err : ERR_NOMEM;
}

void smpp_session_clear(struct smpp_bind *b)
{
	smpp_link_free(b->link);
	b->link = NULL;
	smpp_submits_clear(&b->submits);
	buf_clear(&b->early);
	loop_timer_free(b->timer);
	loop_timer_free(b->watch);
}

void smpp_session_start(struct smpp_bind *b)
{
	if (b->state == SMPP_STATE_CLOSED && !b->stopping)
		loop_timer_set(b->timer, clock_mono_ms());
}

void smpp_session_kick(struct smpp_bind *b)
{
	if (b->held && b->hooks.may_open(b->hooks.arg, b)) {
		smpp_session_start(b);
	} else if (smpp_refusal_lifted(b) && b->state == SMPP_STATE_CLOSED && !b->stopping) {
		b->next_try_ms = clock_mono_ms() + backoff_next_ms(&b->backoff, secret_random_u32());
		loop_timer_set(b->timer, b->next_try_ms);
	}
}

void smpp_session_stop(struct smpp_bind *b, bool now)
{
	b->stopping = true;
	smpp_submits_halt(&b->submits);
	if (b->state == SMPP_STATE_CLOSED) {
		b->next_try_ms = 0;
		loop_timer_stop(b->timer);
	} else if (b->state == SMPP_STATE_CONNECTING || b->state == SMPP_STATE_BINDING) {
		smpp_bind_close(b, "stopped", 0);
	} else if (b->state == SMPP_STATE_BOUND && (now || !smpp_window_due(b->submits.window))) {
		b->reason = "stopped";
		if (smpp_bind_send(b, SMPP_UNBIND, 0, smpp_window_sequence(b->submits.window)))
			smpp_bind_enter(b, SMPP_STATE_UNBINDING);
	}
}

void smpp_session_resume(struct smpp_bind *b)
{
	b->stopping = false;
	if (b->state == SMPP_STATE_BOUND && !b->drained_ms)
		b->submits.stopped = false;
	smpp_session_start(b);
}

void smpp_session_reload(struct smpp_bind *b)
{
	backoff_init(&b->backoff, b->smsc->o.reconnect_min_ms, b->smsc->o.reconnect_max_ms);
	smpp_submits_reload(&b->submits);
	if (b->state == SMPP_STATE_BOUND)
		smpp_keepalive_rearm(b);
	else if (b->state == SMPP_STATE_CLOSED && b->next_try_ms && !b->stopping)
		loop_timer_set(b->timer, clock_mono_ms()); /* the new configuration may have removed the cause */
}
