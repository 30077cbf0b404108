/*
 * service: the tenants, their token buckets and the counters of their outcomes.
 */
#ifndef FLOW_GUARD_SERVICE_H
#define FLOW_GUARD_SERVICE_H

#include "base/bucket.h"
#include "otp/guessing.h"
#include "flow.h"

#include <sys/queue.h>

/* What a request asks of Redis; each kind has its own part of what Redis takes at once. */
enum gate_kind {
	GATE_SENDING,   /* SEND, RESEND */
	GATE_VERIFYING, /* VERIFY */
	GATE_ASKING,    /* STATUS, CANCEL, and the map of REPLY FULL */
	GATE_KINDS
};

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

/* opts and keys must outlive it. NULL: no memory. */
struct service *service_new(const struct flow_opts *opts, const struct keyring *keys);
void service_free(struct service *s);
/* Takes the tenants of the opts as they are now. */
enum err service_configure(struct service *s) ERR_CHECKED;

/* All that ever were, by SLIST_NEXT(t, in_all); NULL: none. */
struct service_tenant *service_first(const struct service *s);

/* The tenant behind a call; never NULL. */
struct service_tenant *service_tenant(struct api_call *call);

/* Takes one SEND from the buckets of the tenant and of all; false: *scope and *retry_ms say whose and how long. */
bool service_admit(struct service *s, struct service_tenant *t, const char **scope, int64_t *retry_ms);

/* The tenant of a peer, by the opts as they are now. NULL: none. */
struct service_tenant *service_peer(const struct service *s, uid_t uid, const gid_t *gids, size_t gid_count);
void service_status(const struct service *s, struct json *j);

#endif
