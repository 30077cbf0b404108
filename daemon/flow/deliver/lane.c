/*
 * lane: a route's queues and their measure: how many are due before a moment, how many are whose.
 * Owns the counts, not the entries. Must never promise what the route cannot send before its deadline.
 */
#include "lane.h"

#include "base/invariant.h"
#include "otp/admit.h"

#include <math.h>
#include <stdlib.h>
#include <sys/queue.h>

#define SLOT_MS 250
#define SLOTS 2048 /* of time: more than the longest deadline, 300 s */
#define PAST 32    /* slots: entries wait at most so long past their deadline to be taken out */
#define CHAINS 256
#define WAYS 8     /* the first is for what may go to any SMSC; what finds none left shares the last */
#define SAFETY 0.9 /* of the time to the deadline: the pace is an estimate */
#define RETRY_MS 1000
#define RETRY_MAX_MS 60000

/* Of a tenant (client 0, no group), or of one connection within its group, the tenant. Lives while it holds any. */
struct lane_share {
	LIST_ENTRY(lane_share) in_chain;
	struct lane_share *group;
	struct lane_who who;
	size_t held, members;
};

struct lane_way {
	struct queue *queue; /* NULL: never needed */
	uint32_t avoid;
};

struct lane {
	size_t cap;
	struct lane_way ways[WAYS];
	LIST_HEAD(lane_chain, lane_share) chains[CHAINS];
	unsigned due[SLOTS + 1]; /* places by the time of their deadline; the last: at once, before all others */
	int64_t last;            /* no place is due later than this slot, in time since boot */
};

struct lane *lane_new(size_t cap)
{
	struct lane *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->cap = cap;
	l->ways[0].queue = queue_new(cap);
	if (!l->ways[0].queue) {
		free(l);
		return NULL;
	}
	return l;
}

void lane_free(struct lane *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < CHAINS; i++) {
		while (!LIST_EMPTY(&l->chains[i])) {
			struct lane_share *s = LIST_FIRST(&l->chains[i]);

			LIST_REMOVE(s, in_chain);
			free(s);
		}
	}
	for (size_t i = 0; i < WAYS; i++)
		queue_free(l->ways[i].queue);
	free(l);
}

void lanes_free(struct lane **lanes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		lane_free(lanes[i]);
	free(lanes);
}

/* --- shares --- */

static size_t chain_of(const struct lane_who *who)
{
	uint64_t key = ((uint64_t)(uintptr_t)who->tenant >> 4) + who->client;

	return (size_t)((key * UINT64_C(0x9E3779B97F4A7C15)) >> 56) % CHAINS;
}

static struct lane_share *find(const struct lane *l, const struct lane_who *who)
{
	struct lane_share *s = LIST_FIRST(&l->chains[chain_of(who)]);

	while (s && (s->who.tenant != who->tenant || s->who.client != who->client))
		s = LIST_NEXT(s, in_chain);
	return s;
}

static struct lane_share *find_or_make(struct lane *l, const struct lane_who *who)
{
	struct lane_share *s = find(l, who);

	if (s || !(s = calloc(1, sizeof(*s))))
		return s;
	s->who = *who;
	LIST_INSERT_HEAD(&l->chains[chain_of(who)], s, in_chain);
	return s;
}

static void let_go(struct lane_share *s)
{
	if (s->held || s->members)
		return;
	LIST_REMOVE(s, in_chain);
	free(s);
}

/* The connection's share, or without one the tenant's own; NULL: nobody's, or no memory for the count. */
static struct lane_share *share_of(struct lane *l, const struct lane_who *who)
{
	const struct lane_who tenant = { who->tenant, 0 };
	struct lane_share *group = who->tenant ? find_or_make(l, &tenant) : NULL;
	struct lane_share *s = group && who->client ? find_or_make(l, who) : group;

	if (group && !s)
		let_go(group);
	if (s && s != group && !s->group) {
		s->group = group;
		group->members++;
	}
	return s;
}

static size_t held_by(const struct lane *l, const void *tenant, uint64_t client)
{
	const struct lane_who who = { tenant, client };
	const struct lane_share *s = find(l, &who);

	return s ? s->held : 0;
}

/* --- places --- */

struct lane_place lane_hold(struct lane *l, const struct lane_who *who, int64_t deadline_ms, int64_t now_ms)
{
	int64_t at = deadline_ms / SLOT_MS, furthest = now_ms / SLOT_MS + SLOTS - PAST - 2;

	if (at > furthest)
		at = furthest;
	struct lane_place place = { .share = share_of(l, who) };

	place.slot = (size_t)(deadline_ms > now_ms ? at % SLOTS : SLOTS) + 1;
	if (at > l->last)
		l->last = at;
	l->due[place.slot - 1]++;
	if (place.share) {
		place.share->held++;
		if (place.share->group)
			place.share->group->held++;
	}
	return place;
}

void lane_drop(struct lane *l, struct lane_place *place)
{
	struct lane_share *s = place->share, *group = s ? s->group : NULL;

	if (!place->slot)
		return;
	l->due[place->slot - 1] -= invariant(l->due[place->slot - 1] > 0);
	*place = (struct lane_place){ 0 };
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
 * How many more could be put before what is due from that moment on, and all of it still be sent in its time, or in a
 * part of it. What is due earlier goes first. Below 0: so many are too many already; HUGE_VAL: nothing is due then.
 */
static double slack(const struct lane *l, const struct smpp_pace *pace, int64_t now_ms, int64_t from_ms, double part)
{
	int64_t now = now_ms / SLOT_MS, from = from_ms / SLOT_MS, last = l->last > from ? l->last : from;
	double least = HUGE_VAL, waiting = l->due[SLOTS];

	for (int64_t s = now > PAST ? now - PAST : 0; s <= last && s < now + SLOTS - PAST; s++) {
		unsigned due = l->due[s % SLOTS];

		if (s < from || (!due && s > from)) {
			waiting += due;
			continue;
		}
		double span_ms = (double)((s == from ? from_ms : s * SLOT_MS) - now_ms) * part - (double)pace->pause_ms;

		waiting += due;
		if (span_ms * pace->per_s / 1000 - waiting < least)
			least = span_ms * pace->per_s / 1000 - waiting;
	}
	return least;
}

size_t lane_spare(const struct lane *l, const struct smpp_pace *pace, int64_t now_ms)
{
	double spare = slack(l, pace, now_ms, -SLOT_MS, 1);

	/* What goes first already has to be sent first. */
	if (l->due[SLOTS])
		return 0;
	if (spare >= (double)l->cap)
		return l->cap;
	return spare > 0 ? (size_t)spare : 0;
}

enum gate_reason lane_judge(const struct lane *l, const struct lane_ask *ask, int64_t now_ms, int64_t *retry_ms)
{
	double places = (double)ask->places, free = places;

	*retry_ms = RETRY_MS;
	if (ask->places == 0)
		return GATE_QUEUE;
	if (ask->pace.per_s > 0) {
		double more = slack(l, &ask->pace, now_ms, ask->deadline_ms, SAFETY);

		free = more < places ? more : places;
	}
	if (free <= 0) {
		double wait_ms = -free / ask->pace.per_s * 1000;

		if (wait_ms > RETRY_MS)
			*retry_ms = wait_ms < RETRY_MAX_MS ? (int64_t)wait_ms : RETRY_MAX_MS;
		return GATE_DEADLINE;
	}
	if (!ask->who.tenant || admit_fair(free, (double)held_by(l, ask->who.tenant, 0),
	                                   (double)held_by(l, ask->who.tenant, ask->who.client)))
		return GATE_OPEN;
	return GATE_SHARE;
}

/* --- the queues --- */

/* Without memory for one of its own: that of all. */
static struct queue *way_of(struct lane *l, uint32_t avoid)
{
	struct lane_way *spare = NULL, *last = &l->ways[WAYS - 1];

	for (struct lane_way *w = l->ways; w <= last; w++) {
		if (w->avoid == avoid && w->queue)
			return w->queue;
		if (!spare && w != l->ways && (!w->queue || !queue_len(w->queue)))
			spare = w;
	}
	if (!spare)
		return last->queue;
	if (!spare->queue)
		spare->queue = queue_new(l->cap);
	spare->avoid = avoid;
	return spare->queue ? spare->queue : l->ways[0].queue;
}

enum err lane_push(struct lane *l, struct queue_entry *e, uint32_t avoid)
{
	return queue_push(way_of(l, avoid), e);
}

void lane_remove(struct queue_entry *e)
{
	queue_remove(e);
}

struct queue_entry *lane_first(const struct lane *l, uint32_t stuck)
{
	struct queue_entry *first = NULL;

	for (size_t i = 0; i < WAYS; i++) {
		struct queue_entry *e = l->ways[i].queue && !(stuck >> i & 1) ? queue_first(l->ways[i].queue) : NULL;

		if (e && (!first || queue_before(e, first)))
			first = e;
	}
	return first;
}

uint32_t lane_way(const struct lane *l, const struct queue_entry *e)
{
	size_t i = 0;

	while (i < WAYS && l->ways[i].queue != e->queue)
		i++;
	/* Of none: all of them wait, so that who walks through them ends. */
	return invariant(i < WAYS) ? UINT32_C(1) << i : UINT32_MAX;
}

size_t lane_len(const struct lane *l)
{
	size_t len = 0;

	for (size_t i = 0; i < WAYS; i++)
		len += l->ways[i].queue ? queue_len(l->ways[i].queue) : 0;
	return len;
}
