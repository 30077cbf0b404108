/*
 * tenant: what the connections of one tenant share, which is a slice of each turn of the loop (turn) and the sum of
 * their memory (memory). Private to api.
 */
#ifndef API_TENANT_H
#define API_TENANT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

struct api_conn;

enum { API_MEMORY_POWERS = 32 };

/* It exists while a connection of the tenant is open. */
struct api_tenant {
	LIST_ENTRY(api_tenant) in_all;
	const void *peer; /* the pointer that hooks->peer returned for its connections */
	size_t clients;

	/* Used by turn. */
	uint64_t turn; /* the turn of the loop that spent_us belongs to */
	int64_t spent_us;
	TAILQ_HEAD(api_waiting, api_conn) waiting; /* connections that wait for the tenant's next slice, in order */
	LIST_ENTRY(api_tenant) in_waiting;         /* while there is one */

	/* Used by memory. */
	size_t bytes;                                /* octets of memory of its connections */
	LIST_HEAD(, api_conn) of[API_MEMORY_POWERS]; /* of[i]: connections with 2^i to 2^(i+1) - 1 octets of memory */
};

LIST_HEAD(api_tenants, api_tenant);

/* Finds or adds the tenant, and counts one more client, until api_tenant_leave. NULL: no memory. */
struct api_tenant *api_tenant_join(struct api_tenants *all, const void *peer);

/* Counts one client less, and frees the tenant of the last. The connection must not wait for a slice or have memory. */
void api_tenant_leave(struct api_tenant *t);

#endif
