/*
 * deliver_lease: finds the messages of this instance by verification, and renews the leases that allow it to send them.
 */
#ifndef FLOW_DELIVER_DELIVER_LEASE_H
#define FLOW_DELIVER_DELIVER_LEASE_H

#include "attempts.h"

#include "base/invariant.h"
#include "deliver.h"
#include "route_queue.h"

#include <stddef.h>
#include <sys/queue.h>

/* The SEND or RESEND that asked for the message, as it was counted. Times: Redis. */
struct deliver_send {
	uint64_t nth; /* number of the send in this process; a later send has a higher one */
	int64_t deadline_ms, at_ms;
	bool known;   /* counted as a send of a known device */
	bool own;     /* granted by this process; while its lease holds, no other process can have submitted it */
	bool charged; /* an SMS of this send may have arrived */
};

struct deliver_item {
	struct queue_entry entry; /* must be the first member, for deliver_item_of */
	struct deliver *owner;
	LIST_ENTRY(deliver_item) of_partition;
	struct ident id;
	struct message_payload payload;
	struct route_queue_who who;
	struct route_queue_place place; /* held while the item is queued */
	int route;
	struct attempts attempts;
	struct smsc_set avoid_soft; /* SMSCs that are used only if no other can take it */
	uint32_t ttl_ms;
	int64_t hard_end_ms;
	struct deliver_send send;
	uint64_t code;         /* as in deliver_order */
	int64_t lease_end_ms;  /* monotonic */
	uint32_t renewal;      /* number of the renewal under way that includes it; 0: none */
	int64_t not_before_ms; /* monotonic; the item waits until then and is in no queue; 0: it does not wait */
	bool queued, unanswered;
	bool dead;          /* the verification has ended, so the item is not tried again */
	bool late_accepted; /* a late response said that an earlier submit was accepted */
};

_Static_assert(offsetof(struct deliver_item, entry) == 0, "deliver_item_of");

/* Returns the item of a queue's entry. The item must be queued. */
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

/* Returns the item of the verification that brings this code and whose earlier submit got no answer. NULL: none. */
struct deliver_item *deliver_lease_unanswered(const struct deliver_leases *l, const struct ident *id, uint64_t code);

/*
 * Returns another item of the same verification. There are two if a resend came while the message of an earlier send
 * was in flight. NULL: none.
 */
struct deliver_item *deliver_lease_other(const struct deliver_leases *l, const struct deliver_item *item);

/*
 * Returns the next item of the same verification, which is an older one. NULL: none. deliver_lease_find returns the
 * first.
 */
struct deliver_item *deliver_lease_same(const struct deliver_item *item);

/* These two visit all items. The current item may be removed if the next one was read before. */
struct deliver_item *deliver_lease_any(const struct deliver_leases *l);
struct deliver_item *deliver_lease_next(const struct deliver_leases *l, const struct deliver_item *item);

/* Renews the leases that have half of their time or less left and have not ended. */
void deliver_lease_renew(struct deliver_leases *l);

#endif
