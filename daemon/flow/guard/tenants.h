/*
 * tenants: the tenants, their token buckets and the counters of their outcomes.
 */
#ifndef FLOW_GUARD_TENANTS_H
#define FLOW_GUARD_TENANTS_H

#include "base/bucket.h"
#include "otp/guessing.h"
#include "flow.h"

#include <sys/queue.h>

/* What a request asks of Redis; each kind has its own part of what Redis takes at once. */
enum overload_kind {
	OVERLOAD_SENDING,   /* SEND, RESEND */
	OVERLOAD_VERIFYING, /* VERIFY */
	OVERLOAD_ASKING,    /* STATUS, CANCEL, and the map of REPLY FULL */
	OVERLOAD_KINDS
};

struct tenants;

/* A tenant as it lives over reloads; found by name. */
struct tenant {
	SLIST_ENTRY(tenant) in_all;
	char name[TEXT_NAME_CAP];
	uint32_t tag;                       /* keyed hash of the name, in every record */
	const struct policy_tenant *rights; /* of the current configuration; NULL: no longer there */
	struct bucket bucket;
	uint64_t sends, approved, wrong, limited;
	struct guessing guessing;           /* its verdicts of late */
	uint32_t in_flight[OVERLOAD_KINDS]; /* requests under way to Redis */
};

/* opts and keys must outlive it. NULL: no memory. */
struct tenants *tenants_new(const struct flow_opts *opts, const struct keyring *keys);
void tenants_free(struct tenants *s);
/* Takes the tenants of the opts as they are now. */
enum err tenants_configure(struct tenants *s) ERR_CHECKED;

/* All that ever were, by SLIST_NEXT(t, in_all); NULL: none. */
struct tenant *tenants_first(const struct tenants *s);

/* The tenant behind a call; never NULL. */
struct tenant *tenants_of(struct api_call *call);

/* Takes one SEND from the buckets of the tenant and of all; false: *scope and *retry_ms say whose and how long. */
bool tenants_admit(struct tenants *s, struct tenant *t, const char **scope, int64_t *retry_ms);

/* The tenant of a peer, by the opts as they are now. NULL: none. */
struct tenant *tenants_peer(const struct tenants *s, uid_t uid, const gid_t *gids, size_t gid_count);
void tenants_status(const struct tenants *s, struct json *j);

#endif
