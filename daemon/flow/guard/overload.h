/*
 * overload: why a request is refused for load, and how many of each kind may be on their way to Redis at once. Every
 * request that asks Redis passes here; verification has a part of its own that the others cannot use.
 */
#ifndef FLOW_GUARD_OVERLOAD_H
#define FLOW_GUARD_OVERLOAD_H

#include "flow.h"
#include "tenants.h"

#define OVERLOAD_RETRY_MS 1000 /* when what is refused for Redis may be tried again */

enum overload_reason {
	OVERLOAD_NONE,
	OVERLOAD_DEADLINE, /* what is queued before it cannot be sent in time */
	OVERLOAD_QUEUE,    /* no place is left */
	OVERLOAD_SHARE,    /* its tenant or its connection has its fair share */
	OVERLOAD_REDIS,    /* as many are on their way to Redis as answer in time */
	OVERLOAD_BACKLOG,  /* its connection has sent for long more than is read: it has waited already */
	OVERLOAD_REASONS
};

struct overload;
struct marks;

/* opts and marks must outlive it. NULL: no memory. */
struct overload *overload_new(const struct flow_opts *opts, const struct marks *marks);
void overload_free(struct overload *g);
void overload_configure(struct overload *g); /* takes the opts as they are now */

/* One request under way; belongs to its flow. Zeroed: not under way. */
struct overload_pass {
	enum overload_kind kind;
	uint32_t *of_tenant, *of_client; /* where it is counted; NULL: not under way */
	int64_t asked_us;                /* 0: measured already */
};

/*
 * Whether a request of this kind is let in now: OVERLOAD_NONE, or why not; then call overload_refused. A refusal is
 * noted: the limit may be too low.
 */
enum overload_reason overload_judge(struct overload *g, struct api_call *call, enum overload_kind kind);

/* Why a request is refused, and in how many ms it may be tried again. */
struct overload_refusal {
	enum overload_reason reason;
	int64_t retry_ms;
};

/* Counts a refusal; returns what to tell the client of it. */
const char *overload_refused(struct overload *g, enum overload_kind kind, enum overload_reason reason);

/* For what follows from a request that was let in: counted, never refused. */
void overload_follow(struct overload *g, struct api_call *call, enum overload_kind kind, struct overload_pass *pass);
void overload_leave(struct overload *g, struct overload_pass *pass);

/* The store answered the request's first question. */
void overload_answered(struct overload *g, struct overload_pass *pass);
/* The same, and gives the pass back; err is the store's. */
void overload_done(struct overload *g, struct overload_pass *pass, enum err err);

void overload_status(const struct overload *g, struct json *j);
void overload_refresh(const struct overload *g); /* the gauges */

#endif
