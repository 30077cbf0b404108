/*
 * route_queue: what waits for one route: its sub-queues, how many messages are due by when, and how many places each
 * tenant and connection holds. A reserved place counts like a queued message, because it was promised.
 */
#ifndef FLOW_DELIVER_ROUTE_QUEUE_H
#define FLOW_DELIVER_ROUTE_QUEUE_H

#include "flow/guard/overload.h"
#include "otp/queue.h"
#include "smpp.h"

struct route_queue;
struct route_queue_share;

struct route_queue *route_queue_new(size_t cap); /* NULL: no memory */
void route_queue_free(struct route_queue *l);    /* NULL is fine; places held in it must not be dropped any more */
/* All of them, and the array. */
void route_queues_free(struct route_queue **queues, size_t n);

/* Who holds a place. tenant NULL: no tenant, the place counts against no share. client: the number of a connection. */
struct route_queue_who {
	const void *tenant;
	uint64_t client;
};

struct route_queue_ask {
	struct route_queue_who who;
	int64_t deadline_ms;   /* monotonic */
	size_t places;         /* free over all queues */
	struct smpp_pace pace; /* what the route takes */
};

/* Whether one more can be sent in time and is fair. *retry_ms is set unless it is OVERLOAD_NONE. */
enum overload_reason route_queue_judge(const struct route_queue *l, const struct route_queue_ask *ask, int64_t now_ms,
                                       int64_t *retry_ms);

/* How many more messages could be sent first, at this pace, without making a queued one late. The cap if none waits. */
size_t route_queue_spare(const struct route_queue *l, const struct smpp_pace *pace, int64_t now_ms);

/* A place held: reserved, or an entry's in the queue. Zeroed when it is given back. */
struct route_queue_place {
	struct route_queue_share *share; /* NULL: counted against no share */
	size_t slot;                     /* of the time it is due in, plus 1; 0: not held */
};
/* deadline_ms: monotonic; one that is over, as 0, means before all others. */
struct route_queue_place route_queue_hold(struct route_queue *l, const struct route_queue_who *who, int64_t deadline_ms,
                                          int64_t now_ms);
void route_queue_drop(struct route_queue *l, struct route_queue_place *place);

/*
 * The queue, in parts: what may not go to the same SMSCs waits apart, so that it delays nothing that has another way.
 * avoid: a mask of SMSCs. ERR_BUSY at the cap.
 */
enum err route_queue_push(struct route_queue *l, struct queue_entry *e, uint32_t avoid) ERR_CHECKED;
void route_queue_remove(struct queue_entry *e);

/* The first of those whose way is not stuck, a mask of parts; NULL: none. */
struct queue_entry *route_queue_first(const struct route_queue *l, uint32_t stuck);
uint32_t route_queue_part(const struct route_queue *l, const struct queue_entry *e); /* its sub-queue, as a mask */

size_t route_queue_len(const struct route_queue *l);

#endif
