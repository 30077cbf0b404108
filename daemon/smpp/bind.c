/*
 * bind: the states of one bind, the function that changes them and the functions that end a session. SMPP 3.4
 * sections 2.2, 7.2. session opens the connections.
 */
#include "smpp/bind.h"

#include "base/clock.h"
#include "base/invariant.h"
#include "base/log.h"
#include "base/secret.h"
#include "smpp/codec/encode.h"

#include <stddef.h>

#define TOPIC "smpp"
#define UNBIND_WAIT_MS 5000
#define STEADY_MS 60000 /* a session that was bound this long resets the back-off, even without traffic */
#define FAILURES_TOLD 3
#define TELL_EVERY_MS (15 * 60000)

#define TO(s) (1u << SMPP_STATE_##s)

static const struct {
	const char *name;
	unsigned next;            /* legal next states */
	size_t lasts_option;      /* offset of the option in smpp_smsc_opts that limits the state; 0: lasts_ms */
	uint32_t lasts_ms;        /* 0: no limit */
	const char *late;         /* the reason when that limit ends the session */
	const char *likely_cause; /* likely causes when tries end in this state, for the log */
} states[SMPP_STATE_MAX] = {
	[SMPP_STATE_CLOSED] = { "closed", TO(CONNECTING) | TO(CLOSED), 0, 0, NULL, "" },
	/* The link has its own connect timeout. */
	[SMPP_STATE_CONNECTING] = { "connecting", TO(BINDING) | TO(CLOSED), 0, 0, NULL,
	                            "host, port, TLS or a firewall" },
	[SMPP_STATE_BINDING] = { "binding", TO(BOUND) | TO(CLOSED), offsetof(struct smpp_smsc_opts, bind_timeout_ms), 0,
	                         "bind not answered",
	                         "an SMSC that hangs up instead of refusing: system_id, password, allowed addresses" },
	[SMPP_STATE_BOUND] = { "bound", TO(UNBINDING) | TO(CLOSED), 0, 0, NULL, "bound, and lost before any traffic" },
	[SMPP_STATE_UNBINDING] = { "unbinding", TO(CLOSED), 0, UNBIND_WAIT_MS, "unbind not answered",
	                           "lost before any traffic" },
};

const char *smpp_bind_state_name(enum smpp_bind_state s)
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

const char *smpp_bind_kind_name(enum smpp_bind_kind k)
{
	return kinds[k].name;
}

uint32_t smpp_bind_command(const struct smpp_bind *b)
{
	return kinds[b->kind].command;
}

const char *smpp_bind_late(const struct smpp_bind *b)
{
	return states[b->state].late;
}

static uint32_t lasts_ms(const struct smpp_bind *b, enum smpp_bind_state s)
{
	if (!states[s].lasts_option)
		return states[s].lasts_ms;
	return *(const uint32_t *)((const char *)&b->smsc->o + states[s].lasts_option);
}

void smpp_bind_enter(struct smpp_bind *b, enum smpp_bind_state to)
{
	enum smpp_bind_state from = b->state;
	uint32_t ms = lasts_ms(b, to);

	if (!(states[from].next & 1u << to)) {
		log_info(TOPIC, "illegal state smsc=%s bind=%u from=%s to=%s", b->smsc->name, b->number,
		         states[from].name, states[to].name);
		(void)invariant(states[from].next & 1u << to);
		return;
	}
	b->state = to;
	if (to == SMPP_STATE_BOUND)
		b->smsc->standing++;
	if (from == SMPP_STATE_BOUND)
		b->smsc->standing -= invariant(b->smsc->standing > 0);
	b->since_wall_ms = clock_wall_ms();
	if (ms)
		loop_timer_set(b->timer, clock_mono_ms() + ms);
	else
		loop_timer_stop(b->timer);
	if (from != to)
		log_info(TOPIC, "state smsc=%s bind=%u kind=%s old=%s new=%s reason=\"%s\"", b->smsc->name, b->number,
		         kinds[b->kind].name, states[from].name, states[to].name, b->reason);
	if (from == SMPP_STATE_BOUND || to == SMPP_STATE_BOUND || to == SMPP_STATE_CLOSED)
		smpp_notifier_state(b->env->notifier);
}

void smpp_bind_close(struct smpp_bind *b, const char *reason, uint32_t delay_ms)
{
	struct smpp_link *link = b->link;
	if (b->state == SMPP_STATE_CLOSED)
		return;
	b->reason = reason;
	b->link = NULL;
	if (b->state == SMPP_STATE_CONNECTING || b->state == SMPP_STATE_BINDING)
		b->misses++;
	b->next_try_ms = b->stopping ? 0 : clock_mono_ms() + delay_ms;
	loop_timer_stop(b->watch);
	smpp_link_close(link);
	smpp_bind_enter(b, SMPP_STATE_CLOSED);
	if (delay_ms && !b->stopping)
		loop_timer_set(b->timer, b->next_try_ms);
	smpp_submits_end(&b->submits);
}

/* A session that carried traffic does not count as a failure, however short it was. */
static bool carried(const struct smpp_bind *b)
{
	return (b->state == SMPP_STATE_BOUND || b->state == SMPP_STATE_UNBINDING) && b->submits.carried;
}

static bool steady(const struct smpp_bind *b)
{
	return b->state == SMPP_STATE_BOUND && clock_mono_ms() - b->bound_ms >= STEADY_MS;
}

/*
 * Returns the wait after a session that carried traffic. After a session shorter than reconnect_min the wait is
 * reconnect_min, so that the bind cannot reconnect in a tight loop.
 */
static uint32_t soon_ms(const struct smpp_bind *b)
{
	uint32_t least_ms = b->smsc->o.reconnect_min_ms;
	return clock_mono_ms() - b->bound_ms < least_ms ? least_ms : 1;
}

/* Warns the operator of a bind that fails again and again: at the third failure, then at most every 15 minutes. */
static void count_failure(struct smpp_bind *b, const char *reason)
{
	int64_t now_ms = clock_mono_ms();
	if (++b->failures < FAILURES_TOLD || (b->failures > FAILURES_TOLD && now_ms < b->told_ms + TELL_EVERY_MS))
		return;
	b->told_ms = now_ms;
	log_warn(TOPIC,
	         "bind fails smsc=%s bind=%u tries=%u state=%s host=%s port=%u reason=\"%s\" likely_cause=\"%s\"",
	         b->smsc->name, b->number, b->failures, states[b->state].name, b->smsc->hosts[b->host].host,
	         (unsigned)b->smsc->hosts[b->host].port, reason, states[b->state].likely_cause);
}

void smpp_bind_fail(struct smpp_bind *b, const char *reason)
{
	if (b->state == SMPP_STATE_CLOSED)
		return;
	bool good = carried(b);
	if (good || steady(b)) {
		backoff_reset(&b->backoff);
		b->failures = 0;
	}
	if (!good && !b->stopping)
		count_failure(b, reason);
	smpp_bind_close(b, reason, good ? soon_ms(b) : backoff_next_ms(&b->backoff, secret_random_u32()));
}

const char *smpp_bind_write_reason(enum err err)
{
	if (err == ERR_TOOBIG)
		return "peer does not read";
	return err == ERR_NOMEM ? "no memory" : "tls: broken";
}

bool smpp_bind_send(struct smpp_bind *b, uint32_t command, uint32_t status, uint32_t sequence)
{
	struct smpp_pdu pdu;
	if (!b->link || smpp_encode_plain(command, status, sequence, &pdu) != ERR_OK)
		return false;
	enum err err = smpp_link_write(b->link, pdu.octets, pdu.len);
	if (err)
		smpp_bind_fail(b, smpp_bind_write_reason(err));
	return !err;
}
