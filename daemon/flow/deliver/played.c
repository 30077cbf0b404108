/*
 * played: plays the answer of an SMSC at once, and the receipts later, by one timer for all. Owns the
 * receipts that are to come. They are only in memory, so a process that ends takes them along, as a telco loses some.
 */
#include "played.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/stats.h"
#include "flow/news/marks.h"
#include "flow/news/path.h"
#include "ops/funnel.h"
#include "overtaken.h"

#include <stdlib.h>

#define TOPIC "played"
#define RECEIPT_MS 500            /* after which a receipt comes that is not late */
#define AGAIN_MS 50               /* wait while too many marks are not confirmed */
#define RECEIPTS_MAX 100000       /* receipts to come; further ones are lost */
#define REFUSED_STATUS 0x0000000B /* ESME_RINVDSTADR, invalid destination address */
#define UNDELIVERABLE_ERROR "001" /* unknown subscriber */

struct played_receipt {
	struct queue_entry entry; /* must be the first member, for receipt_of */
	struct ident id;
	enum testnumber_outcome outcome;
};

_Static_assert(offsetof(struct played_receipt, entry) == 0, "receipt_of");

struct played {
	const struct deliver_uses *u;
	struct queue *receipts; /* NULL until the first */
	struct loop_timer *timer;
	struct stats_family sends;
	bool full; /* it was logged that a receipt was lost */
};

static struct played_receipt *receipt_of(struct queue_entry *e)
{
	return (struct played_receipt *)e;
}

static struct played_receipt *first(const struct played *p)
{
	struct queue_entry *e = p->receipts ? queue_first(p->receipts) : NULL;

	return e ? receipt_of(e) : NULL;
}

/* Marks the receipts that are due at that moment, as long as submits need not wait for the marks. */
static void mark_due(struct played *p, int64_t due_ms)
{
	for (struct played_receipt *r = first(p); r && r->entry.deadline_ms <= due_ms && marks_room(p->u->marks);
	     r = first(p)) {
		queue_remove(&r->entry);
		marks_played_receipt(p->u->marks, &r->id,
		                     r->outcome == TESTNUMBER_UNDELIVERABLE ? UNDELIVERABLE_ERROR : NULL);
		free(r);
	}
}

static void on_due(void *arg)
{
	struct played *p = arg;
	const int64_t now = clock_mono_ms();

	mark_due(p, now);
	const struct played_receipt *next = first(p);
	if (next)
		loop_timer_set(p->timer, next->entry.deadline_ms > now ? next->entry.deadline_ms : now + AGAIN_MS);
	else
		p->full = false;
}

struct played *played_new(const struct deliver_uses *u)
{
	const char *names[TESTNUMBER_OUTCOMES];
	struct played *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->u = u;
	p->timer = loop_timer_new(u->loop, on_due, p);
	if (!p->timer) {
		played_free(p);
		return NULL;
	}
	for (int o = 0; o < TESTNUMBER_OUTCOMES; o++)
		names[o] = o == TESTNUMBER_NONE ? NULL : testnumber_outcome_name((enum testnumber_outcome)o);
	p->sends = stats_family("otpgwd_test_sends_total", "SMS of test numbers that were played, not sent.", "outcome",
	                        names, TESTNUMBER_OUTCOMES);
	return p;
}

void played_free(struct played *p)
{
	if (!p)
		return;
	for (struct played_receipt *r = first(p); r; r = first(p)) {
		queue_remove(&r->entry);
		free(r);
	}
	queue_free(p->receipts);
	loop_timer_free(p->timer);
	free(p);
}

void played_stop(struct played *p)
{
	loop_timer_stop(p->timer);
	mark_due(p, clock_mono_ms() + RECEIPT_MS);
}

static bool keep(struct played *p, struct played_receipt *r)
{
	if (!p->receipts)
		p->receipts = queue_new(RECEIPTS_MAX);
	return p->receipts && queue_push(p->receipts, &r->entry) == ERR_OK;
}

/* Keeps the receipt of an SMS until it is due. */
static void receipt_later(struct played *p, const struct ident *id, const struct testnumber_play *play)
{
	const int64_t after_ms = play->outcome == TESTNUMBER_LATE ? (int64_t)play->late_s * 1000 : RECEIPT_MS;
	struct played_receipt *r = calloc(1, sizeof(*r));

	if (r) {
		r->id = *id;
		r->outcome = play->outcome;
		r->entry.deadline_ms = clock_mono_ms() + after_ms;
	}
	if (r && keep(p, r)) {
		loop_timer_set(p->timer, first(p)->entry.deadline_ms);
		return;
	}
	free(r);
	if (!p->full)
		log_warn(TOPIC, "receipts_lost max=%d", RECEIPTS_MAX);
	p->full = true;
}

static void play_accept(struct deliver *d, struct deliver_item *item)
{
	funnel_count(FUNNEL_SUBMITTED);
	funnel_count(FUNNEL_ACCEPTED);
	marks_played(d->u->marks, &item->id, item->code, !overtaken_charged(d->leases, item));
	if (item->payload.play.outcome != TESTNUMBER_LOST)
		receipt_later(d->played, &item->id, &item->payload.play);
	item_end(d, item);
}

void played_item(struct deliver *d, struct deliver_item *item)
{
	const enum testnumber_outcome outcome = item->payload.play.outcome;

	stats_inc(d->played->sends.of[outcome]);
	path_step(&item->id, "played", "outcome=%s", testnumber_outcome_name(outcome));
	switch (outcome) {
	case TESTNUMBER_THROTTLED:
		/* When it comes back to its queue, its deadline has passed, and so it fails. */
		item_wait(d, item, (uint32_t)(item->entry.deadline_ms - clock_mono_ms()));
		return;
	case TESTNUMBER_REFUSED:
		funnel_count(FUNNEL_SUBMITTED);
		item_fail(d, item, REASON_REFUSED, REFUSED_STATUS);
		return;
	case TESTNUMBER_OK:
	case TESTNUMBER_LATE:
	case TESTNUMBER_LOST:
	case TESTNUMBER_UNDELIVERABLE:
		play_accept(d, item);
		return;
	case TESTNUMBER_NONE:
	case TESTNUMBER_OUTCOMES:
		break;
	}
	/* The caller asks only for test numbers, so this cannot happen. */
	invariant(false);
	item_fail(d, item, REASON_REFUSED, 0);
}
