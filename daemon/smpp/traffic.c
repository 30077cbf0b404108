/*
 * traffic: submits and their responses on one session.
 * The response timer counts from the write; a full window or a peer that does not read means stop.
 */
#include "smpp/traffic.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "otp/charset.h"
#include "smpp/decode.h"
#include "smpp/encode.h"

#include <stdio.h>
#include <string.h>

#define TOPIC "smpp"
#define BACKLOG_MAX 65536u
#define SILENT_MAX 3
#define NACK_WINDOW_MS 60000
#define ANSWERS_SMOOTHED 64

static void finish(struct smpp_traffic *t, struct smpp_slot *s, struct smpp_result *r)
{
	smpp_result_fn fn = s->fn;
	void *arg = s->arg;
	r->smsc = t->account->index;
	t->sent_sum_us -= s->sent_us;
	smpp_window_release(t->window, s);
	stats_set(t->account->window, smpp_window_used(t->window));
	fn(arg, r);
}

/* One slot was held so long, answered or not: a mean at first, then smoothed. */
static void measure(struct smpp_traffic *t, int64_t held_us)
{
	if (t->measured < ANSWERS_SMOOTHED)
		t->measured++;
	t->answer_us += ((double)held_us - t->answer_us) / t->measured;
}

static void arm_answers(struct smpp_traffic *t)
{
	const struct smpp_slot *oldest = smpp_window_oldest(t->window);
	if (oldest && !loop_timer_armed(t->answers))
		loop_timer_set(t->answers, oldest->deadline_ms);
}

static void on_answers_due(void *arg)
{
	struct smpp_traffic *t = arg;
	int64_t now_ms = clock_mono_ms();
	unsigned before = t->silent;
	struct smpp_slot *s;
	while ((s = smpp_window_oldest(t->window)) && s->deadline_ms <= now_ms) {
		struct smpp_result r = {.outcome = SMPP_AMBIGUOUS, .message_id = "", .answer_us = -1};
		smpp_window_bury(t->window, s->sequence);
		stats_inc(t->account->timeouts);
		measure(t, clock_mono_us() - s->sent_us);
		t->silent++;
		finish(t, s, &r);
	}
	arm_answers(t);
	if (before < SILENT_MAX && t->silent >= SILENT_MAX)
		t->hooks.on_silent(t->hooks.arg);
	t->hooks.on_room(t->hooks.arg);
}

static void on_room_due(void *arg)
{
	struct smpp_traffic *t = arg;
	int64_t now_ms = clock_mono_ms(), wait_ms = smpp_throttle_wait_ms(&t->throttle, now_ms);
	if (wait_ms > 0)
		loop_timer_set(t->room, now_ms + wait_ms);
	else
		t->hooks.on_room(t->hooks.arg);
}

enum err smpp_traffic_init(struct smpp_traffic *t, struct loop *loop, struct smpp_account *account,
                           const struct smpp_traffic_hooks *hooks)
{
	*t = (struct smpp_traffic){.loop = loop, .account = account, .hooks = *hooks};
	smpp_throttle_init(&t->throttle, account->o.rate, account->o.throttle_pause_ms, clock_mono_ms());
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
	t->silent = 0;
	t->answer_us = 0;
	t->measured = 0;
	t->stopped = false;
	t->nacks_ms[0] = t->nacks_ms[1] = INT64_MIN / 2;
}

void smpp_traffic_halt(struct smpp_traffic *t)
{
	t->stopped = true;
}

void smpp_traffic_end(struct smpp_traffic *t)
{
	struct smpp_slot *s;
	t->link = NULL;
	loop_timer_stop(t->answers);
	while ((s = smpp_window_oldest(t->window))) {
		struct smpp_result r = {.outcome = SMPP_AMBIGUOUS, .message_id = "", .answer_us = -1};
		finish(t, s, &r);
	}
}

static bool window_open(const struct smpp_traffic *t)
{
	return t->link && !t->stopped && t->silent < SILENT_MAX && smpp_window_used(t->window) < t->account->o.window &&
	       smpp_link_backlog(t->link) < BACKLOG_MAX;
}

bool smpp_traffic_room(struct smpp_traffic *t)
{
	return window_open(t) && smpp_throttle_wait_ms(&t->throttle, clock_mono_ms()) == 0;
}

double smpp_traffic_pace(const struct smpp_traffic *t)
{
	double held_us = t->answer_us;
	unsigned used = smpp_window_used(t->window), window = t->account->o.window;
	/* A full window that nobody answers tells before its answers do: those in it are on average half way. */
	if (used >= window) {
		double age_us = (double)clock_mono_us() - (double)t->sent_sum_us / used;
		held_us = age_us > held_us ? age_us : held_us;
	}
	double by_window = held_us > 0 ? window * 1e6 / held_us : t->throttle.now;
	return by_window < t->throttle.now ? by_window : t->throttle.now;
}

static void print_validity(const struct smpp_traffic *t, uint32_t validity_s, char out[17])
{
	uint32_t minutes = validity_s / 60 + (validity_s % 60 ? 1 : 0), hours = minutes / 60;
	out[0] = '\0';
	if (t->account->o.validity == SMPP_VALIDITY_NONE || minutes == 0)
		return;
	snprintf(out, 17, "0000%02u%02u%02u00000R", (unsigned)(hours / 24 % 32), (unsigned)(hours % 24),
	         (unsigned)(minutes % 60));
}

static enum err encode(const struct smpp_traffic *t, const struct smpp_message *m, uint32_t sequence,
                       struct smpp_pdu *pdu)
{
	enum charset set;
	uint8_t text[160];
	size_t units, len = sizeof text, utf8_len = strlen(m->text);
	char validity[17];
	if (charset_measure(m->text, utf8_len, &set, &units) != ERR_OK ||
	    charset_encode(set, m->text, utf8_len, text, &len) != ERR_OK)
		return ERR_INVALID;
	print_validity(t, m->validity_s, validity);
	struct smpp_submit_fields f = {
	    .service_type = t->account->service_type,
	    .sender = m->sender && m->sender[0] ? m->sender : t->account->sender,
	    .to = m->to->digits,
	    .validity = validity,
	    .receipt = t->account->o.receipts,
	    .data_coding = set == CHARSET_UCS2 ? 8 : 0,
	    .text = text,
	    .text_len = len,
	};
	enum err err = smpp_encode_submit(&f, sequence, pdu);
	secret_wipe(text, len);
	return err;
}

static void arm_room(struct smpp_traffic *t, int64_t now_ms)
{
	int64_t wait_ms = smpp_throttle_wait_ms(&t->throttle, now_ms);
	if (wait_ms > 0)
		loop_timer_set(t->room, now_ms + wait_ms);
}

enum err smpp_traffic_submit(struct smpp_traffic *t, const struct smpp_message *m, smpp_result_fn fn, void *arg)
{
	int64_t now_ms = clock_mono_ms();
	struct smpp_pdu pdu;
	if (!window_open(t) || smpp_throttle_wait_ms(&t->throttle, now_ms) > 0)
		return ERR_BUSY;
	uint32_t sequence = smpp_window_sequence(t->window);
	enum err err = encode(t, m, sequence, &pdu);
	if (err != ERR_OK)
		return ERR_INVALID;
	err = smpp_link_write(t->link, pdu.octets, pdu.len);
	secret_wipe(pdu.octets, pdu.len);
	if (err != ERR_OK)
		return ERR_BUSY;
	struct smpp_slot *s = smpp_window_take(t->window, sequence);
	(void)smpp_throttle_take(&t->throttle, now_ms);
	s->fn = fn;
	s->arg = arg;
	s->sent_us = clock_mono_us();
	t->sent_sum_us += s->sent_us;
	s->deadline_ms = now_ms + t->account->o.response_timeout_ms;
	stats_inc(t->account->submits);
	stats_set(t->account->window, smpp_window_used(t->window));
	arm_answers(t);
	arm_room(t, now_ms);
	return ERR_OK;
}

static void throttled(struct smpp_traffic *t)
{
	int64_t now_ms = clock_mono_ms();
	bool fresh = smpp_throttle_pause_left_ms(&t->throttle, now_ms) == 0;
	smpp_throttle_event(&t->throttle, now_ms);
	arm_room(t, now_ms);
	if (fresh)
		log_warn(TOPIC, "throttled smsc=%s pause_ms=%lld rate=%.2f", t->account->name,
		         (long long)smpp_throttle_pause_left_ms(&t->throttle, now_ms), t->throttle.now);
}

void smpp_traffic_response(struct smpp_traffic *t, const struct smpp_header *h, const uint8_t *body)
{
	struct smpp_response resp;
	struct smpp_slot *s = smpp_window_find(t->window, h->sequence);
	smpp_decode_submit_resp(body, h->length - SMPP_HEADER_LEN, h->status, &resp);
	if (resp.anomalies)
		smpp_account_count_anomalies(resp.anomalies);
	if (!s) {
		if (smpp_window_exhume(t->window, h->sequence))
			stats_inc(t->account->late);
		else
			smpp_account_count_anomalies(UINT32_C(1) << SMPP_ANOMALY_COMMAND);
		t->silent = 0;
		return;
	}
	enum smpp_class class = smpp_status_class(h->status);
	struct smpp_result r = { .outcome = smpp_class_outcome(class),
		                 .again_ms = smpp_class_again_ms(class),
		                 .status = h->status,
		                 .message_id = h->status == 0 ? resp.id : "",
		                 .answer_us = clock_mono_us() - s->sent_us };
	t->silent = 0;
	smpp_account_count_response(t->account, h->status, class);
	stats_observe_us(t->account->answer, r.answer_us);
	measure(t, r.answer_us);
	if (class == SMPP_CLASS_THROTTLE)
		throttled(t);
	else if (class == SMPP_CLASS_ACCEPTED)
		smpp_throttle_accepted(&t->throttle, clock_mono_ms());
	finish(t, s, &r);
	if (class == SMPP_CLASS_SESSION)
		t->hooks.on_fault(t->hooks.arg, "submit answered: not bound");
	else
		t->hooks.on_room(t->hooks.arg);
}

bool smpp_traffic_nack(struct smpp_traffic *t, const struct smpp_header *h)
{
	struct smpp_slot *s = smpp_window_find(t->window, h->sequence);
	if (!s)
		return false;
	struct smpp_result r = {.outcome = SMPP_LATER, .status = h->status, .message_id = "",
	                        .answer_us = clock_mono_us() - s->sent_us};
	int64_t now_ms = clock_mono_ms();
	bool third = now_ms - t->nacks_ms[0] < NACK_WINDOW_MS;
	t->nacks_ms[0] = t->nacks_ms[1];
	t->nacks_ms[1] = now_ms;
	t->silent = 0;
	smpp_account_count_response(t->account, h->status, SMPP_CLASS_SESSION);
	finish(t, s, &r);
	if (third)
		t->hooks.on_fault(t->hooks.arg, "third generic_nack in a minute");
	else
		t->hooks.on_room(t->hooks.arg);
	return true;
}

void smpp_traffic_reload(struct smpp_traffic *t)
{
	smpp_throttle_set(&t->throttle, t->account->o.rate, t->account->o.throttle_pause_ms, clock_mono_ms());
	t->hooks.on_room(t->hooks.arg);
}
