/*
 * submits: writes the submits of one bind, waits for their responses and gives them up. response.c takes the responses.
 * The response timeout counts from the write of the submit. No submit is written while the window is full or the peer
 * does not read.
 */
#include "smpp/submits.h"

#include "base/clock.h"
#include "base/invariant.h"
#include "base/log.h"
#include "base/secret.h"

#define TOPIC "smpp"
#define BACKLOG_MAX 65536u
#define SILENT_MAX 3
#define ANSWERS_SMOOTHED 64

void smpp_submits_finish(struct smpp_submits *t, struct smpp_slot *s, struct smpp_result *r)
{
	smpp_result_fn fn = s->fn;
	void *arg = s->arg;
	r->smsc = t->smsc->index;
	if (invariant(t->sent_sum_us >= s->sent_us))
		t->sent_sum_us -= s->sent_us;
	if (s->deadline_ms == INT64_MAX)
		t->held -= invariant(t->held > 0);
	smpp_window_release(t->window, s);
	t->smsc->in_flight -= invariant(t->smsc->in_flight > 0);
	fn(arg, r);
}

/* Takes the plain mean of the first ANSWERS_SMOOTHED times, then an exponential average. */
void smpp_submits_measure(struct smpp_submits *t, int64_t held_us)
{
	if (t->measured < ANSWERS_SMOOTHED)
		t->measured++;
	t->answer_us += ((double)held_us - t->answer_us) / t->measured;
}

/* An overdue submit may have a later deadline than the submits after it, so the timer may have to move forward. */
static void arm_answers(struct smpp_submits *t, int64_t at_ms)
{
	if (at_ms == INT64_MAX || (loop_timer_armed(t->answers) && t->answers_ms <= at_ms))
		return;
	t->answers_ms = at_ms;
	loop_timer_set(t->answers, at_ms);
}

/* The window remembers the sequence number, so that a late response in this session reaches the
 * submit's late function. */
static void give_up(struct smpp_submits *t, struct smpp_slot *s)
{
	struct smpp_result r = { .outcome = SMPP_AMBIGUOUS, .message_id = "", .answer_us = -1 };
	smpp_submits_measure(t, clock_mono_us() - s->sent_us);
	smpp_window_retire(t->window, s);
	smpp_submits_finish(t, s, &r);
}

static void unanswered(struct smpp_submits *t, struct smpp_slot *s, int64_t now_ms)
{
	s->silent = true;
	if (!smpp_health_unanswered(&t->smsc->health, s->sent_us / 1000, now_ms))
		return;
	log_warn(TOPIC, "unfit smsc=%s reason=breaker_open cause=\"submits not answered\"", t->smsc->name);
	stats_inc(t->smsc->openings);
}

/* Called at the end of response_timeout. An SMSC that answered another submit meanwhile is slow, not silent. */
static void time_out(struct smpp_submits *t, struct smpp_slot *s, int64_t now_ms)
{
	stats_inc(t->smsc->timeouts);
	s->overdue = true;
	s->deadline_ms += (SMPP_SUBMITS_LAST_FACTOR - 1) * (int64_t)t->smsc->o.response_timeout_ms;
	if (t->answered_us > s->sent_us)
		return;
	t->silent++;
	unanswered(t, s, now_ms);
}

/* True if the SMSC still answers, but no submit younger than this one. It answers in order, so this response may still
 * come. */
static bool comes_yet(const struct smpp_submits *t, const struct smpp_slot *s)
{
	int64_t heard_us = clock_mono_us() - t->answered_us;
	return t->youngest_us < s->sent_us && heard_us < (int64_t)t->smsc->o.response_timeout_ms * 1000;
}

/* Gives up a submit whose last deadline has passed, unless its response may still come. */
static void lapse(struct smpp_submits *t, struct smpp_slot *s, int64_t now_ms)
{
	if (comes_yet(t, s)) {
		s->deadline_ms = now_ms + t->smsc->o.response_timeout_ms;
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

/* Returns the reason to end the session. NULL: there is none. */
static const char *useless(const struct smpp_submits *t, bool lapsed)
{
	unsigned width = smpp_width(&t->width, t->smsc->o.window);
	bool row = t->silent >= SILENT_MAX, full = t->silent >= width;
	if (lapsed ? row || full : row && full)
		return "submits not answered";
	return t->held * 2 >= width && t->held ? "half of the window without answers" : NULL;
}

static void on_answers_due(void *arg)
{
	struct smpp_submits *t = arg;
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
	struct smpp_submits *t = arg;
	int64_t now_ms = clock_mono_ms(), wait_ms = smpp_throttle_wait_ms(&t->smsc->throttle, now_ms);
	if (wait_ms > 0)
		loop_timer_set(t->room, now_ms + wait_ms);
	else
		t->hooks.on_room(t->hooks.arg);
}

enum err smpp_submits_init(struct smpp_submits *t, struct loop *loop, struct smpp_smsc *smsc,
                           const struct smpp_submits_hooks *hooks)
{
	*t = (struct smpp_submits){ .loop = loop, .smsc = smsc, .hooks = *hooks };
	t->window = smpp_window_new();
	t->answers = loop_timer_new(loop, on_answers_due, t);
	t->room = loop_timer_new(loop, on_room_due, t);
	return t->window && t->answers && t->room ? ERR_OK : ERR_NOMEM;
}

void smpp_submits_clear(struct smpp_submits *t)
{
	loop_timer_free(t->answers);
	loop_timer_free(t->room);
	smpp_window_free(t->window);
}

void smpp_submits_start(struct smpp_submits *t, struct smpp_link *link)
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

void smpp_submits_halt(struct smpp_submits *t)
{
	t->stopped = true;
}

void smpp_submits_end(struct smpp_submits *t)
{
	int64_t now_ms = clock_mono_ms();
	struct smpp_slot *s;
	t->link = NULL;
	loop_timer_stop(t->answers);
	while ((s = smpp_window_oldest(t->window))) {
		struct smpp_result r = { .outcome = SMPP_AMBIGUOUS, .message_id = "", .answer_us = -1, .ended = true };
		if (!s->silent) /* silent ones were counted at their timeout */
			smpp_health_lost(&t->smsc->health, s->sent_us / 1000, now_ms);
		smpp_submits_finish(t, s, &r);
	}
}

/*
 * smpp_window_ripe needs the deadlines in order, because a submit with a longer one would hide the timeout of those
 * behind it. Therefore no deadline may stay later than the new timeout.
 */
void smpp_submits_reload(struct smpp_submits *t)
{
	int64_t latest_ms = clock_mono_ms() + t->smsc->o.response_timeout_ms;
	for (struct smpp_slot *s = smpp_window_due(t->window); s; s = TAILQ_NEXT(s, by_age))
		s->deadline_ms = s->deadline_ms < latest_ms ? s->deadline_ms : latest_ms;
	arm_answers(t, smpp_window_next_ms(t->window));
}

bool smpp_submits_open(const struct smpp_submits *t)
{
	return t->link && !t->stopped && !t->doubted &&
	       smpp_window_used(t->window) < smpp_width(&t->width, t->smsc->o.window) &&
	       smpp_link_backlog(t->link) < BACKLOG_MAX;
}

double smpp_submits_pace(const struct smpp_submits *t)
{
	double held_us = t->answer_us;
	unsigned used = smpp_window_used(t->window), window = t->smsc->o.window;
	unsigned width = smpp_width(&t->width, window);
	/* The width grows to the whole window when more messages come, unless responses are slow already. */
	if (t->width.late || t->answer_us * 2 > t->smsc->o.response_timeout_ms * 1e3)
		window = width;
	/* A full window shows slowness before its responses arrive: the mean age of its submits is then a lower bound
	 * of the response time. */
	if (used >= width) {
		double age_us = (double)clock_mono_us() - (double)t->sent_sum_us / used;
		held_us = age_us > held_us ? age_us : held_us;
	}
	return held_us > 0 ? window * 1e6 / held_us : 0;
}

void smpp_submits_arm_room(struct smpp_submits *t, int64_t now_ms)
{
	int64_t wait_ms = smpp_throttle_wait_ms(&t->smsc->throttle, now_ms);
	if (wait_ms > 0 && !loop_timer_armed(t->room))
		loop_timer_set(t->room, now_ms + wait_ms);
}

static enum err write_submit(struct smpp_submits *t, const struct smpp_message *m, uint32_t sequence)
{
	struct smpp_smsc *smsc = t->smsc;
	struct smpp_pdu pdu;
	const struct smpp_profile_submit submit = { .message = m,
		                                    .bare = smsc->health.bare,
		                                    .wall_ms = smsc->profile.validity == SMPP_VALIDITY_ABSOLUTE
		                                                   ? clock_wall_ms()
		                                                   : 0,
		                                    .sequence = sequence };
	if (smpp_profile_encode(&smsc->profile, &submit, &pdu) != ERR_OK)
		return ERR_INVALID;
	enum err err = smpp_link_write(t->link, pdu.octets, pdu.len);
	secret_wipe(pdu.octets, pdu.len);
	return err == ERR_OK ? ERR_OK : ERR_BUSY;
}

enum err smpp_submits_write(struct smpp_submits *t, const struct smpp_message *m, smpp_result_fn fn, void *arg)
{
	struct smpp_smsc *smsc = t->smsc;
	int64_t now_us = clock_mono_us(), now_ms = now_us / 1000;
	if (!smpp_submits_open(t) || smpp_throttle_wait_ms(&smsc->throttle, now_ms) > 0)
		return ERR_BUSY;
	if (!invariant(smpp_window_used(t->window) < SMPP_WINDOW_MAX))
		return ERR_BUSY;
	uint32_t sequence = smpp_window_sequence(t->window);
	enum err err = write_submit(t, m, sequence);
	if (err != ERR_OK)
		return err;
	struct smpp_slot *s = smpp_window_take(t->window, sequence);
	(void)smpp_throttle_take(&smsc->throttle, now_ms);
	smpp_health_sent(&smsc->health, now_ms);
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
	s->deadline_ms = now_ms + smsc->o.response_timeout_ms;
	stats_inc(smsc->submits);
	smsc->in_flight++;
	arm_answers(t, s->deadline_ms);
	smpp_submits_arm_room(t, now_ms);
	return ERR_OK;
}
