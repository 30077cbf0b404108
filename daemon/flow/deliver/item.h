/*
 * item: a message that this instance holds: queued, waiting, or in flight, and each way in which it ends here.
 */
#ifndef FLOW_DELIVER_ITEM_H
#define FLOW_DELIVER_ITEM_H

#include "deliver.h"
#include "deliver_lease.h"

/* Priorities: what has waited in another life goes before what is new. */
enum { ITEM_FIRST, ITEM_SECOND };

/* All of them, and what they wait for. */
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

/* Each of these ends an item: it is freed, its code wiped, its place given back. */
void item_end(struct deliver *d, struct deliver_item *item);

/* Nothing more to try, and no answer to a submit of it: nobody knows whether it arrived, or it is known to have. */
void item_doubt(struct deliver *d, struct deliver_item *item);

/* It was not sent, for this reason; status: the SMSC's, or 0. */
void item_fail(struct deliver *d, struct deliver_item *item, enum lifecycle_reason reason, uint32_t status);

/*
 * Whoever claims it must know whether a submit of it may have arrived. The last of a verification hands it back. The
 * item is still to be ended.
 */
void item_release(struct deliver *d, const struct deliver_item *item);

/* Puts it into the queue of its route. It ends instead if there is none, or if nothing is submitted any more. */
void item_queue(struct deliver *d, struct deliver_item *item);
void item_unqueue(struct deliver *d, struct deliver_item *item);

/* Out of the queue for so long; its lease is renewed as any other's. */
void item_wait(struct deliver *d, struct deliver_item *item, uint32_t wait_ms);
void item_wake(struct deliver *d, struct deliver_item *item);

/* Takes an item that was not written yet out of where it is. False: it is in flight. */
bool item_take(struct deliver *d, struct deliver_item *item);

#endif
