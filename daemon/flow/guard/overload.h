/*
 * overload: decides whether a request is refused for load, and limits how many requests of each kind may be on their
 * way to Redis. Every request that asks Redis is counted here. A part of what Redis takes is kept for OTP.VERIFY, so
 * that other requests cannot block it.
 */
#ifndef FLOW_GUARD_OVERLOAD_H
#define FLOW_GUARD_OVERLOAD_H

#include "flow.h"
#include "tenants.h"

#define OVERLOAD_RETRY_MS 1000 /* ms after which a request that was refused for Redis may be tried again */

enum overload_reason {
	OVERLOAD_NONE,
	OVERLOAD_DEADLINE, /* the messages queued before it would make it late */
	OVERLOAD_QUEUE,    /* the queue has no free place */
	OVERLOAD_SHARE,    /* its tenant or its connection already has its fair share */
	OVERLOAD_REDIS,    /* as many requests are on their way to Redis as it answers in time */
	OVERLOAD_BACKLOG,  /* its connection has had unread input for more than a second, so it has waited already */
	OVERLOAD_REASONS
};

struct overload;
struct marks;

/* opts and marks must outlive it. NULL: no memory. */
struct overload *overload_new(const struct flow_opts *opts, const struct marks *marks);
void overload_free(struct overload *g);
void overload_configure(struct overload *g); /* applies the opts after a reload changed them */

/* One request that is counted as on its way to Redis. Owned by the command that runs it. Zeroed: not counted. */
struct overload_pass {
	enum overload_kind kind;
	uint32_t *of_tenant, *of_client; /* counters of its tenant and its connection; NULL: not counted */
	int64_t asked_us;                /* when Redis was asked; 0: the answer was measured already */
};

/*
 * Tells whether a request of this kind is let in now: OVERLOAD_NONE, or the reason for a refusal, for which the caller
 * then calls overload_refused. A refusal for want of room or share is noted, because the limit may be too low.
 */
enum overload_reason overload_judge(struct overload *g, struct api_call *call, enum overload_kind kind);

/* The reason for a refusal, and in how many ms the request may be tried again. */
struct overload_refusal {
	enum overload_reason reason;
	int64_t retry_ms;
};

/* Counts a refusal. Returns the text for the client, which is static. */
const char *overload_refused(struct overload *g, enum overload_kind kind, enum overload_reason reason);

/* Counts a request in *pass without judging it: one that was let in, or that follows from one that was let in. */
void overload_follow(struct overload *g, struct api_call *call, enum overload_kind kind, struct overload_pass *pass);
/* Gives the pass back. Does nothing if it is not counted. */
void overload_leave(struct overload *g, struct overload_pass *pass);

/* Measures the time that Redis took for the request's first command. Later calls do nothing. */
void overload_answered(struct overload *g, struct overload_pass *pass);
/* Ends a request: measures its time if err, which is the store's, is ERR_OK, and gives the pass back. */
void overload_done(struct overload *g, struct overload_pass *pass, enum err err);

/* Adds "overload" to an open object. */
void overload_status(const struct overload *g, struct json *j);
void overload_refresh(const struct overload *g); /* sets the gauges */

#endif
