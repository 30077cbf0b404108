/*
 * lane: what waits on one route: the queues themselves, what must be sent by when, and who holds how much of it.
 * Reserved places count as what is queued does: they are promised.
 */
#ifndef FLOW_DELIVER_LANE_H
#define FLOW_DELIVER_LANE_H

#include "flow/guard/gate.h"
#include "otp/queue.h"
#include "smpp.h"

struct lane;
struct lane_share;

struct lane *lane_new(size_t cap); /* NULL: no memory */
void lane_free(struct lane *l);    /* NULL is fine; places held in it are dead */
/* All of them, and the array. */
void lanes_free(struct lane **lanes, size_t n);

/* Whose it is. tenant NULL: nobody's, it is not counted against a share. client: the number of a connection. */
struct lane_who {
	const void *tenant;
	uint64_t client;
};

struct lane_ask {
	struct lane_who who;
	int64_t deadline_ms;   /* monotonic */
	size_t places;         /* free over all lanes */
	struct smpp_pace pace; /* what the route takes */
};

/* Whether one more can be sent in time and is fair. *retry_ms is set unless it is GATE_OPEN. */
enum gate_reason lane_judge(const struct lane *l, const struct lane_ask *ask, int64_t now_ms, int64_t *retry_ms);

/* How many more could go first, at this pace, and none that waits would be too late; the cap if none waits. */
size_t lane_spare(const struct lane *l, const struct smpp_pace *pace, int64_t now_ms);

/* A place held: reserved, or an entry's in the queue. Zeroed when it is given back. */
struct lane_place {
	struct lane_share *share; /* NULL: counted against nobody's */
	size_t slot;              /* of the time it is due in, plus 1; 0: not held */
};
/* deadline_ms: monotonic; one that is over, as 0, means before all others. */
struct lane_place lane_hold(struct lane *l, const struct lane_who *who, int64_t deadline_ms, int64_t now_ms);
void lane_drop(struct lane *l, struct lane_place *place);

/*
 * The queue, in ways: what may not go to the same SMSCs waits apart, so that it delays nothing that has another way.
 * avoid: a mask of SMSCs. ERR_BUSY at the cap.
 */
enum err lane_push(struct lane *l, struct queue_entry *e, uint32_t avoid) ERR_CHECKED;
void lane_remove(struct queue_entry *e);

/* The first of those whose way is not stuck, a mask of ways; NULL: none. */
struct queue_entry *lane_first(const struct lane *l, uint32_t stuck);
uint32_t lane_way(const struct lane *l, const struct queue_entry *e); /* its way, as a mask */

size_t lane_len(const struct lane *l);

#endif
