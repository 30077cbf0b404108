/*
 * item: one message that this instance holds. It is queued, waits, or is in flight. This file declares each way in
 * which it ends here.
 */
#ifndef FLOW_DELIVER_ITEM_H
#define FLOW_DELIVER_ITEM_H

#include "busy_routes.h"
#include "deliver.h"
#include "deliver_lease.h"

/* Messages taken over from another process go before new ones. */
enum { PRIORITY_RECOVERED, PRIORITY_NEW };

struct played;

/* All items, with their queues and counts. */
struct deliver {
	const struct deliver_uses *u;
	struct route_queue **queues; /* one per route, and the last for test numbers; see deliver_route */
	size_t queue_count;
	struct busy_routes busy; /* every route with queued messages, and perhaps others */
	uint32_t generation;     /* generation of the queues; each reload adds 1 */
	size_t places_used;      /* places in use: reserved, queued or in flight */
	size_t reserved, queued, in_flight, waiting;
	size_t tests;   /* places in use for test numbers */
	uint64_t sends; /* number of sends taken since the start */
	struct deliver_leases *leases;
	struct loop_timer *tick;
	struct played *played; /* what is played for test numbers */
	bool stopped;
};

/* Frees the item, wipes its code and gives its place back. */
void item_end(struct deliver *d, struct deliver_item *item);

/*
 * Ends an item whose last submit was never answered (the delivery stays "unknown"), or whose earlier submit was
 * accepted by a late response.
 */
void item_unanswered(struct deliver *d, struct deliver_item *item);

/* Ends an item that no SMSC accepted. status: the SMSC's command_status, or 0. */
void item_fail(struct deliver *d, struct deliver_item *item, enum lifecycle_reason reason, uint32_t status);

/*
 * Gives the lease back, so that another process can claim the message at once, and records whether a submit may have
 * arrived. If another item of the verification is left, that item keeps the lease. The caller still has to end this
 * item.
 */
void item_release(struct deliver *d, const struct deliver_item *item);

/* Puts the item into the queue of its route. Without a route, or after deliver_stop, the item ends instead. */
void item_queue(struct deliver *d, struct deliver_item *item);
void item_unqueue(struct deliver *d, struct deliver_item *item);

/* Keeps the item out of the queue for wait_ms. Its lease is renewed meanwhile. */
void item_wait(struct deliver *d, struct deliver_item *item, uint32_t wait_ms);
void item_wake(struct deliver *d, struct deliver_item *item);

/* Takes an item that was not submitted yet out of its queue or its wait. Returns false if it is in flight. */
bool item_take(struct deliver *d, struct deliver_item *item);

#endif
