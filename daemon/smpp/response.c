/*
 * response: applies the response to a submit to the message, to the throttle and health of the SMSC, and to the window.
 * Ends the submit. A late response, to a submit that was given up, is passed to the late function of that submit.
 */
#include "smpp/response.h"

#include "base/clock.h"
#include "base/log.h"
#include "smpp/codec/decode.h"

#define TOPIC "smpp"
#define NACK_WINDOW_MS 60000

static void throttled(struct smpp_submits *t, int64_t sent_ms, int64_t now_ms)
{
	struct smpp_throttle *throttle = &t->smsc->throttle;
	bool fresh = smpp_throttle_event(throttle, sent_ms, now_ms);
	smpp_submits_arm_room(t, now_ms);
	if (!fresh)
		return;
	stats_inc(t->smsc->throttles);
	log_warn(TOPIC, "throttled smsc=%s pause_ms=%lld rate=%.2f", t->smsc->name,
	         (long long)smpp_throttle_pause_left_ms(throttle, now_ms), throttle->now);
}

/* Applies the response to the SMSC. Returns the action for the message. */
static const struct smpp_action *judge(struct smpp_submits *t, const struct smpp_slot *s, uint32_t status,
                                       int64_t now_ms)
{
	struct smpp_smsc *smsc = t->smsc;
	const struct smpp_answer answer = { .action = smpp_status_action(&smsc->overrides, status),
		                            .destination = s->destination,
		                            .sent_ms = s->sent_us / 1000,
		                            .now_ms = now_ms };
	struct smpp_verdict v = smpp_health_note(&smsc->health, &answer);
	smpp_smsc_count_response(smsc, status, answer.action->class);
	if (v.action->effect == SMPP_EFFECT_THROTTLE)
		throttled(t, answer.sent_ms, now_ms);
	else if (v.action->class == SMPP_CLASS_ACCEPTED)
		smpp_throttle_accepted(&smsc->throttle, answer.sent_ms);
	if (v.alarm) {
		/* A breaker closes by itself. The other causes need the operator. */
		log_write(v.action->effect == SMPP_EFFECT_BREAKER ? LOG_LEVEL_WARN : LOG_LEVEL_ERROR, TOPIC,
		          "unfit smsc=%s status=0x%08X reason=%s", smsc->name, (unsigned)status, v.alarm);
		stats_inc(smsc->openings);
	}
	return v.action;
}

/* Call only for a response to one of our submits. Any other response does not show that submits are served. */
static void heard(struct smpp_submits *t, int64_t now_us)
{
	t->silent = 0;
	t->answered_us = now_us;
}

/*
 * Takes a response whose submit has no slot any more. Returns false if its sequence number was never used for a submit
 * or is forgotten. A throttling status still counts for the SMSC.
 */
static bool told_late(struct smpp_submits *t, const struct smpp_header *h, struct smpp_result *r)
{
	struct smpp_retired retired;
	int64_t now_ms = clock_mono_ms();
	if (!smpp_window_take_retired(t->window, h->sequence, &retired))
		return false;
	heard(t, clock_mono_us());
	stats_inc(t->smsc->late);
	if (smpp_status_action(&t->smsc->overrides, h->status)->effect == SMPP_EFFECT_THROTTLE)
		throttled(t, now_ms - SMPP_SUBMITS_LAST_FACTOR * (int64_t)t->smsc->o.response_timeout_ms, now_ms);
	r->status = h->status;
	r->smsc = t->smsc->index;
	r->answer_us = -1;
	r->late_tag = retired.late.tag;
	if (retired.late.fn)
		retired.late.fn(retired.late.arg, &retired.id, r);
	return true;
}

static void unexpected(struct smpp_submits *t, const struct smpp_header *h, const struct smpp_response *resp)
{
	struct smpp_result r = { .outcome = smpp_status_action(&t->smsc->overrides, h->status)->outcome,
		                 .message_id = h->status == 0 ? resp->id : "" };
	if (!told_late(t, h, &r))
		smpp_smsc_count_anomalies(t->smsc, UINT32_C(1) << SMPP_ANOMALY_COMMAND);
}

/* Measures the response to a submit in flight. The time it took sets how much of the window is used. */
static void answered(struct smpp_submits *t, const struct smpp_slot *s, int64_t now_us)
{
	const struct smpp_width_answer a = { .window = t->smsc->o.window,
		                             .place = s->place,
		                             .held_us = now_us - s->sent_us,
		                             .timeout_us = (int64_t)t->smsc->o.response_timeout_ms * 1000 };
	enum smpp_width_news news = smpp_width_note(&t->width, &a);
	if (news != SMPP_WIDTH_SAME)
		log_info(TOPIC, "window %s smsc=%s bind=%u submits=%u answer_ms=%lld",
		         news == SMPP_WIDTH_WHOLE ? "whole" : "narrowed", t->smsc->name, t->bind,
		         smpp_width(&t->width, a.window), (long long)(a.held_us / 1000));
	if (s->sent_us > t->youngest_us)
		t->youngest_us = s->sent_us;
	if (s->overdue)
		stats_inc(t->smsc->late);
	stats_observe_us(t->times, a.held_us);
	smpp_submits_measure(t, a.held_us);
}

void smpp_response_take(struct smpp_submits *t, const struct smpp_header *h, const uint8_t *body)
{
	struct smpp_response resp;
	struct smpp_slot *s = smpp_window_find(t->window, h->sequence);
	smpp_decode_submit_resp(body, h->length - SMPP_HEADER_LEN, h->status, &resp);
	if (resp.anomalies)
		smpp_smsc_count_anomalies(t->smsc, resp.anomalies);
	int64_t now_us = clock_mono_us();
	if (!s) {
		unexpected(t, h, &resp);
		return;
	}
	heard(t, now_us);
	const struct smpp_action *action = judge(t, s, h->status, now_us / 1000);
	bool again = action->same == SMPP_SAME_ONCE || action->same == SMPP_SAME_BARE;
	struct smpp_result r = { .outcome = action->outcome,
		                 .costs = action->cost,
		                 .session = action->class == SMPP_CLASS_SESSION,
		                 .again_ms = again ? action->same_ms : 0,
		                 .status = h->status,
		                 .message_id = h->status == 0 ? resp.id : "",
		                 .answer_us = now_us - s->sent_us };
	answered(t, s, now_us);
	t->carried = t->carried || action->class == SMPP_CLASS_ACCEPTED;
	if (resp.congestion >= 0)
		smpp_throttle_congestion(&t->smsc->throttle, resp.congestion, now_us / 1000);
	bool last = action->effect == SMPP_EFFECT_CLOSE;
	if (last)
		smpp_submits_halt(t); /* the message goes back to the queue and must not be sent on this bind again */
	smpp_submits_finish(t, s, &r);
	if (last)
		t->hooks.on_fault(t->hooks.arg, "submit answered: not bound");
	else
		t->hooks.on_room(t->hooks.arg);
}

bool smpp_response_nack(struct smpp_submits *t, const struct smpp_header *h)
{
	struct smpp_slot *s = smpp_window_find(t->window, h->sequence);
	if (!s)
		return told_late(t, h, &(struct smpp_result){ .outcome = SMPP_LATER, .message_id = "" });
	int64_t now_us = clock_mono_us(), now_ms = now_us / 1000;
	struct smpp_result r = { .outcome = SMPP_LATER,
		                 .session =
		                     smpp_status_action(&t->smsc->overrides, h->status)->class != SMPP_CLASS_THROTTLE,
		                 .status = h->status,
		                 .message_id = "",
		                 .answer_us = now_us - s->sent_us };
	bool third = now_ms - t->nacks_ms[0] < NACK_WINDOW_MS;
	t->nacks_ms[0] = t->nacks_ms[1];
	t->nacks_ms[1] = now_ms;
	heard(t, now_us);
	smpp_smsc_count_response(t->smsc, h->status, SMPP_CLASS_SESSION);
	smpp_breaker_void(&t->smsc->health.breaker, s->sent_us / 1000);
	if (third)
		smpp_submits_halt(t);
	smpp_submits_finish(t, s, &r);
	if (third)
		t->hooks.on_fault(t->hooks.arg, "third generic_nack in a minute");
	else
		t->hooks.on_room(t->hooks.arg);
	return true;
}
