/*
 * route_queue: the messages that wait for one route: its sub-queues, how many messages are due by when, and how many
 * places each tenant and connection holds. A reserved place counts like a queued message, because the client was
 * promised that it will be sent.
 */
#ifndef FLOW_DELIVER_ROUTE_QUEUE_H
#define FLOW_DELIVER_ROUTE_QUEUE_H

#include "flow/guard/overload.h"
#include "otp/queue.h"
#include "smpp.h"

struct route_queue;
struct route_queue_share;

struct route_queue *route_queue_new(size_t cap); /* NULL: no memory */
void route_queue_free(struct route_queue *l);    /* NULL is fine; afterwards no place held in it may be dropped */
/* Frees all queues and the array. */
void route_queues_free(struct route_queue **queues, size_t n);

/* Who holds a place. tenant NULL: no tenant, so the place counts against no share. client: number of a connection. */
struct route_queue_who {
	const void *tenant;
	uint64_t client;
};

struct route_queue_ask {
	struct route_queue_who who;
	int64_t deadline_ms;   /* monotonic */
	size_t places;         /* places that are free, over all queues */
	struct smpp_pace pace; /* pace of the route */
};

/*
 * Decides whether one more message can be sent in time and is fair. Unless the result is OVERLOAD_NONE, *retry_ms says
 * when to try again.
 */
enum overload_reason route_queue_judge(const struct route_queue *l, const struct route_queue_ask *ask, int64_t now_ms,
                                       int64_t *retry_ms);

/*
 * Returns how many more messages could be sent first at this pace without making a queued one late. Returns the cap if
 * no message is queued.
 */
size_t route_queue_spare(const struct route_queue *l, const struct smpp_pace *pace, int64_t now_ms);

/* A place that is held: reserved, or that of a queued message. Zeroed when it is given back. */
struct route_queue_place {
	struct route_queue_share *share; /* NULL: the place counts against no share */
	size_t slot;                     /* 1 + the time slot in which it is due; 0: not held */
};
/* Takes a place. deadline_ms: monotonic. A deadline in the past, such as 0, means before all others. */
struct route_queue_place route_queue_hold(struct route_queue *l, const struct route_queue_who *who, int64_t deadline_ms,
                                          int64_t now_ms);
void route_queue_drop(struct route_queue *l, struct route_queue_place *place);

/*
 * Adds a message. There is one sub-queue per set of SMSCs to avoid, so that a message that none of the others can take
 * does not block them. avoid is copied. ERR_BUSY: the sub-queue is full.
 */
enum err route_queue_push(struct route_queue *l, struct queue_entry *e, const struct smsc_set *avoid) ERR_CHECKED;
void route_queue_remove(struct queue_entry *e);

/* Returns the first message of all sub-queues that are not in the mask stuck. NULL: none. */
struct queue_entry *route_queue_first(const struct route_queue *l, uint32_t stuck);
uint32_t route_queue_part(const struct route_queue *l, const struct queue_entry *e); /* the sub-queue of e, as a mask */

size_t route_queue_len(const struct route_queue *l);

#endif
