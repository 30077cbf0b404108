/*
 * marks: sends marks of submits to Redis, and passes receipts on to receipts.c. Owns each mark until Redis confirms it.
 * A mark whose answer was lost is sent again. This does no harm, because a mark moves a record only forward, and the
 * function knows whether the message was queued again in between. The exception is a mark that gives back an overtaken
 * send: it must never be sent twice, because it would give back two sends.
 */
#include "marks.h"

#include "base/clock.h"
#include "base/copy.h"
#include "base/invariant.h"
#include "base/stats.h"
#include "ops/funnel.h"
#include "path.h"
#include "receipts.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define KEPT_MAX 100000
#define UNCONFIRMED_MAX                                                                                                \
	64 /* from here on nothing is submitted; a Redis that answers in a ms lets 64,000 a second through */
#define VALIDITY_MAX_S 600U
#define AGAIN_MS 250
#define AGAIN_MAX 1000 /* most marks per turn, so that they do not take all of redis.max_in_flight */

STAILQ_HEAD(kept_queue, kept);
LIST_HEAD(kept_list, kept);

struct kept {
	STAILQ_ENTRY(kept) in_waiting;
	LIST_ENTRY(kept) in_owed;
	struct marks *t;
	struct store_mark mark;
	char message_id[STORE_MESSAGE_ID_CAP], error[STORE_ERROR_CAP];
};

struct marks {
	const struct news_uses *u;
	struct kept_queue waiting; /* marks to be sent again, oldest first */
	struct kept_list *owed;    /* all marks that Redis has not confirmed; one list per partition */
	size_t pending;
	struct loop_timer *again;
	struct receipts *stash;
	struct stats_counter *lost;
	void (*on_room)(void *arg); /* NULL: nobody waits */
	void *on_room_arg;
};

static void on_again(void *arg);

struct marks *marks_new(const struct news_uses *u)
{
	struct marks *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->u = u;
	STAILQ_INIT(&t->waiting);
	t->owed = calloc(u->opts->partitions, sizeof(struct kept_list));
	t->stash = receipts_new(u);
	t->again = loop_timer_new(u->loop, on_again, t);
	t->lost = stats_counter("otpgwd_marks_lost_total", "Delivery marks given up because too many waited for Redis.",
	                        NULL);
	if (!t->owed || !t->stash || !t->again) {
		marks_free(t);
		return NULL;
	}
	return t;
}

void marks_free(struct marks *t)
{
	if (!t)
		return;
	while (!STAILQ_EMPTY(&t->waiting)) {
		struct kept *k = STAILQ_FIRST(&t->waiting);

		STAILQ_REMOVE_HEAD(&t->waiting, in_waiting);
		free(k);
	}
	receipts_free(t->stash);
	loop_timer_free(t->again);
	free(t->owed);
	free(t);
}

static void owe(struct kept *k)
{
	LIST_INSERT_HEAD(&k->t->owed[k->mark.id.partition], k, in_owed);
	k->t->pending++;
}

static void settle(struct kept *k)
{
	LIST_REMOVE(k, in_owed);
	k->t->pending -= invariant(k->t->pending > 0);
}

bool marks_owes(const struct marks *t, const struct ident *id)
{
	const struct kept *k;

	LIST_FOREACH(k, &t->owed[id->partition], in_owed) {
		if (k->mark.release && ident_same(&k->mark.id, id))
			return true;
	}
	return false;
}

/* Queues a mark to be sent again soon. Redis may refuse a mark (no memory, too many commands in flight) and stay up. */
static void keep(struct kept *k)
{
	if (!loop_timer_armed(k->t->again))
		loop_timer_set(k->t->again, clock_mono_ms() + AGAIN_MS);
	STAILQ_INSERT_TAIL(&k->t->waiting, k, in_waiting);
}

bool marks_room(const struct marks *t)
{
	return t->pending < UNCONFIRMED_MAX;
}

void marks_on_room(struct marks *t, void (*on_room)(void *arg), void *arg)
{
	t->on_room = on_room;
	t->on_room_arg = arg;
}

/* Redis has one mark less to confirm. */
static void end(struct kept *k)
{
	struct marks *t = k->t;
	bool was_full = !marks_room(t);

	settle(k);
	free(k);
	if (was_full && marks_room(t) && t->on_room)
		t->on_room(t->on_room_arg);
}

static void on_marked(void *arg, enum err err, enum store_marked marked)
{
	struct kept *k = arg;

	/*
	 * After an error it is not known whether the mark was executed. One that gives back an overtaken send is
	 * dropped, because a second one would give back another send. Any other is repeated.
	 */
	bool once = k->mark.unsent && !k->mark.send_deadline_ms;

	if (err && !once) {
		keep(k);
		return;
	}
	if (err) {
		end(k);
		return;
	}
	path_step(&k->mark.id, "marked", "delivery=%s reason=%s moved=%d", lifecycle_delivery_name(k->mark.delivery),
	          lifecycle_reason_name(k->mark.reason), marked != STORE_MARK_STALE);
	if (k->mark.delivery == DELIVERY_ACCEPTED && k->message_id[0])
		receipts_accepted(k->t->stash, k->mark.smsc_tag, k->message_id);
	if ((marked == STORE_MARK_MOVED || marked == STORE_MARK_RETURNED) && k->mark.delivery == DELIVERY_FAILED)
		funnel_count(FUNNEL_FAILED);
	if (marked == STORE_MARK_MOVED && k->mark.delivery == DELIVERY_DELIVERED)
		funnel_count(FUNNEL_DELIVERED);
	if (marked == STORE_MARK_RETURNED || marked == STORE_MARK_OVERTAKEN)
		funnel_count(FUNNEL_RETURNED);
	end(k);
}

static void send_mark(struct kept *k)
{
	if (store_mark(k->t->u->store, &k->mark, on_marked, k) != ERR_OK)
		keep(k);
}

static void mark(struct marks *t, const struct store_mark *m)
{
	struct kept *k = t->pending < KEPT_MAX ? calloc(1, sizeof(*k)) : NULL;

	if (!k) {
		/* The lease stays in Redis. When it runs out, the message is claimed and may be sent again. */
		stats_inc(t->lost);
		return;
	}
	k->t = t;
	k->mark = *m;
	copy_text(k->message_id, sizeof(k->message_id), m->message_id);
	copy_text(k->error, sizeof(k->error), m->error);
	k->mark.message_id = k->message_id[0] ? k->message_id : NULL;
	k->mark.error = k->error[0] ? k->error : NULL;
	owe(k);
	send_mark(k);
}

void marks_accepted(struct marks *t, const struct ident *id, const struct smpp_result *result, bool last)
{
	char message_id[SMPP_MESSAGE_ID_CAP];
	struct store_mark m = { .id = *id,
		                .delivery = DELIVERY_ACCEPTED,
		                .smsc_tag = smpp_smsc_tag(t->u->smpp, result->smsc),
		                .release = last };

	smpp_normalise_id(result->message_id, message_id);
	m.message_id = message_id;
	m.receipt_partition = keyring_receipt_partition(t->u->keys, m.smsc_tag, message_id);
	m.receipt_ms = (VALIDITY_MAX_S + t->u->opts->receipt_memory_s) * 1000U;
	mark(t, &m);
}

void marks_played(struct marks *t, const struct ident *id, bool last)
{
	const struct store_mark m = {
		.id = *id, .delivery = DELIVERY_ACCEPTED, .smsc_tag = TESTNUMBER_SMSC_TAG, .release = last
	};

	mark(t, &m);
}

void marks_played_receipt(struct marks *t, const struct ident *id, const char *undeliverable)
{
	const struct store_mark m = { .id = *id,
		                      .delivery = undeliverable ? DELIVERY_FAILED : DELIVERY_DELIVERED,
		                      .reason = undeliverable ? REASON_UNDELIVERABLE : REASON_NONE,
		                      .smsc_tag = TESTNUMBER_SMSC_TAG,
		                      .error = undeliverable };

	mark(t, &m);
}

void marks_failed(struct marks *t, const struct ident *id, const struct marks_failure *failure)
{
	const struct store_mark m = { .id = *id,
		                      .delivery = DELIVERY_FAILED,
		                      .reason = failure->reason,
		                      .error = failure->error,
		                      .release = true,
		                      .unsent = failure->unsent,
		                      .send_deadline_ms = failure->send_deadline_ms,
		                      .send_at_ms = failure->send_at_ms,
		                      .send_known = failure->send_known };

	mark(t, &m);
}

void marks_overtaken(struct marks *t, const struct ident *id, const struct marks_failure *failure)
{
	const struct store_mark m = {
		.id = *id, .unsent = true, .send_at_ms = failure->send_at_ms, .send_known = failure->send_known
	};

	mark(t, &m);
}

void marks_unanswered(struct marks *t, const struct ident *id, bool last)
{
	const struct store_mark m = {
		.id = *id, .delivery = DELIVERY_UNKNOWN, .reason = REASON_AMBIGUOUS, .release = last, .unanswered = true
	};

	mark(t, &m);
}

void marks_receipt(struct marks *t, const struct smpp_receipt *receipt)
{
	receipts_take(t->stash, receipt);
}

static void on_again(void *arg)
{
	struct marks *t = arg;
	struct kept *k = store_up(t->u->store) ? STAILQ_FIRST(&t->waiting) : NULL;
	size_t n = 0;

	for (; k && n < AGAIN_MAX; k = STAILQ_NEXT(k, in_waiting))
		n++;
	/* A mark that cannot be sent is queued again behind all of these. */
	for (; n; n--) {
		k = STAILQ_FIRST(&t->waiting);
		STAILQ_REMOVE_HEAD(&t->waiting, in_waiting);
		send_mark(k);
	}
	if (!STAILQ_EMPTY(&t->waiting) && !loop_timer_armed(t->again))
		loop_timer_set(t->again, clock_mono_ms() + AGAIN_MS);
}

void marks_resume(struct marks *t)
{
	on_again(t);
}

size_t marks_pending(const struct marks *t)
{
	return t->pending;
}
