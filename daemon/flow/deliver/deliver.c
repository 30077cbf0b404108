/*
 * deliver: the queue of acknowledged messages and the way of each to an SMSC.
 * Owns the clear codes between acknowledge and answer, and wipes them. One item is in one place: queued, or in flight.
 * Must never submit without a lease, after the deadline, or for a code that is dead.
 */
#include "deliver.h"

#include "base/clock.h"
#include "base/invariant.h"
#include "base/log.h"
#include "base/pause.h"
#include "deliver_lease.h"
#include "ops/funnel.h"
#include "overtaken.h"
#include "flow/news/path.h"
#include "submit.h"
#include "flow/news/track.h"

#include <stdlib.h>

#define TOPIC "deliver"
#define TICK_MS 250
#define CLAIMS_MAX 32 /* at once: what is left goes to others, or comes when these are sent */

enum { FIRST, SECOND }; /* priorities: what has waited in another life goes before what is new */
#define LEASE_MARGIN 10 /* the last tenth of a lease: it is too late to begin a submit then, and never to renew */

struct deliver {
	const struct deliver_uses *u;
	struct lane **lanes; /* one a route */
	size_t lane_count;
	uint32_t era; /* of the lanes */
	size_t taken; /* places in use: reserved, queued or in flight */
	size_t reserved, queued, in_flight, waiting;
	uint64_t sends; /* ever taken */
	struct deliver_leases *leases;
	struct loop_timer *tick;
	bool stopped;
};

static void pump_route(struct deliver *d, int route);

static void item_end(struct deliver *d, struct deliver_item *item)
{
	deliver_lease_remove(item);
	message_wipe(&item->payload);
	free(item);
	d->taken -= invariant(d->taken > 0);
}

/* Nothing more to try, and no answer to a submit of it: nobody knows whether it arrived, or it is known to have. */
static void item_doubt(struct deliver *d, struct deliver_item *item)
{
	if (!item->landed)
		funnel_count(FUNNEL_DOUBT_UNKNOWN);
	/* A record that is past doubt stays where it is. */
	track_doubtful(d->u->track, &item->id, !overtaken_charged(d->leases, item));
	item_end(d, item);
}

static void item_fail(struct deliver *d, struct deliver_item *item, enum lifecycle_reason reason, uint32_t status)
{
	struct deliver_item *other = deliver_lease_other(d->leases, item);
	char error[STORE_ERROR_CAP] = "";

	if (item->doubtful) {
		item_doubt(d, item);
		return;
	}
	if (status)
		smpp_status_text(status, error);
	/* Rejected: as a duplicate of what the SMSC has. */
	item->send.charged = item->send.charged || reason == REASON_REJECTED;
	/* With a further SMS of the same verification on its way, this one's failure is nothing to tell. */
	if (other) {
		overtaken_leave(item, other);
		overtaken_end(d->u, item);
	} else {
		const struct track_failure failure = {
			reason, error, !item->send.charged, item->send.deadline_ms, item->send.at_ms, item->send.known
		};

		track_failed(d->u->track, &item->id, &failure);
	}
	item_end(d, item);
}

/* Whoever claims it must know whether a submit of it may have arrived. The last of a verification hands it back. */
static void item_release(struct deliver *d, const struct deliver_item *item)
{
	struct deliver_item *other = deliver_lease_other(d->leases, item);

	if (other)
		other->doubtful = other->doubtful || item->doubtful;
	else
		store_release(d->u->store, &item->id, &(struct store_handed){ .unsent = !item->doubtful });
}

static void item_queue(struct deliver *d, struct deliver_item *item)
{
	if (d->stopped) {
		/* Nothing is submitted any more: the next instance has it at once. */
		item_release(d, item);
		item_end(d, item);
		return;
	}
	if (item->route < 0) {
		item_fail(d, item, REASON_NO_ROUTE, 0);
		return;
	}
	struct lane *l = d->lanes[item->route];
	/* Each item holds one of the places taken, and a queue has that many. If not, the journal sends it later. */
	if (!invariant(lane_push(l, &item->entry, item->attempts.avoid | item->disliked) == ERR_OK)) {
		item_release(d, item);
		item_end(d, item);
		return;
	}
	int64_t due_ms = item->entry.priority == FIRST ? 0 : item->entry.deadline_ms;
	item->place = lane_hold(l, &item->who, due_ms, clock_mono_ms());
	item->queued = true;
	d->queued++;
}

static void item_unqueue(struct deliver *d, struct deliver_item *item)
{
	lane_remove(&item->entry);
	lane_drop(d->lanes[item->route], &item->place);
	item->queued = false;
	d->queued -= invariant(d->queued > 0);
}

static void item_wake(struct deliver *d, struct deliver_item *item)
{
	item->not_before_ms = 0;
	d->waiting -= invariant(d->waiting > 0);
}

/* Takes an item that was not written yet out of where it is. False: it is in flight. */
static bool item_take(struct deliver *d, struct deliver_item *item)
{
	if (item->queued)
		item_unqueue(d, item);
	else if (item->not_before_ms)
		item_wake(d, item);
	else
		return false;
	return true;
}

/* Out of the queue until then; its lease is renewed as any other's. */
static void item_wait(struct deliver *d, struct deliver_item *item, uint32_t wait_ms)
{
	item->not_before_ms = clock_mono_ms() + wait_ms;
	d->waiting++;
}

static void on_refused(struct deliver *d, struct deliver_item *item, const struct smpp_result *r)
{
	const struct attempts_ask ask = { d->u->smpp, item->route, item->entry.deadline_ms - clock_mono_ms() };
	enum attempts_next next = attempts_refused(&item->attempts, &ask, r);

	if (next == ATTEMPTS_OVER)
		item_fail(d, item, REASON_REFUSED, r->status);
	else if (next == ATTEMPTS_AGAIN && !d->stopped)
		item_wait(d, item, r->again_ms);
	else
		item_queue(d, item);
}

static void on_ambiguous(struct deliver *d, struct deliver_item *item, const struct smpp_result *r)
{
	funnel_count(FUNNEL_AMBIGUOUS);
	if (!attempts_unanswered(&item->attempts, r) || item->doubtful || d->u->opts->ambiguous != FLOW_RESEND_ONCE ||
	    d->stopped) {
		item_doubt(d, item);
		return;
	}
	item->doubtful = true;
	/* A session that is over tells nothing against the others of its SMSC. */
	if (!r->ended)
		item->disliked |= 1U << r->smsc;
	funnel_count(FUNNEL_DOUBT_RESENT);
	log_warn(TOPIC, "possible_duplicate smsc=%s", smpp_smsc_name(d->u->smpp, r->smsc));
	track_doubtful(d->u->track, &item->id, false);
	item_queue(d, item);
}

/* Nothing more is to be tried: one was accepted, its verification has ended, or a younger SMS of it is on its way. */
static bool item_over(struct deliver *d, struct deliver_item *item, const struct smpp_result *r)
{
	bool refused = r->outcome == SMPP_LATER || r->outcome == SMPP_OTHER;
	bool ended = item->dead && r->outcome != SMPP_REFUSED;
	bool overtaken = refused && overtaken_by(item, deliver_lease_other(d->leases, item));

	if (r->outcome == SMPP_ACCEPTED || (!item->landed && !ended && !overtaken))
		return false;
	if (item->landed || r->outcome == SMPP_AMBIGUOUS) {
		item_doubt(d, item);
		return true;
	}
	if (!ended)
		overtaken_end(d->u, item);
	item_end(d, item);
	return true;
}

static void on_result(void *arg, const struct smpp_result *r)
{
	struct deliver_item *item = arg;
	struct deliver *d = item->owner;
	int route = item->route;

	invariant(!item_take(d, item));
	d->in_flight -= invariant(d->in_flight > 0);
	path_result(&item->id, smpp_smsc_name(d->u->smpp, r->smsc), r);
	if (item_over(d, item, r)) {
		pump_route(d, route);
		return;
	}
	switch (r->outcome) {
	case SMPP_ACCEPTED:
		pause_point("c4");
		funnel_count(FUNNEL_ACCEPTED);
		track_accepted(d->u->track, &item->id, r, !overtaken_charged(d->leases, item));
		item_end(d, item);
		break;
	case SMPP_LATER:
	case SMPP_OTHER:
		on_refused(d, item, r);
		break;
	case SMPP_REFUSED:
		item_fail(d, item, REASON_REJECTED, r->status);
		break;
	case SMPP_AMBIGUOUS:
		on_ambiguous(d, item, r);
		break;
	}
	pump_route(d, route);
}

static void on_late(void *arg, const struct ident *id, const struct smpp_result *r)
{
	struct deliver *d = arg;
	struct deliver_item *item = deliver_lease_doubtful(d->leases, id);

	log_info(TOPIC, "late_answer smsc=%s status=0x%08X", smpp_smsc_name(d->u->smpp, r->smsc), (unsigned)r->status);
	if (r->outcome != SMPP_ACCEPTED) {
		funnel_count(FUNNEL_DOUBT_LATE_ERROR);
		return;
	}
	funnel_count(FUNNEL_DOUBT_LATE_OK);
	if (item && item_take(d, item)) {
		funnel_count(FUNNEL_DOUBT_CANCELLED);
		overtaken_charged(d->leases, item);
		item_end(d, item);
	} else if (item) {
		item->landed = true;
	}
	track_accepted(d->u->track, id, r, !deliver_lease_find(d->leases, id));
}

/* The state of the first of a way that must be dealt with before it may be sent. True: it is gone. */
static bool item_overdue(struct deliver *d, struct deliver_item *item, int64_t now, int64_t left_ms)
{
	if (now >= item->lease_end_ms - d->u->opts->lease_ms / LEASE_MARGIN) {
		/* Another instance may hold it by now: the journal has it, recover finds it. */
		item_unqueue(d, item);
		item_end(d, item);
		funnel_count(FUNNEL_LEASE_LOST);
		return true;
	}
	if (now >= item->entry.deadline_ms || left_ms <= 0) {
		item_unqueue(d, item);
		item_fail(d, item, REASON_DEADLINE, 0);
		return true;
	}
	return false;
}

static void pump_route(struct deliver *d, int route)
{
	const struct lane *l = route < 0 ? NULL : d->lanes[route];
	struct queue_entry *head;
	uint32_t stuck = 0; /* ways whose first waits: what is behind it waits too, the others go on */

	while (l && !d->stopped && (head = lane_first(l, stuck))) {
		struct deliver_item *item = deliver_item_of(head);
		int64_t left_ms = submit_left_ms(d->u, item);

		if (item_overdue(d, item, clock_mono_ms(), left_ms))
			continue;
		const struct submit_listener listener = { on_result, { on_late, d } };
		enum err err = submit_item(d->u, item, left_ms, lane_len(l), &listener);
		if (err == ERR_BUSY || err == ERR_UNAVAILABLE) {
			stuck |= lane_way(l, head);
			continue;
		}
		item_unqueue(d, item);
		if (err) {
			log_error(TOPIC, "unsendable err=%s route=%d", err_name(err), route);
			item_fail(d, item, REASON_REFUSED, 0);
			continue;
		}
		d->in_flight++;
		funnel_count(FUNNEL_SUBMITTED);
	}
}

void deliver_pump(struct deliver *d)
{
	for (size_t i = 0; i < d->lane_count; i++)
		pump_route(d, (int)i);
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
	if (!d->leases || !d->tick) {
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
	lanes_free(d->lanes, d->lane_count);
	free(d);
}

void deliver_start(struct deliver *d)
{
	loop_timer_set(d->tick, clock_mono_ms() + TICK_MS);
}

/* After a reload routes may be others: what is queued is sorted into the new lanes by its number, or has none. */
static void requeue_all(struct deliver *d, struct lane **old)
{
	struct deliver_item *next;

	for (struct deliver_item *item = deliver_lease_any(d->leases); item; item = next) {
		next = deliver_lease_next(d->leases, item);
		bool queued = item->queued;

		if (queued) {
			lane_remove(&item->entry);
			lane_drop(old[item->route], &item->place);
			d->queued -= invariant(d->queued > 0);
		}
		item->route = smpp_route(d->u->smpp, &item->payload.number);
		if (queued)
			item_queue(d, item);
	}
}

enum err deliver_configure(struct deliver *d)
{
	size_t n = smpp_routes(d->u->smpp), old_n = d->lane_count;
	size_t cap = d->u->opts->queue_max > d->taken ? d->u->opts->queue_max : d->taken;
	struct lane **lanes = calloc(n ? n : 1, sizeof(struct lane *)), **old = d->lanes;

	if (!lanes)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++) {
		lanes[i] = lane_new(cap);
		if (!lanes[i]) {
			lanes_free(lanes, i);
			return ERR_NOMEM;
		}
	}
	d->lanes = lanes;
	d->lane_count = n;
	d->era++;
	if (old)
		requeue_all(d, old);
	lanes_free(old, old_n);
	return ERR_OK;
}

static size_t places_free(const struct deliver *d)
{
	return !d->stopped && d->u->opts->queue_max > d->taken ? d->u->opts->queue_max - d->taken : 0;
}

enum gate_reason deliver_reserve(struct deliver *d, const struct deliver_ask *ask, struct deliver_place *place,
                                 int64_t *retry_ms)
{
	const int64_t now = clock_mono_ms();
	struct lane *l = d->lanes[ask->route];
	const struct lane_ask question = { .who = ask->who,
		                           .deadline_ms = now + ask->deadline_ms,
		                           .places = places_free(d),
		                           .pace = smpp_route_pace(d->u->smpp, ask->route) };
	enum gate_reason reason = lane_judge(l, &question, now, retry_ms);

	if (reason != GATE_OPEN)
		return reason;
	*place = (struct deliver_place){ .who = ask->who, .route = ask->route, .reserved = true, .era = d->era };
	place->held = lane_hold(l, &ask->who, question.deadline_ms, now);
	d->taken++;
	d->reserved++;
	return GATE_OPEN;
}

void deliver_cancel(struct deliver *d, struct deliver_place *place)
{
	if (!place->reserved)
		return;
	place->reserved = false;
	if (place->era == d->era)
		lane_drop(d->lanes[place->route], &place->held);
	d->taken -= invariant(d->taken > 0);
	d->reserved -= invariant(d->reserved > 0);
}

static enum err item_new(struct deliver *d, const struct deliver_order *o, int route, const struct lane_who *who)
{
	struct deliver_item *item = calloc(1, sizeof(*item));

	if (!item)
		return ERR_NOMEM;
	item->owner = d;
	item->id = o->id;
	item->payload = *o->payload;
	item->who = *who;
	item->entry.priority = who->tenant ? SECOND : FIRST;
	item->route = route;
	item->disliked = o->avoid;
	item->attempts =
	    (struct attempts){ .avoid = o->refused, .had = o->refused, .never = o->refused, .count = o->refused != 0 };
	item->ttl_ms = o->ttl_ms;
	item->hard_end_ms = o->hard_end_ms;
	item->send = (struct deliver_send){ .nth = ++d->sends,
		                            .deadline_ms = o->deadline_ms,
		                            .at_ms = o->sent_ms,
		                            .known = o->known,
		                            .own = who->tenant != NULL };
	item->lease_end_ms = o->lease_end_ms;
	item->doubtful = o->doubtful;
	item->entry.deadline_ms = clock_mono_ms() + (o->deadline_ms - store_now_ms(d->u->store));
	d->taken++;
	deliver_lease_add(d->leases, item);
	item_queue(d, item);
	return ERR_OK;
}

/* Overtaken: another send of the verification goes on; else it has ended, and what is in flight is the last try. */
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
		store_release(d->u->store, &o->id, &(struct store_handed){ .unsent = !o->doubtful });
		return ERR_OK;
	}
	/* A resend may meet its elder still queued: one SMS is enough, and the elder is older. */
	end_waiting(d, &o->id, true);
	/* Asked now: a reload may have come since the place was reserved. */
	int route = smpp_route(d->u->smpp, &o->payload->number);
	enum err err = item_new(d, o, route, &place->who);
	if (!err)
		pump_route(d, route);
	return err;
}

enum err deliver_adopt(struct deliver *d, const struct deliver_order *o)
{
	struct deliver_item *here = deliver_lease_find(d->leases, &o->id);

	if (here) {
		/* It was claimed: another instance may have held it, and submitted it, in between. */
		here->send.own = false;
		here->doubtful = here->doubtful || o->doubtful;
		here->lease_end_ms = o->lease_end_ms;
		return ERR_OK;
	}
	if (!places_free(d))
		return ERR_BUSY;
	enum err err = item_new(d, o, smpp_route(d->u->smpp, &o->payload->number), &(struct lane_who){ NULL, 0 });
	if (!err)
		funnel_count(FUNNEL_RECOVERED);
	return err;
}

unsigned deliver_room(const struct deliver *d)
{
	size_t free_places = places_free(d), room = 0;

	/* What waits here is no reason to leave what another instance owes, while nothing gets too late by it. */
	for (size_t i = 0; i < d->lane_count && room < CLAIMS_MAX; i++) {
		const struct smpp_pace pace = smpp_route_pace(d->u->smpp, (int)i);
		size_t spare = lane_spare(d->lanes[i], &pace, clock_mono_ms());

		if ((lane_len(d->lanes[i]) || submit_takes(d->u, (int)i)) && spare > room)
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
	json_int(j, "taken", (int64_t)d->taken);
	json_int(j, "reserved", (int64_t)d->reserved);
	json_int(j, "queued", (int64_t)d->queued);
	json_int(j, "waiting", (int64_t)d->waiting);
	json_int(j, "in_flight", (int64_t)d->in_flight);
	json_close(j, '}');
	funnel_doubt_status(j);
}
