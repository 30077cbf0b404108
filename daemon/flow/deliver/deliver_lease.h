/*
 * deliver_lease: the messages this instance holds, found by verification, with the leases that allow it to send them.
 */
#ifndef FLOW_DELIVER_DELIVER_LEASE_H
#define FLOW_DELIVER_DELIVER_LEASE_H

#include "attempts.h"

#include "base/invariant.h"
#include "deliver.h"
#include "route_queue.h"

#include <stddef.h>
#include <sys/queue.h>

/* What was asked for and counted: a SEND or a RESEND. Times: Redis. */
struct deliver_send {
	uint64_t nth; /* number of the send in this process: a later send has a higher one */
	int64_t deadline_ms, at_ms;
	bool known;   /* counted as one of a known device */
	bool own;     /* granted by this process: while its lease holds, no other can have submitted it */
	bool charged; /* an SMS of it may have arrived */
};

struct deliver_item {
	struct queue_entry entry; /* first: deliver_item_of */
	struct deliver *owner;
	LIST_ENTRY(deliver_item) of_partition;
	struct ident id;
	struct message_payload payload;
	struct route_queue_who who;
	struct route_queue_place place; /* while it is queued */
	int route;
	struct attempts attempts;
	uint32_t avoid_soft; /* SMSCs to use only if no other can take it */
	uint32_t ttl_ms;
	int64_t hard_end_ms;
	struct deliver_send send;
	int64_t lease_end_ms;  /* monotonic */
	uint32_t renewal;      /* the renewal under way that covers it; 0 none */
	int64_t not_before_ms; /* monotonic; waiting until then, in no queue; 0: not waiting */
	bool queued, doubtful;
	bool dead;          /* its verification has ended, so it is not tried again */
	bool late_accepted; /* a late response said that an earlier submit was accepted */
};

_Static_assert(offsetof(struct deliver_item, entry) == 0, "deliver_item_of");

/* Of the first of a queue. */
static inline struct deliver_item *deliver_item_of(struct queue_entry *e)
{
	struct deliver_item *item = (struct deliver_item *)e;

	invariant(item->queued);
	return item;
}

struct deliver_leases;

struct deliver_leases *deliver_lease_new(const struct deliver_uses *u); /* NULL: no memory */
void deliver_lease_free(struct deliver_leases *l);
void deliver_lease_add(struct deliver_leases *l, struct deliver_item *item);
void deliver_lease_remove(struct deliver_item *item);
struct deliver_item *deliver_lease_find(const struct deliver_leases *l, const struct ident *id);

/* The one whose former submit got no answer. NULL: none. */
struct deliver_item *deliver_lease_doubtful(const struct deliver_leases *l, const struct ident *id);

/* Another item of the same verification: a resend that met its elder in flight, or that elder. NULL: none. */
struct deliver_item *deliver_lease_other(const struct deliver_leases *l, const struct deliver_item *item);

/* The next one of the same verification, an older one; NULL: none. The first is deliver_lease_find's. */
struct deliver_item *deliver_lease_same(const struct deliver_item *item);

/* Walks all items; the current one may be removed if next was asked before. */
struct deliver_item *deliver_lease_any(const struct deliver_leases *l);
struct deliver_item *deliver_lease_next(const struct deliver_leases *l, const struct deliver_item *item);

/* Renews what has less than half of its lease left and has not run out. */
void deliver_lease_renew(struct deliver_leases *l);

#endif
