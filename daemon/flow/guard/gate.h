/*
 * gate: why a request is refused for load, and how many of each kind may be on their way to Redis at once. Every
 * request that asks Redis passes here; verification has a part of its own that the others cannot use.
 */
#ifndef FLOW_GUARD_GATE_H
#define FLOW_GUARD_GATE_H

#include "flow.h"
#include "service.h"

#define GATE_RETRY_MS 1000 /* when what is refused for Redis may be tried again */

enum gate_reason {
	GATE_OPEN,
	GATE_DEADLINE, /* what is queued before it cannot be sent in time */
	GATE_QUEUE,    /* no place is left */
	GATE_SHARE,    /* its tenant or its connection has its fair share */
	GATE_REDIS,    /* as many are on their way to Redis as answer in time */
	GATE_BACKLOG,  /* its connection has sent for long more than is read: it has waited already */
	GATE_REASONS
};

struct gate;
struct track;

/* opts and track must outlive it. NULL: no memory. */
struct gate *gate_new(const struct flow_opts *opts, const struct track *track);
void gate_free(struct gate *g);
void gate_configure(struct gate *g); /* takes the opts as they are now */

/* One request under way; belongs to its flow. Zeroed: not under way. */
struct gate_pass {
	enum gate_kind kind;
	uint32_t *of_tenant, *of_client; /* where it is counted; NULL: not under way */
	int64_t asked_us;                /* 0: measured already */
};

/* Whether a request of this kind is let in now. GATE_OPEN, or why not: gate_refused then. */
enum gate_reason gate_judge(struct gate *g, struct api_call *call, enum gate_kind kind);

/* Why a request is refused, and in how many ms it may be tried again. */
struct gate_refusal {
	enum gate_reason reason;
	int64_t retry_ms;
};

/* Counts a refusal; returns what to tell the client of it. */
const char *gate_refused(struct gate *g, enum gate_kind kind, enum gate_reason reason);

/* For what follows from a request that was let in: counted, never refused. */
void gate_follow(struct gate *g, struct api_call *call, enum gate_kind kind, struct gate_pass *pass);
void gate_leave(struct gate *g, struct gate_pass *pass);

/* The store answered the request's first question. */
void gate_answered(struct gate *g, struct gate_pass *pass);
/* The same, and gives the pass back; err is the store's. */
void gate_done(struct gate *g, struct gate_pass *pass, enum err err);

void gate_status(const struct gate *g, struct json *j);
void gate_refresh(const struct gate *g); /* the gauges */

#endif
