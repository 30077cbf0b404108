/*
 * session: the state machine of one bind. SMPP 3.4 sections 2.2, 2.7, 7.2.
 * One const table of states, one function that changes them, one that ends a session with its reason.
 */
#include "smpp/session.h"

#include "base/invariant.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "smpp/codec/encode.h"
#include "smpp/refusal.h"

#include <string.h>

#define TOPIC "smpp"
#define UNBIND_WAIT_MS 5000
#define STEADY_MS 60000 /* bound so long without traffic, and the back-off starts anew */
#define FAILURES_TOLD 3
#define TELL_EVERY_MS (15 * 60000)
#define PROBE_MS 5000
#define LAST_WAIT_MS 2000
#define QUIET_PERCENT 40 /* of the response timeout: nothing came for so long though submits wait */
#define HELD_MS 1000
#define EARLY_CAP 65536u

#define TO(s) (1u << SMPP_STATE_##s)

static const struct {
	const char *name;
	unsigned next; /* legal next states */
} states[SMPP_STATE_MAX] = {
	[SMPP_STATE_CLOSED] = { "closed", TO(CONNECTING) | TO(CLOSED) },
	[SMPP_STATE_CONNECTING] = { "connecting", TO(BINDING) | TO(CLOSED) },
	[SMPP_STATE_BINDING] = { "binding", TO(BOUND) | TO(CLOSED) },
	[SMPP_STATE_BOUND] = { "bound", TO(UNBINDING) | TO(CLOSED) },
	[SMPP_STATE_UNBINDING] = { "unbinding", TO(CLOSED) },
};

const char *smpp_state_name(enum smpp_state s)
{
	return (unsigned)s < SMPP_STATE_MAX ? states[s].name : "unknown";
}

static const struct {
	const char *name;
	uint32_t command;
} kinds[] = {
	[SMPP_KIND_TRANSCEIVER] = { "transceiver", SMPP_BIND_TRANSCEIVER },
	[SMPP_KIND_TRANSMITTER] = { "transmitter", SMPP_BIND_TRANSMITTER },
	[SMPP_KIND_RECEIVER] = { "receiver", SMPP_BIND_RECEIVER },
};

const char *smpp_kind_name(enum smpp_kind k)
{
	return kinds[k].name;
}

uint32_t smpp_session_bind_command(const struct smpp_session *s)
{
	return kinds[s->kind].command;
}

static void set_state(struct smpp_session *s, enum smpp_state to, uint32_t timeout_ms)
{
	enum smpp_state from = s->state;
	if (!(states[from].next & 1u << to)) {
		log_info(TOPIC, "illegal state smsc=%s bind=%u from=%s to=%s", s->account->name, s->number,
		         states[from].name, states[to].name);
		(void)invariant(states[from].next & 1u << to);
		return;
	}
	s->state = to;
	if (to == SMPP_STATE_BOUND)
		s->account->standing++;
	if (from == SMPP_STATE_BOUND)
		s->account->standing -= invariant(s->account->standing > 0);
	s->since_wall_ms = clock_wall_ms();
	if (timeout_ms)
		loop_timer_set(s->timer, clock_mono_ms() + timeout_ms);
	else
		loop_timer_stop(s->timer);
	if (from != to)
		log_info(TOPIC, "state smsc=%s bind=%u kind=%s old=%s new=%s reason=\"%s\"", s->account->name,
		         s->number, kinds[s->kind].name, states[from].name, states[to].name, s->reason);
	if (from == SMPP_STATE_BOUND || to == SMPP_STATE_BOUND || to == SMPP_STATE_CLOSED)
		smpp_notifier_state(s->env->notifier);
}

static void close_after(struct smpp_session *s, const char *reason, uint32_t delay_ms)
{
	struct smpp_link *link = s->link;
	if (s->state == SMPP_STATE_CLOSED)
		return;
	s->reason = reason;
	s->link = NULL;
	if (s->state == SMPP_STATE_CONNECTING || s->state == SMPP_STATE_BINDING)
		s->misses++;
	s->next_try_ms = s->stopping ? 0 : clock_mono_ms() + delay_ms;
	loop_timer_stop(s->watch);
	smpp_link_close(link);
	set_state(s, SMPP_STATE_CLOSED, s->stopping ? 0 : delay_ms);
	smpp_traffic_end(&s->traffic);
}

/* A session that carried traffic is no failure, however short it was. */
static bool carried(const struct smpp_session *s)
{
	return (s->state == SMPP_STATE_BOUND || s->state == SMPP_STATE_UNBINDING) && s->traffic.carried;
}

static bool steady(const struct smpp_session *s)
{
	return s->state == SMPP_STATE_BOUND && clock_mono_ms() - s->bound_ms >= STEADY_MS;
}

/* After a session that carried traffic: at once, but not in a loop. */
static uint32_t soon_ms(const struct smpp_session *s)
{
	uint32_t least_ms = s->account->o.reconnect_min_ms;
	return clock_mono_ms() - s->bound_ms < least_ms ? least_ms : 1;
}

/* What the tries that end in this state have in common. */
static const char *hint(enum smpp_state s)
{
	static const char *const hints[SMPP_STATE_MAX] = {
		[SMPP_STATE_CONNECTING] = "host, port, TLS or a firewall",
		[SMPP_STATE_BINDING] =
		    "an SMSC that hangs up instead of refusing: system_id, password, allowed addresses",
		[SMPP_STATE_BOUND] = "bound, and lost before any traffic",
		[SMPP_STATE_UNBINDING] = "lost before any traffic",
	};
	return hints[s] ? hints[s] : "";
}

/* Somebody should know of a bind that does not come about: at the third try, and then seldom. */
static void count_failure(struct smpp_session *s, const char *reason)
{
	int64_t now_ms = clock_mono_ms();
	if (++s->failures < FAILURES_TOLD || (s->failures > FAILURES_TOLD && now_ms < s->told_ms + TELL_EVERY_MS))
		return;
	s->told_ms = now_ms;
	log_warn(TOPIC, "bind fails smsc=%s bind=%u tries=%u state=%s host=%s port=%u reason=\"%s\" look_at=\"%s\"",
	         s->account->name, s->number, s->failures, states[s->state].name, s->account->hosts[s->host].host,
	         (unsigned)s->account->hosts[s->host].port, reason, hint(s->state));
}

void smpp_session_fail(struct smpp_session *s, const char *reason)
{
	if (s->state == SMPP_STATE_CLOSED)
		return;
	bool good = carried(s);
	if (good || steady(s)) {
		backoff_reset(&s->backoff);
		s->failures = 0;
	}
	if (!good && !s->stopping)
		count_failure(s, reason);
	close_after(s, reason, good ? soon_ms(s) : backoff_next_ms(&s->backoff, secret_random_u32()));
}

static const char *write_reason(enum err err)
{
	if (err == ERR_TOOBIG)
		return "peer does not read";
	return err == ERR_NOMEM ? "no memory" : "tls: broken";
}

bool smpp_session_send(struct smpp_session *s, uint32_t command, uint32_t status, uint32_t sequence)
{
	struct smpp_pdu pdu;
	if (!s->link || smpp_encode_plain(command, status, sequence, &pdu) != ERR_OK)
		return false;
	enum err err = smpp_link_write(s->link, pdu.octets, pdu.len);
	if (err)
		smpp_session_fail(s, write_reason(err));
	return !err;
}

/* --- bind --- */

static void on_link_open(void *arg)
{
	struct smpp_session *s = arg;
	struct smpp_pdu pdu;
	const struct smpp_account *a = s->account;
	struct smpp_bind_fields f = { .command = kinds[s->kind].command,
		                      .system_id = a->system_id,
		                      .system_type = a->system_type,
		                      .address_range = a->address_range,
		                      .addr_ton = a->o.addr_ton,
		                      .addr_npi = a->o.addr_npi,
		                      .password = a->o.password };
	int64_t refused_ms = smpp_refusal_left_ms(s->account);
	if (refused_ms > 0) {
		close_after(s, "another bind of the account was refused", (uint32_t)refused_ms);
		return;
	}
	s->tls_expiry_s = smpp_link_tls_expiry_s(s->link);
	smpp_window_reset(s->traffic.window);
	s->bind_sequence = smpp_window_sequence(s->traffic.window);
	if (smpp_encode_bind(&f, s->bind_sequence, &pdu) != ERR_OK) {
		smpp_session_fail(s, "bind not packed");
		return;
	}
	enum err err = smpp_link_write(s->link, pdu.octets, pdu.len);
	secret_wipe(&pdu, sizeof pdu);
	if (err) {
		smpp_session_fail(s, write_reason(err));
		return;
	}
	set_state(s, SMPP_STATE_BINDING, s->account->o.bind_timeout_ms);
}

void smpp_session_refused(struct smpp_session *s, uint32_t status)
{
	struct smpp_bind_action action = smpp_refusal_note(s, status);
	log_write(action.alarm ? LOG_LEVEL_ERROR : LOG_LEVEL_WARN, TOPIC,
	          "bind refused smsc=%s status=0x%08X reason=%s bind=%u others_bound=%u retry_ms=%u", s->account->name,
	          (unsigned)status, action.reason, s->number, s->account->standing, (unsigned)action.delay_ms);
	close_after(s, action.reason, action.delay_ms);
}

void smpp_session_bound(struct smpp_session *s)
{
	smpp_refusal_forget(s);
	s->misses = 0;
	s->reason = "";
	s->bound_ms = s->heard_ms = clock_mono_ms();
	s->traffic.carried = false;
	if (s->kind != SMPP_KIND_RECEIVER)
		smpp_traffic_start(&s->traffic, s->link);
	set_state(s, SMPP_STATE_BOUND, 0);
	smpp_session_rearm(s);
	smpp_notifier_room(s->env->notifier);
}

/* --- keeping watch --- */

void smpp_session_heard(struct smpp_session *s, int64_t now_ms)
{
	s->heard_ms = now_ms;
	s->partial_ms = 0;
	if (!s->traffic.doubted)
		return;
	s->traffic.doubted = false;
	smpp_notifier_room(s->env->notifier);
}

static int64_t sooner(int64_t at_ms, int64_t other_ms)
{
	return other_ms < at_ms ? other_ms : at_ms;
}

/* After silence: soon while submits wait for their answers. Whether they do is looked at each time this comes due. */
static int64_t next_enquire_ms(const struct smpp_session *s)
{
	int64_t idle_ms = s->heard_ms + s->account->o.enquire_interval_ms, since_ms = clock_mono_ms();
	int64_t quiet_ms = (int64_t)s->account->o.response_timeout_ms * QUIET_PERCENT / 100;
	const struct smpp_slot *due = smpp_window_due(s->traffic.window);
	if (s->kind == SMPP_KIND_RECEIVER)
		return idle_ms;
	if (due)
		since_ms = due->sent_us / 1000 > s->heard_ms ? due->sent_us / 1000 : s->heard_ms;
	return sooner(idle_ms, since_ms + quiet_ms);
}

/* Any PDU is a sign of life: an answer that waits behind others is waited for as long as they come. */
static int64_t enquire_due_ms(const struct smpp_session *s)
{
	int64_t since_heard_ms = s->heard_ms + s->enquire_answer_ms;
	return since_heard_ms > s->enquire_due_ms ? since_heard_ms : s->enquire_due_ms;
}

void smpp_session_rearm(struct smpp_session *s)
{
	const struct smpp_smsc_opts *o = &s->account->o;
	int64_t at_ms = INT64_MAX;
	if (s->condemned_ms)
		at_ms = s->condemned_ms;
	else if (s->enquire_sequence)
		at_ms = enquire_due_ms(s);
	else if (s->state == SMPP_STATE_BOUND)
		at_ms = next_enquire_ms(s);
	if (s->state == SMPP_STATE_BOUND && o->inactivity_ms)
		at_ms = sooner(at_ms, s->heard_ms + o->inactivity_ms);
	if (s->partial_ms)
		at_ms = sooner(at_ms, s->partial_ms + o->pdu_timeout_ms);
	if (at_ms != INT64_MAX)
		loop_timer_set(s->watch, at_ms);
}

static void enquire(struct smpp_session *s, uint32_t answer_ms)
{
	uint32_t sequence = smpp_window_sequence(s->traffic.window);
	if (!smpp_session_send(s, SMPP_ENQUIRE_LINK, 0, sequence))
		return;
	s->enquire_sequence = sequence;
	s->enquire_answer_ms = answer_ms;
	s->enquire_due_ms = clock_mono_ms() + answer_ms;
	s->traffic.doubted = smpp_window_due(s->traffic.window) || s->traffic.silent > 0;
	smpp_session_rearm(s);
}

static void execute(struct smpp_session *s)
{
	const char *reason = s->verdict;
	if (!s->unbind_asked || smpp_session_send(s, SMPP_UNBIND_RESP, 0, s->unbind_sequence))
		smpp_session_fail(s, reason);
}

void smpp_session_condemn(struct smpp_session *s, const char *reason)
{
	if (s->condemned_ms)
		return;
	s->verdict = reason;
	smpp_traffic_halt(&s->traffic);
	if (smpp_window_used(s->traffic.window) == 0) {
		execute(s);
		return;
	}
	s->condemned_ms = clock_mono_ms() + LAST_WAIT_MS;
	smpp_session_rearm(s);
	smpp_notifier_room(s->env->notifier);
}

static void on_watch(void *arg)
{
	struct smpp_session *s = arg;
	const struct smpp_smsc_opts *o = &s->account->o;
	int64_t now_ms = clock_mono_ms();
	if (s->condemned_ms && now_ms >= s->condemned_ms)
		execute(s);
	else if (s->partial_ms && now_ms >= s->partial_ms + o->pdu_timeout_ms)
		smpp_session_fail(s, "PDU not completed in time");
	else if (s->condemned_ms)
		smpp_session_rearm(s);
	else if (s->enquire_sequence && now_ms >= enquire_due_ms(s))
		smpp_session_fail(s, "enquire_link not answered");
	else if (s->state == SMPP_STATE_BOUND && o->inactivity_ms && now_ms >= s->heard_ms + o->inactivity_ms)
		smpp_session_fail(s, "inactivity");
	else if (s->state == SMPP_STATE_BOUND && !s->enquire_sequence && now_ms >= next_enquire_ms(s))
		enquire(s, o->enquire_timeout_ms);
	else
		smpp_session_rearm(s);
}

static void on_traffic_silent(void *arg)
{
	struct smpp_session *s = arg;
	if (s->state != SMPP_STATE_BOUND || s->condemned_ms)
		return;
	log_warn(TOPIC, "submits not answered smsc=%s bind=%u probing=yes", s->account->name, s->number);
	if (!s->enquire_sequence) {
		enquire(s, PROBE_MS);
		return;
	}
	s->enquire_answer_ms = PROBE_MS;
	s->enquire_due_ms = sooner(s->enquire_due_ms, clock_mono_ms() + PROBE_MS);
	smpp_session_rearm(s);
}

static void on_traffic_fault(void *arg, const char *reason)
{
	smpp_session_fail(arg, reason);
}

static void on_traffic_room(void *arg)
{
	struct smpp_session *s = arg;
	bool bound = s->state == SMPP_STATE_BOUND, empty = smpp_window_used(s->traffic.window) == 0;
	if (bound && empty && s->condemned_ms)
		execute(s);
	else if (bound && s->stopping)
		smpp_session_stop(s, false);
	smpp_notifier_room(s->env->notifier);
}

/* --- opening and ending --- */

static void on_link_end(void *arg, enum err err, const char *reason)
{
	(void)err;
	smpp_session_fail(arg, reason);
}

static void open_link(struct smpp_session *s)
{
	const struct smpp_account *a = s->account;
	s->epoch = ++*s->env->epochs;
	s->host = (s->number + s->misses) % a->o.host_count;
	struct smpp_link_opts o = {
		.loop = s->env->loop,
		.resolver = s->env->resolver,
		.host = a->hosts[s->host].host,
		.port = a->hosts[s->host].port,
		.tls = a->tls,
		.connect_timeout_ms = s->account->o.connect_timeout_ms,
		.hooks = { .arg = s, .on_open = on_link_open, .on_data = s->hooks.on_data, .on_end = on_link_end },
	};
	if (s->opened_once)
		stats_inc(s->account->reconnects);
	s->opened_once = true;
	s->next_try_ms = 0;
	s->partial_ms = 0;
	buf_clear(&s->early);
	s->tls_expiry_s = 0;
	s->enquire_sequence = 0;
	s->condemned_ms = 0;
	s->unbind_asked = false;
	set_state(s, SMPP_STATE_CONNECTING, 0);
	s->link = smpp_link_open(&o);
	if (!s->link)
		smpp_session_fail(s, "no memory");
}

static void try_open(struct smpp_session *s)
{
	s->held = !s->hooks.may_open(s->hooks.arg, s);
	if (!s->held) {
		open_link(s);
		return;
	}
	int64_t now_ms = clock_mono_ms(), until_ms = s->account->refused_until_ms;
	s->next_try_ms = until_ms > now_ms ? until_ms : now_ms + HELD_MS;
	loop_timer_set(s->timer, s->next_try_ms);
}

static void on_timer(void *arg)
{
	struct smpp_session *s = arg;
	switch (s->state) {
	case SMPP_STATE_CLOSED:
		try_open(s);
		break;
	case SMPP_STATE_BINDING:
		smpp_session_fail(s, "bind not answered");
		break;
	case SMPP_STATE_UNBINDING:
		smpp_session_fail(s, "unbind not answered");
		break;
	case SMPP_STATE_CONNECTING: /* the link watches that */
	case SMPP_STATE_BOUND:
	case SMPP_STATE_MAX:
		break;
	}
}

enum err smpp_session_init(struct smpp_session *s, const struct smpp_session_opts *opts)
{
	struct smpp_traffic_hooks th = {
		.arg = s, .on_room = on_traffic_room, .on_silent = on_traffic_silent, .on_fault = on_traffic_fault
	};
	const struct smpp_smsc_opts *o = &opts->account->o;
	*s = (struct smpp_session){ .env = opts->env,
		                    .account = opts->account,
		                    .hooks = opts->hooks,
		                    .kind = opts->kind,
		                    .number = opts->number,
		                    .reason = "",
		                    .since_wall_ms = clock_wall_ms() };
	backoff_init(&s->backoff, o->reconnect_min_ms, o->reconnect_max_ms);
	buf_init(&s->early, EARLY_CAP);
	s->timer = loop_timer_new(s->env->loop, on_timer, s);
	s->watch = loop_timer_new(s->env->loop, on_watch, s);
	enum err err = smpp_traffic_init(&s->traffic, s->env->loop, s->account, &th);
	s->traffic.times = smpp_account_answers(s->account, s->number);
	s->traffic.bind = s->number;
	return s->timer && s->watch ? err : ERR_NOMEM;
}

void smpp_session_clear(struct smpp_session *s)
{
	smpp_link_free(s->link);
	s->link = NULL;
	smpp_traffic_clear(&s->traffic);
	buf_clear(&s->early);
	loop_timer_free(s->timer);
	loop_timer_free(s->watch);
}

void smpp_session_start(struct smpp_session *s)
{
	if (s->state == SMPP_STATE_CLOSED && !s->stopping)
		loop_timer_set(s->timer, clock_mono_ms());
}

void smpp_session_kick(struct smpp_session *s)
{
	if (s->held && s->hooks.may_open(s->hooks.arg, s)) {
		smpp_session_start(s);
	} else if (smpp_refusal_lifted(s) && s->state == SMPP_STATE_CLOSED && !s->stopping) {
		s->next_try_ms = clock_mono_ms() + backoff_next_ms(&s->backoff, secret_random_u32());
		loop_timer_set(s->timer, s->next_try_ms);
	}
}

void smpp_session_stop(struct smpp_session *s, bool now)
{
	s->stopping = true;
	smpp_traffic_halt(&s->traffic);
	if (s->state == SMPP_STATE_CLOSED) {
		s->next_try_ms = 0;
		loop_timer_stop(s->timer);
	} else if (s->state == SMPP_STATE_CONNECTING || s->state == SMPP_STATE_BINDING) {
		close_after(s, "stopped", 0);
	} else if (s->state == SMPP_STATE_BOUND && (now || !smpp_window_due(s->traffic.window))) {
		s->reason = "stopped";
		if (smpp_session_send(s, SMPP_UNBIND, 0, smpp_window_sequence(s->traffic.window)))
			set_state(s, SMPP_STATE_UNBINDING, UNBIND_WAIT_MS);
	}
}

void smpp_session_resume(struct smpp_session *s)
{
	s->stopping = false;
	if (s->state == SMPP_STATE_BOUND && !s->condemned_ms)
		s->traffic.stopped = false;
	smpp_session_start(s);
}

void smpp_session_reload(struct smpp_session *s)
{
	backoff_init(&s->backoff, s->account->o.reconnect_min_ms, s->account->o.reconnect_max_ms);
	smpp_traffic_reload(&s->traffic);
	if (s->state == SMPP_STATE_BOUND)
		smpp_session_rearm(s);
	else if (s->state == SMPP_STATE_CLOSED && s->next_try_ms && !s->stopping)
		loop_timer_set(s->timer, clock_mono_ms()); /* what kept it away may have been set right */
}
