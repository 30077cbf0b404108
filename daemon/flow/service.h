/*
 * service: the tenants, their token buckets and the counters of their outcomes.
 */
#ifndef FLOW_SERVICE_H
#define FLOW_SERVICE_H

#include "base/bucket.h"
#include "otp/guessing.h"
#include "parts.h"

#include <sys/queue.h>

struct service;

/* A tenant as it lives over reloads; found by name. */
struct service_tenant {
	SLIST_ENTRY(service_tenant) in_all;
	char name[TEXT_NAME_CAP];
	uint32_t tag;                       /* keyed hash of the name, in every record */
	const struct policy_tenant *rights; /* of the current configuration; NULL: no longer there */
	struct bucket bucket;
	uint64_t sends, approved, wrong, limited;
	struct guessing guessing;       /* its verdicts of late */
	uint32_t in_flight[GATE_KINDS]; /* requests under way to Redis */
};

struct service *service_new(struct flow *f); /* NULL: no memory */
void service_free(struct service *s);
/* Takes the tenants of f->opts. */
enum err service_configure(struct service *s) ERR_CHECKED;

/* All that ever were, by SLIST_NEXT(t, in_all); NULL: none. */
struct service_tenant *service_first(const struct service *s);

/* The tenant behind a call; never NULL. */
struct service_tenant *service_tenant(struct api_call *call);

/* Takes one SEND from the buckets of the tenant and of all; false: *scope and *retry_ms say whose and how long. */
bool service_admit(struct service *s, struct service_tenant *t, const char **scope, int64_t *retry_ms);

/* Who calls, and INFO; the commands are not among them. */
struct api_hooks service_hooks(struct service *s);
void service_status(const struct service *s, struct json *j);

#endif
