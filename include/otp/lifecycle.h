/*
 * lifecycle: the states of a verification and of its delivery, and their names. Pure. The records in Redis and the Lua
 * scripts hold the numbers, so these must never change. The Lua scripts decide which changes of state are allowed.
 */
#ifndef OTP_LIFECYCLE_H
#define OTP_LIFECYCLE_H

enum lifecycle_state {
	LIFECYCLE_PENDING = 0,
	LIFECYCLE_VERIFIED = 1,
	LIFECYCLE_EXPIRED = 2,
	LIFECYCLE_EXHAUSTED = 3,
	LIFECYCLE_CANCELLED = 4,
	LIFECYCLE_STATES
};

/*
 * In order: during one send the state moves to a higher value only. Exception: UNKNOWN (an unanswered submit) may
 * become any other state. A resend, or a new SMSC after a failed receipt, starts again at QUEUED.
 */
enum lifecycle_delivery {
	DELIVERY_QUEUED = 0,
	DELIVERY_SUBMITTED = 1,
	DELIVERY_UNKNOWN = 2,
	DELIVERY_ACCEPTED = 3,
	DELIVERY_FAILED = 4,
	DELIVERY_DELIVERED = 5,
	DELIVERY_STATES
};

/* Why a delivery failed. The record keeps the number. STATUS and metrics show the name. */
enum lifecycle_reason {
	REASON_NONE = 0,
	REASON_DEADLINE = 1,      /* not submitted before the deadline */
	REASON_REFUSED = 2,       /* refused by every route */
	REASON_NO_ROUTE = 3,      /* no route for the number */
	REASON_UNDELIVERABLE = 4, /* receipt: undeliverable */
	REASON_REJECTED = 5,      /* receipt or SMSC: rejected */
	REASON_EXPIRED = 6,       /* receipt: the validity period ended in the network */
	REASON_UNKNOWN = 7,       /* receipt: unknown or failed */
	REASON_DELETED = 8,       /* receipt: deleted */
	REASON_POISON = 9,        /* taken over too often without a result */
	REASON_AMBIGUOUS = 10,    /* submitted, but the SMSC never answered */
	REASON_COUNT
};

const char *lifecycle_state_name(enum lifecycle_state s);       /* "pending" ... */
const char *lifecycle_delivery_name(enum lifecycle_delivery d); /* "queued" ... */
const char *lifecycle_reason_name(enum lifecycle_reason r);     /* "" for NONE, "no_route" ... */

#endif
