/*
 * submit: submits one message to an SMSC: makes its text with the code, computes its validity and chooses the SMSC.
 */
#ifndef FLOW_DELIVER_SUBMIT_H
#define FLOW_DELIVER_SUBMIT_H

#include "deliver_lease.h"

/* Returns how many ms the code stays valid, at most its TTL. 0 or less: it has expired. */
int64_t submit_left_ms(const struct deliver_uses *u, const struct deliver_item *item);

/* True if the route could submit a message now, whatever its number, with no message queued before it. */
bool submit_takes(const struct deliver_uses *u, int route);

/* The functions that get the result of the submit. */
struct submit_listener {
	smpp_result_fn fn; /* its arg is the item */
	struct smpp_late late;
};

/*
 * Chooses an SMSC and submits the message to it. waiting: messages queued for the route. ERR_OK: submitted. ERR_BUSY,
 * ERR_UNAVAILABLE: the message has to wait. Any other error: it can never be sent.
 */
enum err submit_item(const struct deliver_uses *u, struct deliver_item *item, int64_t left_ms, size_t waiting,
                     const struct submit_listener *listener) ERR_CHECKED;

#endif
