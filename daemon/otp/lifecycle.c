/*
 * lifecycle: gives the names of the states of a verification and of its delivery. The numbers must never change,
 * because records in Redis and the functions in Lua hold them.
 */
#include "otp/lifecycle.h"

#include <stddef.h>

static const char *const state_names[LIFECYCLE_STATES] = {
	[LIFECYCLE_PENDING] = "pending",     [LIFECYCLE_VERIFIED] = "verified",   [LIFECYCLE_EXPIRED] = "expired",
	[LIFECYCLE_EXHAUSTED] = "exhausted", [LIFECYCLE_CANCELLED] = "cancelled",
};

static const char *const delivery_names[DELIVERY_STATES] = {
	[DELIVERY_QUEUED] = "queued",     [DELIVERY_SUBMITTED] = "submitted", [DELIVERY_UNKNOWN] = "unknown",
	[DELIVERY_ACCEPTED] = "accepted", [DELIVERY_FAILED] = "failed",       [DELIVERY_DELIVERED] = "delivered",
};

static const char *const reason_names[REASON_COUNT] = {
	[REASON_NONE] = "",
	[REASON_DEADLINE] = "deadline",
	[REASON_REFUSED] = "refused",
	[REASON_NO_ROUTE] = "no_route",
	[REASON_UNDELIVERABLE] = "undeliverable",
	[REASON_REJECTED] = "rejected",
	[REASON_EXPIRED] = "expired",
	[REASON_UNKNOWN] = "unknown",
	[REASON_DELETED] = "deleted",
	[REASON_POISON] = "poison",
	[REASON_AMBIGUOUS] = "ambiguous",
	[REASON_TEMPLATE] = "template",
};

static const char *const cancel_names[CANCEL_COUNT] = {
	[CANCEL_UNSAID] = "",
	[CANCEL_OTHER_METHOD] = "other_method",
	[CANCEL_LEFT] = "left",
	[CANCEL_VERIFIED_ELSEWHERE] = "verified_elsewhere",
};

const char *lifecycle_state_name(enum lifecycle_state s)
{
	return (size_t)s < LIFECYCLE_STATES ? state_names[s] : "unknown";
}

const char *lifecycle_delivery_name(enum lifecycle_delivery d)
{
	return (size_t)d < DELIVERY_STATES ? delivery_names[d] : "unknown";
}

const char *lifecycle_reason_name(enum lifecycle_reason r)
{
	return (size_t)r < REASON_COUNT ? reason_names[r] : "unknown";
}

const char *lifecycle_cancel_name(enum lifecycle_cancel c)
{
	return (size_t)c < CANCEL_COUNT ? cancel_names[c] : "unknown";
}
