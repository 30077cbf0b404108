/*
 * gate: why a request is refused for load, and how many of each kind may be on their way to Redis at once. Every
 * request that asks Redis passes here; verification has a part of its own that the others cannot use.
 */
#ifndef FLOW_GATE_H
#define FLOW_GATE_H

#include "parts.h"
#include "service.h"

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

struct gate *gate_new(struct flow *f); /* NULL: no memory */
void gate_free(struct gate *g);
void gate_configure(struct gate *g); /* takes f->opts */

/* One request under way; belongs to its flow. Zeroed: not under way. */
struct gate_pass {
	enum gate_kind kind;
	uint32_t *of_tenant, *of_client; /* where it is counted; NULL: not under way */
	int64_t asked_us;                /* 0: measured already */
};

/*
 * Whether a request of this kind would be let in now; false: the call has been answered with OVERLOADED. For asking
 * before the request is read, so that refusing costs little.
 */
bool gate_open(struct gate *g, struct api_call *call, enum gate_kind kind);

/* False: the call has been answered with OVERLOADED. The pass is given back with gate_leave, whatever becomes of it. */
bool gate_enter(struct gate *g, struct api_call *call, enum gate_kind kind, struct gate_pass *pass);
/* For what follows from a request that was let in: counted, never refused. */
void gate_follow(struct gate *g, struct api_call *call, enum gate_kind kind, struct gate_pass *pass);
void gate_leave(struct gate *g, struct gate_pass *pass);

/* The store answered the request's first question. */
void gate_answered(struct gate *g, struct gate_pass *pass);
/* The same, and gives the pass back; err is the store's. */
void gate_done(struct gate *g, struct gate_pass *pass, enum err err);

/* The store took no question of this kind: answers that it is away, or has enough to do. */
void gate_unasked(struct gate *g, struct api_call *call, enum gate_kind kind, enum err err);

/* Counts and answers a SEND or RESEND: OVERLOADED. */
void gate_refuse(struct gate *g, struct api_call *call, enum gate_reason reason, int64_t retry_ms);

void gate_status(const struct gate *g, struct json *j);
void gate_refresh(const struct gate *g); /* the gauges */

#endif
