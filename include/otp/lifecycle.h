/*
 * lifecycle: the states of a verification and of its delivery, their names. Pure; the numbers are those of the
 * record in Redis and of the Lua scripts, which hold the legal moves, and must never change.
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

/* In order: the state moves to a higher value only. Exception: UNKNOWN (an unanswered submit) may become any known
 * state. */
enum lifecycle_delivery {
	DELIVERY_QUEUED = 0,
	DELIVERY_SUBMITTED = 1,
	DELIVERY_UNKNOWN = 2,
	DELIVERY_ACCEPTED = 3,
	DELIVERY_FAILED = 4,
	DELIVERY_DELIVERED = 5,
	DELIVERY_STATES
};

/* Why a delivery failed; the record keeps the number, STATUS and metrics the name. */
enum lifecycle_reason {
	REASON_NONE = 0,
	REASON_DEADLINE = 1,      /* not sent in time */
	REASON_REFUSED = 2,       /* refused by every route */
	REASON_NO_ROUTE = 3,      /* no route for the number */
	REASON_UNDELIVERABLE = 4, /* receipt: undeliverable */
	REASON_REJECTED = 5,      /* receipt or SMSC: rejected */
	REASON_EXPIRED = 6,       /* receipt: validity ran out in the network */
	REASON_UNKNOWN = 7,       /* receipt: unknown or failed */
	REASON_DELETED = 8,       /* receipt: deleted */
	REASON_POISON = 9,        /* claimed too often without an end */
	REASON_AMBIGUOUS = 10,    /* submitted, never answered */
	REASON_COUNT
};

const char *lifecycle_state_name(enum lifecycle_state s);       /* "pending" ... */
const char *lifecycle_delivery_name(enum lifecycle_delivery d); /* "queued" ... */
const char *lifecycle_reason_name(enum lifecycle_reason r);     /* "" for NONE, "no_route" ... */

#endif
