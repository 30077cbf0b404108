/*
 * submit: one message to an SMSC: its text with the code in it, its validity, and which SMSCs it goes to.
 */
#ifndef FLOW_DELIVER_SUBMIT_H
#define FLOW_DELIVER_SUBMIT_H

#include "deliver_lease.h"

/* How many ms the code stays valid, at most its TTL. 0 or less: it has expired. */
int64_t submit_left_ms(const struct deliver_uses *u, const struct deliver_item *item);

/* True if a message of no number in particular, with none queued before it, would go out now. */
bool submit_takes(const struct deliver_uses *u, int route);

/* Where the answer goes. */
struct submit_listener {
	smpp_result_fn fn; /* with the item */
	struct smpp_late late;
};

/*
 * Chooses an SMSC and submits to it; waiting: messages queued for the route. ERR_OK: submitted. ERR_BUSY,
 * ERR_UNAVAILABLE: wait. Anything else: it can never be sent.
 */
enum err submit_item(const struct deliver_uses *u, struct deliver_item *item, int64_t left_ms, size_t waiting,
                     const struct submit_listener *listener) ERR_CHECKED;

#endif
