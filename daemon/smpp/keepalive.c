/*
 * keepalive: watches for silence, unanswered enquire_link and incomplete PDUs, and times the end of a session that
 * drains. SMPP 3.4 sections 2.7, 7.2. One timer, the bind's watch, is set to the earliest of these times.
 */
#include "smpp/keepalive.h"

#include "base/clock.h"
#include "base/log.h"
#include "smpp/codec/encode.h"

#define TOPIC "smpp"
#define PROBE_MS 5000
#define LAST_WAIT_MS 2000
/* of response_timeout: after this much silence with submits in flight an enquire_link is sent */
#define QUIET_PERCENT 40

void smpp_keepalive_heard(struct smpp_bind *b, int64_t now_ms)
{
	b->heard_ms = now_ms;
	b->partial_ms = 0;
	if (!b->submits.doubted)
		return;
	b->submits.doubted = false;
	smpp_notifier_room(b->env->notifier);
}

static int64_t sooner(int64_t at_ms, int64_t other_ms)
{
	return other_ms < at_ms ? other_ms : at_ms;
}

/* The next enquire_link comes after a silence, sooner while submits are in flight. The timer may fire early, so this is
 * computed again each time it is due. */
static int64_t next_enquire_ms(const struct smpp_bind *b)
{
	int64_t idle_ms = b->heard_ms + b->smsc->o.enquire_interval_ms, since_ms = clock_mono_ms();
	int64_t quiet_ms = (int64_t)b->smsc->o.response_timeout_ms * QUIET_PERCENT / 100;
	const struct smpp_slot *due = smpp_window_due(b->submits.window);
	if (b->kind == SMPP_KIND_RECEIVER)
		return idle_ms;
	if (due)
		since_ms = due->sent_us / 1000 > b->heard_ms ? due->sent_us / 1000 : b->heard_ms;
	return sooner(idle_ms, since_ms + quiet_ms);
}

/* Any PDU shows that the SMSC answers. The enquire_link response may be queued behind other PDUs, so each PDU extends
 * the wait. */
static int64_t enquire_due_ms(const struct smpp_bind *b)
{
	int64_t since_heard_ms = b->heard_ms + b->enquire_answer_ms;
	return since_heard_ms > b->enquire_due_ms ? since_heard_ms : b->enquire_due_ms;
}

void smpp_keepalive_rearm(struct smpp_bind *b)
{
	const struct smpp_smsc_opts *o = &b->smsc->o;
	int64_t at_ms = INT64_MAX;
	if (b->drained_ms)
		at_ms = b->drained_ms;
	else if (b->enquire_sequence)
		at_ms = enquire_due_ms(b);
	else if (b->state == SMPP_STATE_BOUND)
		at_ms = next_enquire_ms(b);
	if (b->state == SMPP_STATE_BOUND && o->inactivity_ms)
		at_ms = sooner(at_ms, b->heard_ms + o->inactivity_ms);
	if (b->partial_ms)
		at_ms = sooner(at_ms, b->partial_ms + o->pdu_timeout_ms);
	if (at_ms != INT64_MAX)
		loop_timer_set(b->watch, at_ms);
}

static void enquire(struct smpp_bind *b, uint32_t answer_ms)
{
	uint32_t sequence = smpp_window_sequence(b->submits.window);
	if (!smpp_bind_send(b, SMPP_ENQUIRE_LINK, 0, sequence))
		return;
	b->enquire_sequence = sequence;
	b->enquire_answer_ms = answer_ms;
	b->enquire_due_ms = clock_mono_ms() + answer_ms;
	b->submits.doubted = smpp_window_due(b->submits.window) || b->submits.silent > 0;
	smpp_keepalive_rearm(b);
}

void smpp_keepalive_end_drained(struct smpp_bind *b)
{
	const char *reason = b->drain_reason;
	if (!b->unbind_asked || smpp_bind_send(b, SMPP_UNBIND_RESP, 0, b->unbind_sequence))
		smpp_bind_fail(b, reason);
}

void smpp_keepalive_drain(struct smpp_bind *b, const char *reason)
{
	if (b->drained_ms)
		return;
	b->drain_reason = reason;
	smpp_submits_halt(&b->submits);
	if (smpp_window_used(b->submits.window) == 0) {
		smpp_keepalive_end_drained(b);
		return;
	}
	b->drained_ms = clock_mono_ms() + LAST_WAIT_MS;
	smpp_keepalive_rearm(b);
	smpp_notifier_room(b->env->notifier);
}

void smpp_keepalive_due(void *arg)
{
	struct smpp_bind *b = arg;
	const struct smpp_smsc_opts *o = &b->smsc->o;
	int64_t now_ms = clock_mono_ms();
	if (b->drained_ms && now_ms >= b->drained_ms)
		smpp_keepalive_end_drained(b);
	else if (b->partial_ms && now_ms >= b->partial_ms + o->pdu_timeout_ms)
		smpp_bind_fail(b, "PDU not completed in time");
	else if (b->drained_ms)
		smpp_keepalive_rearm(b);
	else if (b->enquire_sequence && now_ms >= enquire_due_ms(b))
		smpp_bind_fail(b, "enquire_link not answered");
	else if (b->state == SMPP_STATE_BOUND && o->inactivity_ms && now_ms >= b->heard_ms + o->inactivity_ms)
		smpp_bind_fail(b, "inactivity");
	else if (b->state == SMPP_STATE_BOUND && !b->enquire_sequence && now_ms >= next_enquire_ms(b))
		enquire(b, o->enquire_timeout_ms);
	else
		smpp_keepalive_rearm(b);
}

void smpp_keepalive_probe(void *arg)
{
	struct smpp_bind *b = arg;
	if (b->state != SMPP_STATE_BOUND || b->drained_ms)
		return;
	log_warn(TOPIC, "submits not answered smsc=%s bind=%u probing=yes", b->smsc->name, b->number);
	if (!b->enquire_sequence) {
		enquire(b, PROBE_MS);
		return;
	}
	b->enquire_answer_ms = PROBE_MS;
	b->enquire_due_ms = sooner(b->enquire_due_ms, clock_mono_ms() + PROBE_MS);
	smpp_keepalive_rearm(b);
}
