/*
 * lifecycle: the states of a verification and of its delivery, the moves between them, and their names. Pure. The
 * numbers are those of the record in Redis and must never change. The functions in Lua read the enums of this header.
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

/* How far the last SMS of a verification has come. UNKNOWN: its submit was not answered. */
enum lifecycle_delivery {
	DELIVERY_QUEUED = 0,
	DELIVERY_SUBMITTED = 1,
	DELIVERY_UNKNOWN = 2,
	DELIVERY_ACCEPTED = 3,
	DELIVERY_FAILED = 4,
	DELIVERY_DELIVERED = 5,
	DELIVERY_STATES
};

/*
 * The legal moves. Bit n of DELIVERY_MOVES_<state> is set if a report about the same SMS may move that delivery to
 * state n: forward only, but UNKNOWN may become any known state. A resend or a reroute is another SMS and starts at
 * QUEUED. A verification has moves from PENDING only: each of its ends is final.
 */
enum lifecycle_moves {
	DELIVERY_MOVES_QUEUED = 62,    /* to all others */
	DELIVERY_MOVES_SUBMITTED = 60, /* to all behind it */
	DELIVERY_MOVES_UNKNOWN = 59,   /* to all others */
	DELIVERY_MOVES_ACCEPTED = 48,  /* to FAILED and DELIVERED */
	DELIVERY_MOVES_FAILED = 32,    /* to DELIVERED, because receipts come in any order */
	DELIVERY_MOVES_DELIVERED = 0
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
	REASON_TEMPLATE = 11,     /* no instance that looked at it had its text */
	REASON_COUNT
};

/* What the backend says why it cancels. The record keeps the number. STATUS and metrics show the name. */
enum lifecycle_cancel {
	CANCEL_UNSAID = 0,
	CANCEL_OTHER_METHOD = 1,       /* the person chose another way to prove who they are */
	CANCEL_LEFT = 2,               /* the person went away */
	CANCEL_VERIFIED_ELSEWHERE = 3, /* the person was verified on another device or by another service */
	CANCEL_COUNT
};

const char *lifecycle_state_name(enum lifecycle_state s);       /* "pending" ... */
const char *lifecycle_delivery_name(enum lifecycle_delivery d); /* "queued" ... */
const char *lifecycle_reason_name(enum lifecycle_reason r);     /* "" for NONE, "no_route" ... */
const char *lifecycle_cancel_name(enum lifecycle_cancel c);     /* "" for UNSAID, "left" ... */

#endif
