/*
 * deliver: messages from acknowledge to the SMSC's answer: queue, text, submit, retry, expiry, wipe. Holds the leases
 * of what it has and renews them; puts nothing on the wire whose lease may have run out.
 */
#ifndef FLOW_DELIVER_DELIVER_H
#define FLOW_DELIVER_DELIVER_H

#include "route_queue.h"
#include "otp/message.h"
#include "deliver_uses.h"

struct deliver;

struct deliver *deliver_new(const struct deliver_uses *u); /* NULL: no memory */
void deliver_free(struct deliver *d);
void deliver_start(struct deliver *d);
enum err deliver_configure(struct deliver *d) ERR_CHECKED;

/*
 * A place for one message, promised to nobody else; of its holder, zeroed while none is held. deliver_commit fills it;
 * deliver_cancel gives it back, and does nothing when none is held: a holder calls it when it ends, on every path.
 */
struct deliver_place {
	struct route_queue_who who;
	struct route_queue_place held;
	int route;
	bool reserved;
	uint32_t generation; /* of the route queues: a reload makes new ones, and the places held in the old are gone */
};

/*
 * Takes a place on the route before anything is promised: room in the queue, time enough before deadline_ms (from now)
 * at the pace of the route, a fair share of both. Not OVERLOAD_NONE: none was taken; *retry_ms says when to try again.
 */
struct deliver_ask {
	struct route_queue_who who;
	int route;
	int64_t deadline_ms;
};
enum overload_reason deliver_reserve(struct deliver *d, const struct deliver_ask *ask, struct deliver_place *place,
                                     int64_t *retry_ms);
void deliver_cancel(struct deliver *d, struct deliver_place *place);

/* What is known of a message when it is queued. Times: Redis unix ms, but lease_end_ms (monotonic). */
struct deliver_order {
	struct ident id;
	const struct message_payload *payload; /* copied */
	uint32_t avoid_soft;                   /* SMSCs that did not reach the person before */
	uint32_t undelivered;                  /* SMSCs that had their attempt and must not have another */
	uint32_t ttl_ms;
	int64_t hard_end_ms, deadline_ms, sent_ms, lease_end_ms;
	bool doubtful; /* it may have been submitted before */
	bool known;    /* its send was counted as one of a known device */
};

/* Fills the reserved place. ERR_NOMEM: the place is free again and the journal's lease will run out. */
enum err deliver_commit(struct deliver *d, const struct deliver_order *order, struct deliver_place *place) ERR_CHECKED;

/* Takes over a claimed message, or only its lease if it is here already. Needs no reservation. ERR_BUSY, ERR_NOMEM. */
enum err deliver_adopt(struct deliver *d, const struct deliver_order *order) ERR_CHECKED;

/* How many claimed messages would find a place now, and make nothing late that waits here. */
unsigned deliver_room(const struct deliver *d);

/* Forgets a queued message of a verification that ended (cancelled, verified); one in flight is left alone. */
void deliver_forget(struct deliver *d, const struct ident *id);

/* Sends what can be sent. */
void deliver_pump(struct deliver *d);

/* No more submits; hands back what was never written. */
void deliver_stop(struct deliver *d);
size_t deliver_in_flight(const struct deliver *d);
size_t deliver_queued(const struct deliver *d);

void deliver_status(const struct deliver *d, struct json *j);

#endif
