/*
 * deliver: takes a message from the answer to SEND until the answer of the SMSC: queue, text, submit, retry, deadline,
 * wipe. Holds the leases of its messages and renews them. It must never submit a message whose lease may have ended.
 */
#ifndef FLOW_DELIVER_DELIVER_H
#define FLOW_DELIVER_DELIVER_H

#include "route_queue.h"
#include "otp/message.h"
#include "deliver_uses.h"

/* After how long others are offered a message that this instance cannot send, because it lacks its key or its text. */
#define DELIVER_LEAVE_MS 5000

struct deliver;

struct deliver *deliver_new(const struct deliver_uses *u); /* NULL: no memory */
void deliver_free(struct deliver *d);
void deliver_start(struct deliver *d);
enum err deliver_configure(struct deliver *d) ERR_CHECKED;

/*
 * Returns the route of a message, an index below smpp_routes(), or smpp_routes() if it is for a test number, because
 * its SMS is played and never submitted. -1: no route serves the number.
 */
int deliver_route(const struct deliver *d, const struct message_payload *payload);

/*
 * A place for one message, reserved for one holder. It is zeroed while no place is held. deliver_commit fills it.
 * deliver_cancel gives it back, and does nothing if none is held. The holder calls deliver_cancel on every path on
 * which it ends.
 */
struct deliver_place {
	struct route_queue_who who;
	struct route_queue_place held;
	int route;
	bool reserved;
	bool test;           /* for the message of a test number */
	uint32_t generation; /* of the route queues; a reload makes new queues and drops places in the old */
};

/*
 * Reserves a place on the route before the client gets an answer. It needs a free place in the queue, enough time
 * before deadline_ms (counted from now) at the pace of the route, and a fair share of both. If the result is not
 * OVERLOAD_NONE, nothing was reserved, and *retry_ms says when to try again.
 */
struct deliver_ask {
	struct route_queue_who who;
	int route;
	int64_t deadline_ms;
};
enum overload_reason deliver_reserve(struct deliver *d, const struct deliver_ask *ask, struct deliver_place *place,
                                     int64_t *retry_ms);
void deliver_cancel(struct deliver *d, struct deliver_place *place);

/* What is known of a message when it is queued. Times are Redis time (Unix ms), except lease_end_ms (monotonic). */
struct deliver_order {
	struct ident id;
	const struct message_payload *payload; /* copied */
	struct smsc_set avoid_soft;  /* SMSCs that did not reach the person before; used only if no other can take it */
	struct smsc_set undelivered; /* SMSCs that had their attempt and must not get another */
	uint32_t ttl_ms;
	int64_t hard_end_ms, deadline_ms, sent_ms, lease_end_ms;
	bool unanswered; /* an earlier submit of it may have been accepted */
	bool known;      /* its send was counted as that of a known device */
};

/*
 * Queues a message at the reserved place. ERR_NOMEM: the place is free again, and the lease will end, so that another
 * process can claim the message.
 */
enum err deliver_commit(struct deliver *d, const struct deliver_order *order, struct deliver_place *place) ERR_CHECKED;

/*
 * Queues a claimed message. If the message is here already, takes over only its lease. Needs no reservation. ERR_BUSY:
 * no place is free. ERR_NOMEM.
 */
enum err deliver_adopt(struct deliver *d, const struct deliver_order *order) ERR_CHECKED;

/* Returns how many claimed messages would get a place now without making a message late that waits here. */
unsigned deliver_room(const struct deliver *d);

/*
 * Drops the messages of a verification that ended (cancelled, verified). A message in flight stays, but it is not tried
 * again.
 */
void deliver_forget(struct deliver *d, const struct ident *id);

/* Submits every message that can be sent now. */
void deliver_pump(struct deliver *d);

/* Ends all submitting, and gives back the leases of messages that are not in flight. */
void deliver_stop(struct deliver *d);
size_t deliver_in_flight(const struct deliver *d);
size_t deliver_queued(const struct deliver *d);

void deliver_status(const struct deliver *d, struct json *j);

#endif
