/*
 * tenants: the tenants, the token buckets that limit their SENDs, and the counters of their outcomes. A tenant is found
 * by the uid and gids of the peer. Its limits come from the configuration.
 */
#ifndef FLOW_GUARD_TENANTS_H
#define FLOW_GUARD_TENANTS_H

#include "base/bucket.h"
#include "otp/guessing.h"
#include "flow.h"

#include <sys/queue.h>

/* The kinds of requests to Redis. Each kind has a limit of its own on requests in flight. */
enum overload_kind {
	OVERLOAD_SENDING,   /* SEND, RESEND */
	OVERLOAD_VERIFYING, /* VERIFY */
	OVERLOAD_ASKING,    /* STATUS, CANCEL, and the map of REPLY FULL */
	OVERLOAD_KINDS
};

struct tenants;

/* A tenant. It stays the same object over reloads, which find it by its name. */
struct tenant {
	SLIST_ENTRY(tenant) in_all;
	char name[TEXT_NAME_CAP];
	uint32_t tag;                       /* the first octets of a keyed hash of the name; part of every record */
	const struct policy_tenant *rights; /* of the current configuration; NULL: a reload removed the tenant */
	struct bucket bucket;
	uint64_t sends, approved, wrong, limited;
	struct guessing guessing;           /* its verdicts, recent and past */
	uint32_t in_flight[OVERLOAD_KINDS]; /* requests on their way to Redis, by kind */
};

/* opts and keys must outlive it. NULL: no memory. */
struct tenants *tenants_new(const struct flow_opts *opts, const struct keyring *keys);
void tenants_free(struct tenants *s);
/* Applies the tenants of the opts after they changed. ERR_NOMEM: rights and limits are as before. */
enum err tenants_configure(struct tenants *s) ERR_CHECKED;

/*
 * The first of all tenants since the start, also of those that a reload removed. SLIST_NEXT(t, in_all) gives the next.
 * NULL: there is none.
 */
struct tenant *tenants_first(const struct tenants *s);

/* The tenant of the connection that the call came from; never NULL. */
struct tenant *tenants_of(const struct api_call *call);

/*
 * Takes one SEND from the buckets of the tenant and of all tenants. False: *scope is "tenant" or "global", the bucket
 * that is empty, and *retry_ms is the time until it has a token. Then nothing was taken.
 */
bool tenants_admit(struct tenants *s, struct tenant *t, const char **scope, int64_t *retry_ms);

/* The tenant of a peer by the current opts. NULL: the peer belongs to none. */
struct tenant *tenants_peer(const struct tenants *s, uid_t uid, const gid_t *gids, size_t gid_count);
/* Adds "tenants" to an open object. */
void tenants_status(const struct tenants *s, struct json *j);

#endif
