/*
 * traffic: submits and their responses on one session.
 * The response timer counts from the write; a full window or a peer that does not read means stop.
 */
#include "smpp/traffic.h"

#include "base/invariant.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "smpp/codec/decode.h"
#include "smpp/codec/encode.h"

#define TOPIC "smpp"
#define BACKLOG_MAX 65536u
#define SILENT_MAX 3
#define LAST_FACTOR 3 /* so many times response_timeout after the write a submit is given up */
#define NACK_WINDOW_MS 60000
#define ANSWERS_SMOOTHED 64

static void finish(struct smpp_traffic *t, struct smpp_slot *s, struct smpp_result *r)
{
	smpp_result_fn fn = s->fn;
	void *arg = s->arg;
	r->smsc = t->account->index;
	t->sent_sum_us -= s->sent_us;
	if (s->deadline_ms == INT64_MAX)
		t->held -= invariant(t->held > 0);
	smpp_window_release(t->window, s);
	t->account->in_flight -= invariant(t->account->in_flight > 0);
	fn(arg, r);
}

/* One slot was held so long, answered or not: a mean at first, then smoothed. */
static void measure(struct smpp_traffic *t, int64_t held_us)
{
	if (t->measured < ANSWERS_SMOOTHED)
		t->measured++;
	t->answer_us += ((double)held_us - t->answer_us) / t->measured;
}

/* Beside one that is overdue, and has long to go, the next one may be due sooner than the timer stands. */
static void arm_answers(struct smpp_traffic *t, int64_t at_ms)
{
	if (at_ms == INT64_MAX || (loop_timer_armed(t->answers) && t->answers_ms <= at_ms))
		return;
	t->answers_ms = at_ms;
	loop_timer_set(t->answers, at_ms);
}

/* A late response is told to whoever wrote the message, while this session lives. */
static void give_up(struct smpp_traffic *t, struct smpp_slot *s)
{
	struct smpp_result r = { .outcome = SMPP_AMBIGUOUS, .message_id = "", .answer_us = -1 };
	measure(t, clock_mono_us() - s->sent_us);
	smpp_window_bury(t->window, s);
	finish(t, s, &r);
}

static void unanswered(struct smpp_traffic *t, struct smpp_slot *s, int64_t now_ms)
{
	s->silent = true;
	if (!smpp_health_unanswered(&t->account->health, s->sent_us / 1000, now_ms))
		return;
	log_warn(TOPIC, "unfit smsc=%s reason=breaker_open cause=\"submits not answered\"", t->account->name);
	stats_inc(t->account->openings);
}

/* The end of response_timeout: an SMSC that answers others meanwhile is slow; one that answers none is silent. */
static void time_out(struct smpp_traffic *t, struct smpp_slot *s, int64_t now_ms)
{
	stats_inc(t->account->timeouts);
	s->overdue = true;
	s->deadline_ms += (LAST_FACTOR - 1) * (int64_t)t->account->o.response_timeout_ms;
	if (t->answered_us > s->sent_us)
		return;
	t->silent++;
	unanswered(t, s, now_ms);
}

/* The SMSC answers, and none that was written later: in its order this one comes next. */
static bool comes_yet(const struct smpp_traffic *t, const struct smpp_slot *s)
{
	int64_t heard_us = clock_mono_us() - t->answered_us;
	return t->youngest_us < s->sent_us && heard_us < (int64_t)t->account->o.response_timeout_ms * 1000;
}

/* The answer can hardly come any more. */
static void lapse(struct smpp_traffic *t, struct smpp_slot *s, int64_t now_ms)
{
	if (comes_yet(t, s)) {
		s->deadline_ms = now_ms + t->account->o.response_timeout_ms;
		return;
	}
	if (!s->silent)
		unanswered(t, s, now_ms);
	if (!s->keep) {
		give_up(t, s);
		return;
	}
	s->deadline_ms = INT64_MAX;
	t->held++;
}

/* Why the session is of no use any more; NULL: it is. */
static const char *useless(const struct smpp_traffic *t, bool lapsed)
{
	unsigned width = smpp_width(&t->width, t->account->o.window);
	bool row = t->silent >= SILENT_MAX, full = t->silent >= width;
	if (lapsed ? row || full : row && full)
		return "submits not answered";
	return t->held * 2 >= width && t->held ? "half of the window without answers" : NULL;
}

static void on_answers_due(void *arg)
{
	struct smpp_traffic *t = arg;
	int64_t now_ms = clock_mono_ms();
	unsigned before = t->silent;
	bool lapsed = false;
	struct smpp_slot *s;
	while ((s = smpp_window_ripe(t->window, now_ms))) {
		if (s->overdue) {
			lapsed = true;
			lapse(t, s, now_ms);
		} else {
			time_out(t, s, now_ms);
		}
	}
	arm_answers(t, smpp_window_next_ms(t->window));
	const char *reason = useless(t, lapsed);
	if (reason)
		t->hooks.on_fault(t->hooks.arg, reason);
	else if (before < SILENT_MAX && t->silent >= SILENT_MAX)
		t->hooks.on_silent(t->hooks.arg);
	t->hooks.on_room(t->hooks.arg);
}

static void on_room_due(void *arg)
{
	struct smpp_traffic *t = arg;
	int64_t now_ms = clock_mono_ms(), wait_ms = smpp_throttle_wait_ms(&t->account->throttle, now_ms);
	if (wait_ms > 0)
		loop_timer_set(t->room, now_ms + wait_ms);
	else
		t->hooks.on_room(t->hooks.arg);
}

enum err smpp_traffic_init(struct smpp_traffic *t, struct loop *loop, struct smpp_account *account,
                           const struct smpp_traffic_hooks *hooks)
{
	*t = (struct smpp_traffic){ .loop = loop, .account = account, .hooks = *hooks };
	t->window = smpp_window_new();
	t->answers = loop_timer_new(loop, on_answers_due, t);
	t->room = loop_timer_new(loop, on_room_due, t);
	return t->window && t->answers && t->room ? ERR_OK : ERR_NOMEM;
}

void smpp_traffic_clear(struct smpp_traffic *t)
{
	loop_timer_free(t->answers);
	loop_timer_free(t->room);
	smpp_window_free(t->window);
}

void smpp_traffic_start(struct smpp_traffic *t, struct smpp_link *link)
{
	t->link = link;
	smpp_width_init(&t->width);
	t->silent = t->held = 0;
	t->answered_us = t->youngest_us = INT64_MIN / 2;
	t->answer_us = 0;
	t->measured = 0;
	t->stopped = t->doubted = false;
	t->nacks_ms[0] = t->nacks_ms[1] = INT64_MIN / 2;
}

void smpp_traffic_halt(struct smpp_traffic *t)
{
	t->stopped = true;
}

void smpp_traffic_end(struct smpp_traffic *t)
{
	int64_t now_ms = clock_mono_ms();
	struct smpp_slot *s;
	t->link = NULL;
	loop_timer_stop(t->answers);
	while ((s = smpp_window_oldest(t->window))) {
		struct smpp_result r = { .outcome = SMPP_AMBIGUOUS, .message_id = "", .answer_us = -1, .ended = true };
		if (!s->silent) /* those were counted when their time was over */
			smpp_health_lost(&t->account->health, s->sent_us / 1000, now_ms);
		finish(t, s, &r);
	}
}

/* A submit that waits longer than the others would keep the end of their time from being noticed. */
void smpp_traffic_reload(struct smpp_traffic *t)
{
	int64_t latest_ms = clock_mono_ms() + t->account->o.response_timeout_ms;
	for (struct smpp_slot *s = smpp_window_due(t->window); s; s = TAILQ_NEXT(s, by_age))
		s->deadline_ms = s->deadline_ms < latest_ms ? s->deadline_ms : latest_ms;
	arm_answers(t, smpp_window_next_ms(t->window));
}

bool smpp_traffic_open(const struct smpp_traffic *t)
{
	return t->link && !t->stopped && !t->doubted &&
	       smpp_window_used(t->window) < smpp_width(&t->width, t->account->o.window) &&
	       smpp_link_backlog(t->link) < BACKLOG_MAX;
}

double smpp_traffic_pace(const struct smpp_traffic *t)
{
	double held_us = t->answer_us;
	unsigned used = smpp_window_used(t->window), window = t->account->o.window;
	unsigned width = smpp_width(&t->width, window);
	/* It grows to the whole window as soon as it is asked for more, unless answers take long as it is. */
	if (t->width.late || t->answer_us * 2 > t->account->o.response_timeout_ms * 1e3)
		window = width;
	/* A full window that nobody answers tells before its answers do: those in it are on average half way. */
	if (used >= width) {
		double age_us = (double)clock_mono_us() - (double)t->sent_sum_us / used;
		held_us = age_us > held_us ? age_us : held_us;
	}
	return held_us > 0 ? window * 1e6 / held_us : 0;
}

static void arm_room(struct smpp_traffic *t, int64_t now_ms)
{
	int64_t wait_ms = smpp_throttle_wait_ms(&t->account->throttle, now_ms);
	if (wait_ms > 0 && !loop_timer_armed(t->room))
		loop_timer_set(t->room, now_ms + wait_ms);
}

static enum err write_submit(struct smpp_traffic *t, const struct smpp_message *m, uint32_t sequence)
{
	struct smpp_account *a = t->account;
	struct smpp_pdu pdu;
	const struct smpp_profile_submit submit = { .message = m,
		                                    .bare = a->health.bare,
		                                    .wall_ms = a->profile.validity == SMPP_VALIDITY_ABSOLUTE
		                                                   ? clock_wall_ms()
		                                                   : 0,
		                                    .sequence = sequence };
	if (smpp_profile_encode(&a->profile, &submit, &pdu) != ERR_OK)
		return ERR_INVALID;
	enum err err = smpp_link_write(t->link, pdu.octets, pdu.len);
	secret_wipe(pdu.octets, pdu.len);
	return err == ERR_OK ? ERR_OK : ERR_BUSY;
}

enum err smpp_traffic_submit(struct smpp_traffic *t, const struct smpp_message *m, smpp_result_fn fn, void *arg)
{
	struct smpp_account *a = t->account;
	int64_t now_us = clock_mono_us(), now_ms = now_us / 1000;
	if (!smpp_traffic_open(t) || smpp_throttle_wait_ms(&a->throttle, now_ms) > 0)
		return ERR_BUSY;
	if (!invariant(smpp_window_used(t->window) < SMPP_WINDOW_MAX))
		return ERR_BUSY;
	uint32_t sequence = smpp_window_sequence(t->window);
	enum err err = write_submit(t, m, sequence);
	if (err != ERR_OK)
		return err;
	struct smpp_slot *s = smpp_window_take(t->window, sequence);
	(void)smpp_throttle_take(&a->throttle, now_ms);
	smpp_health_sent(&a->health, now_ms);
	s->fn = fn;
	s->arg = arg;
	s->keep = m->keep;
	if (m->id) {
		s->id = *m->id;
		s->late = m->late;
	}
	s->destination = smpp_queue_full_hash(m->to->digits);
	s->place = smpp_window_used(t->window);
	s->sent_us = now_us;
	t->sent_sum_us += s->sent_us;
	s->deadline_ms = now_ms + a->o.response_timeout_ms;
	stats_inc(a->submits);
	a->in_flight++;
	arm_answers(t, s->deadline_ms);
	arm_room(t, now_ms);
	return ERR_OK;
}

static void throttled(struct smpp_traffic *t, int64_t sent_ms, int64_t now_ms)
{
	struct smpp_throttle *throttle = &t->account->throttle;
	bool fresh = smpp_throttle_event(throttle, sent_ms, now_ms);
	arm_room(t, now_ms);
	if (!fresh)
		return;
	stats_inc(t->account->throttles);
	log_warn(TOPIC, "throttled smsc=%s pause_ms=%lld rate=%.2f", t->account->name,
	         (long long)smpp_throttle_pause_left_ms(throttle, now_ms), throttle->now);
}

/* What a response means for the account; the action is what to do with the message. */
static const struct smpp_action *judge(struct smpp_traffic *t, const struct smpp_slot *s, uint32_t status,
                                       int64_t now_ms)
{
	struct smpp_account *a = t->account;
	const struct smpp_answer answer = { .action = smpp_status_action(&a->overrides, status),
		                            .destination = s->destination,
		                            .sent_ms = s->sent_us / 1000,
		                            .now_ms = now_ms };
	struct smpp_verdict v = smpp_health_note(&a->health, &answer);
	smpp_account_count_response(a, status, answer.action->class);
	if (v.action->effect == SMPP_EFFECT_THROTTLE)
		throttled(t, answer.sent_ms, now_ms);
	else if (v.action->class == SMPP_CLASS_ACCEPTED)
		smpp_throttle_accepted(&a->throttle, answer.sent_ms);
	if (v.alarm) {
		/* A breaker closes by itself; the others are for a person to set right. */
		log_write(v.action->effect == SMPP_EFFECT_BREAKER ? LOG_LEVEL_WARN : LOG_LEVEL_ERROR, TOPIC,
		          "unfit smsc=%s status=0x%08X reason=%s", a->name, (unsigned)status, v.alarm);
		stats_inc(a->openings);
	}
	return v.action;
}

/* Something of ours was answered. What answers nothing of ours is no sign that submits are served. */
static void heard(struct smpp_traffic *t, int64_t now_us)
{
	t->silent = 0;
	t->answered_us = now_us;
}

/* An answer that no slot waits for; false: to nothing of ours. It still tells of the account's throttling. */
static bool told_late(struct smpp_traffic *t, const struct smpp_header *h, struct smpp_result *r)
{
	struct smpp_tomb tomb;
	int64_t now_ms = clock_mono_ms();
	if (!smpp_window_exhume(t->window, h->sequence, &tomb))
		return false;
	heard(t, clock_mono_us());
	stats_inc(t->account->late);
	if (smpp_status_action(&t->account->overrides, h->status)->effect == SMPP_EFFECT_THROTTLE)
		throttled(t, now_ms - LAST_FACTOR * (int64_t)t->account->o.response_timeout_ms, now_ms);
	r->status = h->status;
	r->smsc = t->account->index;
	r->answer_us = -1;
	if (tomb.late.fn)
		tomb.late.fn(tomb.late.arg, &tomb.id, r);
	return true;
}

static void unexpected(struct smpp_traffic *t, const struct smpp_header *h, const struct smpp_response *resp)
{
	struct smpp_result r = { .outcome = smpp_status_action(&t->account->overrides, h->status)->outcome,
		                 .message_id = h->status == 0 ? resp->id : "" };
	if (!told_late(t, h, &r))
		smpp_account_count_anomalies(t->account, UINT32_C(1) << SMPP_ANOMALY_COMMAND);
}

/* An answer came to a submit in flight: how long it took tells how much of the window is of use. */
static void answered(struct smpp_traffic *t, const struct smpp_slot *s, int64_t now_us)
{
	const struct smpp_width_answer a = { .window = t->account->o.window,
		                             .place = s->place,
		                             .held_us = now_us - s->sent_us,
		                             .timeout_us = (int64_t)t->account->o.response_timeout_ms * 1000 };
	enum smpp_width_news news = smpp_width_note(&t->width, &a);
	if (news != SMPP_WIDTH_SAME)
		log_info(TOPIC, "window %s smsc=%s bind=%u submits=%u answer_ms=%lld",
		         news == SMPP_WIDTH_WHOLE ? "whole" : "narrowed", t->account->name, t->bind,
		         smpp_width(&t->width, a.window), (long long)(a.held_us / 1000));
	if (s->sent_us > t->youngest_us)
		t->youngest_us = s->sent_us;
	if (s->overdue)
		stats_inc(t->account->late);
	stats_observe_us(t->times, a.held_us);
	measure(t, a.held_us);
}

void smpp_traffic_response(struct smpp_traffic *t, const struct smpp_header *h, const uint8_t *body)
{
	struct smpp_response resp;
	struct smpp_slot *s = smpp_window_find(t->window, h->sequence);
	smpp_decode_submit_resp(body, h->length - SMPP_HEADER_LEN, h->status, &resp);
	if (resp.anomalies)
		smpp_account_count_anomalies(t->account, resp.anomalies);
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
		                 .again_ms = again ? action->same_ms : 0,
		                 .status = h->status,
		                 .message_id = h->status == 0 ? resp.id : "",
		                 .answer_us = now_us - s->sent_us };
	answered(t, s, now_us);
	t->carried = t->carried || action->class == SMPP_CLASS_ACCEPTED;
	if (resp.congestion >= 0)
		smpp_throttle_congestion(&t->account->throttle, resp.congestion, now_us / 1000);
	bool last = action->effect == SMPP_EFFECT_CLOSE;
	if (last)
		smpp_traffic_halt(t); /* what goes back to the queue now must not come here again */
	finish(t, s, &r);
	if (last)
		t->hooks.on_fault(t->hooks.arg, "submit answered: not bound");
	else
		t->hooks.on_room(t->hooks.arg);
}

bool smpp_traffic_nack(struct smpp_traffic *t, const struct smpp_header *h)
{
	struct smpp_slot *s = smpp_window_find(t->window, h->sequence);
	if (!s)
		return told_late(t, h, &(struct smpp_result){ .outcome = SMPP_LATER, .message_id = "" });
	int64_t now_us = clock_mono_us(), now_ms = now_us / 1000;
	struct smpp_result r = {
		.outcome = SMPP_LATER, .status = h->status, .message_id = "", .answer_us = now_us - s->sent_us
	};
	bool third = now_ms - t->nacks_ms[0] < NACK_WINDOW_MS;
	t->nacks_ms[0] = t->nacks_ms[1];
	t->nacks_ms[1] = now_ms;
	heard(t, now_us);
	smpp_account_count_response(t->account, h->status, SMPP_CLASS_SESSION);
	smpp_breaker_void(&t->account->health.breaker, s->sent_us / 1000);
	if (third)
		smpp_traffic_halt(t);
	finish(t, s, &r);
	if (third)
		t->hooks.on_fault(t->hooks.arg, "third generic_nack in a minute");
	else
		t->hooks.on_room(t->hooks.arg);
	return true;
}
