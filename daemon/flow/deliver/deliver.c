/*
 * deliver: implements deliver.h: places in the queue, the messages that fill them, the routes they wait for, and their
 * end at a stop. item has the states of one message, and pump submits it. Owns the clear codes between the answer to
 * SEND and the answer of the SMSC, and wipes them. It must never take more messages than there are places.
 */
#include "deliver.h"

#include "base/clock.h"
#include "base/invariant.h"
#include "item.h"
#include "ops/funnel.h"
#include "overtaken.h"
#include "played.h"
#include "pump.h"
#include "submit.h"

#include <stdlib.h>

#define TICK_MS 250
#define PACE_FEW 4    /* so many SMSCs of a route are asked first for their pace */
#define TEST_PART 8   /* test numbers may hold this part of all places, so that messages for people find a place */
#define CLAIMS_MAX 32 /* most messages claimed at once; other instances claim the rest, or this one later */

void deliver_pump(struct deliver *d)
{
	for (int i = d->queued ? busy_routes_next(&d->busy, 0) : -1; i >= 0; i = busy_routes_next(&d->busy, i + 1)) {
		pump_route(d, i);
		if (!route_queue_len(d->queues[i]))
			busy_routes_remove(&d->busy, i);
	}
}

static void wake_waiting(struct deliver *d)
{
	int64_t now = clock_mono_ms();
	struct deliver_item *next;

	for (struct deliver_item *i = d->waiting ? deliver_lease_any(d->leases) : NULL; i && d->waiting; i = next) {
		next = deliver_lease_next(d->leases, i);
		if (!i->not_before_ms || i->not_before_ms > now)
			continue;
		item_wake(d, i);
		item_queue(d, i);
	}
}

static void on_tick(void *arg)
{
	struct deliver *d = arg;

	wake_waiting(d);
	deliver_pump(d);
	deliver_lease_renew(d->leases);
	loop_timer_set(d->tick, clock_mono_ms() + TICK_MS);
}

struct deliver *deliver_new(const struct deliver_uses *u)
{
	struct deliver *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->u = u;
	d->leases = deliver_lease_new(u);
	d->tick = loop_timer_new(u->loop, on_tick, d);
	d->played = played_new(u);
	if (!d->leases || !d->tick || !d->played) {
		deliver_free(d);
		return NULL;
	}
	return d;
}

void deliver_free(struct deliver *d)
{
	if (!d)
		return;
	for (struct deliver_item *item; d->leases && (item = deliver_lease_any(d->leases));) {
		item_take(d, item);
		item_end(d, item);
	}
	deliver_lease_free(d->leases);
	loop_timer_free(d->tick);
	played_free(d->played);
	route_queues_free(d->queues, d->queue_count);
	busy_routes_clear(&d->busy);
	free(d);
}

void deliver_start(struct deliver *d)
{
	loop_timer_set(d->tick, clock_mono_ms() + TICK_MS);
}

int deliver_route(const struct deliver *d, const struct message_payload *payload)
{
	if (payload->play.outcome != TESTNUMBER_NONE)
		return (int)smpp_routes(d->u->smpp);
	return smpp_route(d->u->smpp, &payload->number);
}

/* Moves each queued item to the queue of its number's new route after a reload. An item without a route fails. */
static void requeue_all(struct deliver *d, struct route_queue **old)
{
	struct deliver_item *next;

	for (struct deliver_item *item = deliver_lease_any(d->leases); item; item = next) {
		next = deliver_lease_next(d->leases, item);
		bool queued = item->queued;

		if (queued) {
			route_queue_remove(&item->entry);
			route_queue_drop(old[item->route], &item->place);
			d->queued -= invariant(d->queued > 0);
		}
		item->route = deliver_route(d, &item->payload);
		if (queued)
			item_queue(d, item);
	}
}

/* NULL: no memory. */
static struct route_queue **queues_new(size_t n, size_t cap)
{
	struct route_queue **queues = calloc(n ? n : 1, sizeof(struct route_queue *));

	for (size_t i = 0; queues && i < n; i++) {
		queues[i] = route_queue_new(cap);
		if (!queues[i]) {
			route_queues_free(queues, i);
			return NULL;
		}
	}
	return queues;
}

enum err deliver_configure(struct deliver *d)
{
	/* The last queue is that of test numbers. It has no pace, so it is bounded by the places alone. */
	size_t n = smpp_routes(d->u->smpp) + 1, old_n = d->queue_count;
	size_t cap = d->u->opts->queue_max > d->places_used ? d->u->opts->queue_max : d->places_used;
	struct route_queue **queues = queues_new(n, cap), **old = d->queues;
	struct busy_routes busy;

	if (!queues)
		return ERR_NOMEM;
	if (busy_routes_init(&busy, n) != ERR_OK) {
		route_queues_free(queues, n);
		return ERR_NOMEM;
	}
	busy_routes_clear(&d->busy);
	d->busy = busy;
	d->queues = queues;
	d->queue_count = n;
	d->generation++;
	if (old)
		requeue_all(d, old);
	route_queues_free(old, old_n);
	return ERR_OK;
}

static size_t places_free(const struct deliver *d)
{
	return !d->stopped && d->u->opts->queue_max > d->places_used ? d->u->opts->queue_max - d->places_used : 0;
}

/* True for the route that deliver_route gives to test numbers. */
static bool is_test(const struct deliver *d, int route)
{
	return (size_t)route >= smpp_routes(d->u->smpp);
}

/* The places that are free for messages of this route. */
static size_t places_of(const struct deliver *d, int route)
{
	const size_t free_places = places_free(d), most = d->u->opts->queue_max / TEST_PART + 1;

	if (!is_test(d, route))
		return free_places;
	const size_t left = most > d->tests ? most - d->tests : 0;
	return free_places < left ? free_places : left;
}

/*
 * Judges by the pace of a few SMSCs of the route. What these can send in time the whole route can, so all are asked
 * only if these cannot.
 */
static enum overload_reason judge(const struct deliver *d, const struct deliver_ask *ask, int64_t now_ms,
                                  int64_t *retry_ms)
{
	const struct route_queue *l = d->queues[ask->route];
	struct route_queue_ask question = { .who = ask->who,
		                            .deadline_ms = now_ms + ask->deadline_ms,
		                            .places = places_of(d, ask->route),
		                            .pace = smpp_route_pace(d->u->smpp, ask->route, PACE_FEW) };
	const struct smpp_pace few = question.pace;
	enum overload_reason reason = route_queue_judge(l, &question, now_ms, retry_ms);

	if (reason == OVERLOAD_NONE)
		return reason;
	question.pace = smpp_route_pace(d->u->smpp, ask->route, SIZE_MAX);
	if (question.pace.per_s <= few.per_s && question.pace.pause_ms >= few.pause_ms)
		return reason;
	return route_queue_judge(l, &question, now_ms, retry_ms);
}

enum overload_reason deliver_reserve(struct deliver *d, const struct deliver_ask *ask, struct deliver_place *place,
                                     int64_t *retry_ms)
{
	const int64_t now = clock_mono_ms();
	enum overload_reason reason = judge(d, ask, now, retry_ms);

	if (reason != OVERLOAD_NONE)
		return reason;
	*place = (struct deliver_place){ .who = ask->who,
		                         .route = ask->route,
		                         .reserved = true,
		                         .test = is_test(d, ask->route),
		                         .generation = d->generation };
	place->held = route_queue_hold(d->queues[ask->route], &ask->who, now + ask->deadline_ms, now);
	d->places_used++;
	d->reserved++;
	d->tests += place->test;
	return OVERLOAD_NONE;
}

void deliver_cancel(struct deliver *d, struct deliver_place *place)
{
	if (!place->reserved)
		return;
	place->reserved = false;
	if (place->generation == d->generation)
		route_queue_drop(d->queues[place->route], &place->held);
	d->places_used -= invariant(d->places_used > 0);
	d->reserved -= invariant(d->reserved > 0);
	if (place->test)
		d->tests -= invariant(d->tests > 0);
}

static enum err item_new(struct deliver *d, const struct deliver_order *o, int route, const struct route_queue_who *who)
{
	struct deliver_item *item = calloc(1, sizeof(*item));

	if (!item)
		return ERR_NOMEM;
	item->owner = d;
	item->id = o->id;
	item->payload = *o->payload;
	item->who = *who;
	item->entry.priority = who->tenant ? PRIORITY_NEW : PRIORITY_RECOVERED;
	item->route = route;
	item->avoid_soft = o->avoid_soft;
	item->attempts = (struct attempts){ .excluded = o->undelivered,
		                            .charged = o->undelivered,
		                            .undelivered = o->undelivered,
		                            .count = !smsc_set_is_empty(&o->undelivered) };
	item->ttl_ms = o->ttl_ms;
	item->hard_end_ms = o->hard_end_ms;
	item->send = (struct deliver_send){ .nth = ++d->sends,
		                            .deadline_ms = o->deadline_ms,
		                            .at_ms = o->sent_ms,
		                            .known = o->known,
		                            .own = who->tenant != NULL };
	item->code = o->code;
	item->lease_end_ms = o->lease_end_ms;
	item->unanswered = o->unanswered;
	item->entry.deadline_ms = clock_mono_ms() + (o->deadline_ms - store_now_ms(d->u->store));
	d->places_used++;
	d->tests += item->payload.play.outcome != TESTNUMBER_NONE;
	deliver_lease_add(d->leases, item);
	item_queue(d, item);
	return ERR_OK;
}

/*
 * Ends the items of a verification that are not in flight. overtaken: a later send of the verification goes on.
 * Otherwise the verification has ended, and an item in flight is not tried again.
 */
static void end_waiting(struct deliver *d, const struct ident *id, bool overtaken)
{
	struct deliver_item *next;

	for (struct deliver_item *item = deliver_lease_find(d->leases, id); item; item = next) {
		next = deliver_lease_same(item);
		item->dead = item->dead || !overtaken;
		if (item_take(d, item)) {
			if (overtaken)
				overtaken_end(d->u, item);
			item_end(d, item);
		}
	}
}

enum err deliver_commit(struct deliver *d, const struct deliver_order *o, struct deliver_place *place)
{
	deliver_cancel(d, place);
	if (d->stopped) {
		store_release(d->u->store, &o->id, &(struct store_handed){ .unsent = !o->unanswered });
		return ERR_OK;
	}
	/* The SMS of the previous send may still be queued. One SMS is enough, so only the new one is sent. */
	end_waiting(d, &o->id, true);
	/* A reload may have changed the routes since the place was reserved. */
	int route = deliver_route(d, o->payload);
	enum err err = item_new(d, o, route, &place->who);
	if (!err)
		pump_route(d, route);
	return err;
}

enum err deliver_adopt(struct deliver *d, const struct deliver_order *o)
{
	struct deliver_item *here = deliver_lease_find(d->leases, &o->id);

	if (here) {
		/* Another instance may have held the lease in between and submitted the message. */
		here->send.own = false;
		here->unanswered = here->unanswered || o->unanswered;
		here->lease_end_ms = o->lease_end_ms;
		return ERR_OK;
	}
	if (!places_free(d))
		return ERR_BUSY;
	enum err err = item_new(d, o, deliver_route(d, o->payload), &(struct route_queue_who){ NULL, 0 });
	if (!err)
		funnel_count(FUNNEL_RECOVERED);
	return err;
}

/* How many messages more this route could send first; as judge, more than CLAIMS_MAX need not be exact. */
static size_t spare_of(const struct deliver *d, int route, int64_t now_ms)
{
	struct smpp_pace pace = smpp_route_pace(d->u->smpp, route, PACE_FEW);
	size_t spare = route_queue_spare(d->queues[route], &pace, now_ms);

	if (spare >= CLAIMS_MAX)
		return spare;
	pace = smpp_route_pace(d->u->smpp, route, SIZE_MAX);
	return route_queue_spare(d->queues[route], &pace, now_ms);
}

unsigned deliver_room(const struct deliver *d)
{
	size_t free_places = places_free(d), room = 0;

	/* Messages of other instances are taken over as long as no message that waits here becomes late by it. */
	for (size_t i = 0; i < d->queue_count && room < CLAIMS_MAX; i++) {
		size_t spare = spare_of(d, (int)i, clock_mono_ms());

		if ((route_queue_len(d->queues[i]) || submit_takes(d->u, (int)i)) && spare > room)
			room = spare;
	}
	if (room > CLAIMS_MAX)
		room = CLAIMS_MAX;
	return (unsigned)(free_places < room ? free_places : room);
}

void deliver_forget(struct deliver *d, const struct ident *id)
{
	end_waiting(d, id, false);
}

void deliver_stop(struct deliver *d)
{
	d->stopped = true;
	loop_timer_stop(d->tick);
	played_stop(d->played);
	for (struct deliver_item *next, *item = deliver_lease_any(d->leases); item; item = next) {
		next = deliver_lease_next(d->leases, item);
		if (item_take(d, item)) {
			item_release(d, item);
			item_end(d, item);
		}
	}
}

size_t deliver_in_flight(const struct deliver *d)
{
	return d->in_flight;
}

size_t deliver_queued(const struct deliver *d)
{
	return d->queued;
}

void deliver_status(const struct deliver *d, struct json *j)
{
	json_open(j, "queue", '{');
	json_int(j, "max", d->u->opts->queue_max);
	json_int(j, "taken", (int64_t)d->places_used);
	json_int(j, "reserved", (int64_t)d->reserved);
	json_int(j, "queued", (int64_t)d->queued);
	json_int(j, "waiting", (int64_t)d->waiting);
	json_int(j, "in_flight", (int64_t)d->in_flight);
	json_close(j, '}');
	funnel_unanswered_status(j);
}
