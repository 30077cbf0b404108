/*
 * settle: decides what becomes of a successor that was created, and whose creator died before it ended the verification
 * with the wrong number. Either the correction is completed, and the SMS is sent, or the successor is cancelled.
 */
#ifndef FLOW_DELIVER_SETTLE_H
#define FLOW_DELIVER_SETTLE_H

#include "deliver_uses.h"
#include "otp/message.h"

/* The successor goes on: its SMS may be sent until lease_end_ms (monotonic). */
typedef void (*settle_fn)(void *arg, const struct store_record *record, int64_t lease_end_ms);

struct settle_req {
	const struct store_record *record;     /* of the successor, as it was claimed; copied */
	const struct message_payload *payload; /* its payload, which names the id that SEND gave */
	int64_t lease_end_ms;
	settle_fn fn;
	void *arg; /* must live until the store has answered, as all that waits for it */
};

/*
 * Calls fn later if the successor goes on. Otherwise it is cancelled. While the store cannot tell, neither happens, and
 * the lease of the successor runs out once more.
 */
void settle_start(const struct deliver_uses *u, const struct settle_req *req);

#endif
