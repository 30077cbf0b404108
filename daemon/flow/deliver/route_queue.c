/*
 * route_queue: implements the sub-queues of a route, the number of messages due by each time, and the number of places
 * of each holder. Owns the counts, not the entries. It must never promise a message that the route cannot send before
 * its deadline.
 */
#include "route_queue.h"

#include "base/invariant.h"
#include "otp/admit.h"

#include <math.h>
#include <stdlib.h>
#include <sys/queue.h>

#define SLOT_MS 250
#define SLOTS 2048 /* time slots; together longer than the longest deadline, 300 s */
#define PAST 32    /* slots; an entry stays at most so long after its deadline */
#define CHAINS 256
#define PARTS 8    /* sub-queues; the first is for messages that avoid no SMSC; the last is shared if all are used */
#define SAFETY 0.9 /* part of the time to the deadline that is used, because the pace is an estimate */
#define RETRY_MS 1000
#define RETRY_MAX_MS 60000

/*
 * The places of a tenant (client 0, no group), or of one connection, whose group is the tenant. It exists while it
 * holds a place or has members.
 */
struct route_queue_share {
	LIST_ENTRY(route_queue_share) in_chain;
	struct route_queue_share *group;
	struct route_queue_who who;
	size_t held, members;
};

struct sub_queue {
	struct queue *queue; /* NULL: it was not needed yet */
	struct smsc_set avoid;
};

struct route_queue {
	size_t cap;
	struct sub_queue parts[PARTS];
	LIST_HEAD(route_queue_chain, route_queue_share) chains[CHAINS];
	unsigned due[SLOTS + 1]; /* places per time slot of their deadline; the last: due at once, before all others */
	size_t places;           /* sum of due */
	int64_t last;            /* no place is due later than this slot, counted since boot */
};

struct route_queue *route_queue_new(size_t cap)
{
	struct route_queue *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->cap = cap;
	l->parts[0].queue = queue_new(cap);
	if (!l->parts[0].queue) {
		free(l);
		return NULL;
	}
	return l;
}

void route_queue_free(struct route_queue *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < CHAINS; i++) {
		while (!LIST_EMPTY(&l->chains[i])) {
			struct route_queue_share *s = LIST_FIRST(&l->chains[i]);

			LIST_REMOVE(s, in_chain);
			free(s);
		}
	}
	for (size_t i = 0; i < PARTS; i++)
		queue_free(l->parts[i].queue);
	free(l);
}

void route_queues_free(struct route_queue **queues, size_t n)
{
	for (size_t i = 0; i < n; i++)
		route_queue_free(queues[i]);
	free(queues);
}

/* --- shares --- */

static size_t chain_of(const struct route_queue_who *who)
{
	uint64_t key = ((uint64_t)(uintptr_t)who->tenant >> 4) + who->client;

	return (size_t)((key * UINT64_C(0x9E3779B97F4A7C15)) >> 56) % CHAINS;
}

static struct route_queue_share *find(const struct route_queue *l, const struct route_queue_who *who)
{
	struct route_queue_share *s = LIST_FIRST(&l->chains[chain_of(who)]);

	while (s && (s->who.tenant != who->tenant || s->who.client != who->client))
		s = LIST_NEXT(s, in_chain);
	return s;
}

static struct route_queue_share *find_or_make(struct route_queue *l, const struct route_queue_who *who)
{
	struct route_queue_share *s = find(l, who);

	if (s || !(s = calloc(1, sizeof(*s))))
		return s;
	s->who = *who;
	LIST_INSERT_HEAD(&l->chains[chain_of(who)], s, in_chain);
	return s;
}

static void let_go(struct route_queue_share *s)
{
	if (s->held || s->members)
		return;
	LIST_REMOVE(s, in_chain);
	free(s);
}

/* Returns the share of the connection, or of the tenant if there is no connection. NULL: no tenant, or no memory. */
static struct route_queue_share *share_of(struct route_queue *l, const struct route_queue_who *who)
{
	const struct route_queue_who tenant = { who->tenant, 0 };
	struct route_queue_share *group = who->tenant ? find_or_make(l, &tenant) : NULL;
	struct route_queue_share *s = group && who->client ? find_or_make(l, who) : group;

	if (group && !s)
		let_go(group);
	if (s && s != group && !s->group) {
		s->group = group;
		group->members++;
	}
	return s;
}

static size_t held_by(const struct route_queue *l, const void *tenant, uint64_t client)
{
	const struct route_queue_who who = { tenant, client };
	const struct route_queue_share *s = find(l, &who);

	return s ? s->held : 0;
}

/* --- places --- */

struct route_queue_place route_queue_hold(struct route_queue *l, const struct route_queue_who *who, int64_t deadline_ms,
                                          int64_t now_ms)
{
	int64_t at = deadline_ms / SLOT_MS, furthest = now_ms / SLOT_MS + SLOTS - PAST - 2;

	if (at > furthest)
		at = furthest;
	struct route_queue_place place = { .share = share_of(l, who) };

	place.slot = (size_t)(deadline_ms > now_ms ? at % SLOTS : SLOTS) + 1;
	if (at > l->last)
		l->last = at;
	l->due[place.slot - 1]++;
	l->places++;
	if (place.share) {
		place.share->held++;
		if (place.share->group)
			place.share->group->held++;
	}
	return place;
}

void route_queue_drop(struct route_queue *l, struct route_queue_place *place)
{
	struct route_queue_share *s = place->share, *group = s ? s->group : NULL;

	if (!place->slot)
		return;
	l->due[place->slot - 1] -= invariant(l->due[place->slot - 1] > 0);
	l->places -= invariant(l->places > 0);
	*place = (struct route_queue_place){ 0 };
	if (!s)
		return;
	s->held -= invariant(s->held > 0);
	if (group) {
		group->held -= invariant(group->held > 0);
		if (!s->held)
			group->members -= invariant(group->members > 0);
	}
	let_go(s);
	if (group)
		let_go(group);
}

/*
 * Returns how many messages can still be queued ahead of those due after from_ms without making any of them late. part:
 * the share of the time to the deadline that may be used. A negative result is the number of messages that are late
 * already. HUGE_VAL: none is due after from_ms.
 */
static double slack(const struct route_queue *l, const struct smpp_pace *pace, int64_t now_ms, int64_t from_ms,
                    double part)
{
	int64_t now = now_ms / SLOT_MS, from = from_ms / SLOT_MS, last = l->last > from ? l->last : from;
	int64_t first = now > PAST ? now - PAST : 0, end = now + SLOTS - PAST - 1;
	double least = HUGE_VAL, waiting = (double)l->places;

	/* Backwards, because most messages are due near the last slot, and nothing before from_ms is looked at. */
	for (int64_t s = last < end ? last : end; s >= first && s >= from; s--) {
		unsigned due = l->due[s % SLOTS];

		if (!due && s > from)
			continue;
		double span_ms = (double)((s == from ? from_ms : s * SLOT_MS) - now_ms) * part - (double)pace->pause_ms;

		if (span_ms * pace->per_s / 1000 - waiting < least)
			least = span_ms * pace->per_s / 1000 - waiting;
		waiting -= due;
	}
	return least;
}

size_t route_queue_spare(const struct route_queue *l, const struct smpp_pace *pace, int64_t now_ms)
{
	double spare = slack(l, pace, now_ms, -SLOT_MS, 1);

	/* Recovered messages that wait are sent before all others. */
	if (l->due[SLOTS])
		return 0;
	if (spare >= (double)l->cap)
		return l->cap;
	return spare > 0 ? (size_t)spare : 0;
}

enum overload_reason route_queue_judge(const struct route_queue *l, const struct route_queue_ask *ask, int64_t now_ms,
                                       int64_t *retry_ms)
{
	double places = (double)ask->places, free = places;

	*retry_ms = RETRY_MS;
	if (ask->places == 0)
		return OVERLOAD_QUEUE;
	if (ask->pace.per_s > 0) {
		double more = slack(l, &ask->pace, now_ms, ask->deadline_ms, SAFETY);

		free = more < places ? more : places;
	}
	if (free <= 0) {
		double wait_ms = -free / ask->pace.per_s * 1000;

		if (wait_ms > RETRY_MS)
			*retry_ms = wait_ms < RETRY_MAX_MS ? (int64_t)wait_ms : RETRY_MAX_MS;
		return OVERLOAD_DEADLINE;
	}
	if (!ask->who.tenant || admit_fair(free, (double)held_by(l, ask->who.tenant, 0),
	                                   (double)held_by(l, ask->who.tenant, ask->who.client)))
		return OVERLOAD_NONE;
	return OVERLOAD_SHARE;
}

/* --- the queues --- */

/* Returns the sub-queue for this set of SMSCs. If there is no memory for a new one, returns the first. */
static struct queue *sub_queue_of(struct route_queue *l, const struct smsc_set *avoid)
{
	struct sub_queue *spare = NULL, *last = &l->parts[PARTS - 1];

	for (struct sub_queue *w = l->parts; w <= last; w++) {
		if (w->queue && smsc_set_same(&w->avoid, avoid))
			return w->queue;
		if (!spare && w != l->parts && (!w->queue || !queue_len(w->queue)))
			spare = w;
	}
	if (!spare)
		return last->queue;
	if (!spare->queue)
		spare->queue = queue_new(l->cap);
	spare->avoid = *avoid;
	return spare->queue ? spare->queue : l->parts[0].queue;
}

enum err route_queue_push(struct route_queue *l, struct queue_entry *e, const struct smsc_set *avoid)
{
	return queue_push(sub_queue_of(l, avoid), e);
}

void route_queue_remove(struct queue_entry *e)
{
	queue_remove(e);
}

struct queue_entry *route_queue_first(const struct route_queue *l, uint32_t stuck)
{
	struct queue_entry *first = NULL;

	for (size_t i = 0; i < PARTS; i++) {
		struct queue_entry *e = l->parts[i].queue && !(stuck >> i & 1) ? queue_first(l->parts[i].queue) : NULL;

		if (e && (!first || queue_before(e, first)))
			first = e;
	}
	return first;
}

uint32_t route_queue_part(const struct route_queue *l, const struct queue_entry *e)
{
	size_t i = 0;

	while (i < PARTS && l->parts[i].queue != e->queue)
		i++;
	/* If the entry were in no sub-queue, the caller would loop forever. Therefore all count as stuck then. */
	return invariant(i < PARTS) ? UINT32_C(1) << i : UINT32_MAX;
}

size_t route_queue_len(const struct route_queue *l)
{
	size_t len = 0;

	for (size_t i = 0; i < PARTS; i++)
		len += l->parts[i].queue ? queue_len(l->parts[i].queue) : 0;
	return len;
}
