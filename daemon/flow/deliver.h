/*
 * deliver: messages from acknowledge to the SMSC's answer: queue, text, submit, retry, expiry, wipe. Holds the leases
 * of what it has and renews them; puts nothing on the wire whose lease may have run out.
 */
#ifndef FLOW_DELIVER_H
#define FLOW_DELIVER_H

#include "otp/message.h"
#include "parts.h"

struct deliver;

struct deliver *deliver_new(struct flow *f); /* NULL: no memory */
void deliver_free(struct deliver *d);
void deliver_start(struct deliver *d);
enum err deliver_configure(struct deliver *d) ERR_CHECKED;

/*
 * Takes a place for one message on the route, before anything is promised. ERR_BUSY: the queue is full, or what is
 * queued cannot be sent within deadline_ms at the rate of the bound SMSCs; *retry_ms says when to try again.
 */
enum err deliver_reserve(struct deliver *d, int route, int64_t deadline_ms, int64_t *retry_ms) ERR_CHECKED;
void deliver_cancel(struct deliver *d);

/* What is known of a message when it is queued. Times: Redis unix ms, but lease_end_ms (monotonic). */
struct deliver_order {
	struct ident id;
	const struct message_payload *payload; /* copied */
	uint32_t avoid;       /* SMSCs that did not reach the person before */
	uint32_t ttl_ms;
	int64_t hard_end_ms, deadline_ms, lease_end_ms;
	bool doubtful;        /* it may have been submitted before */
};

/* Fills the reserved place. ERR_NOMEM: the place is free again and the journal's lease will run out. */
enum err deliver_commit(struct deliver *d, const struct deliver_order *order) ERR_CHECKED;

/* Takes over a claimed message, or only its lease if it is here already. Needs no reservation. ERR_BUSY, ERR_NOMEM. */
enum err deliver_adopt(struct deliver *d, const struct deliver_order *order) ERR_CHECKED;

/* How many claimed messages would find a place and window room now. */
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
