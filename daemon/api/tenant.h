/*
 * tenant: what the connections of one tenant have in common: their slice of each turn of the loop (turn), and the
 * memory of their buffers (memory). Private to api.
 */
#ifndef API_TENANT_H
#define API_TENANT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

struct api_conn;

enum { API_MEMORY_POWERS = 32 };

/* Lives as long as a connection of the tenant is open. */
struct api_tenant {
	LIST_ENTRY(api_tenant) in_all;
	const void *peer; /* what hooks->peer answered for its connections */
	size_t clients;

	/* turn's */
	uint64_t turn; /* the turn of the loop that spent_us belongs to */
	int64_t spent_us;
	TAILQ_HEAD(api_waiting, api_conn) waiting; /* connections that wait for the tenant's next slice, in order */
	LIST_ENTRY(api_tenant) in_waiting;         /* while there is one */

	/* memory's */
	size_t bytes;                                /* what its connections hold, octets */
	LIST_HEAD(, api_conn) of[API_MEMORY_POWERS]; /* of[i]: those that hold 2^i octets up to 2^(i+1) - 1 */
};

LIST_HEAD(api_tenants, api_tenant);

/* Finds the tenant or adds it to the list, and counts one more client. Given back by one api_tenant_leave. NULL: no
 * memory. */
struct api_tenant *api_tenant_join(struct api_tenants *all, const void *peer);

/* One client less; frees the tenant after its last. Its connection neither waits for a slice nor holds memory. */
void api_tenant_leave(struct api_tenant *t);

#endif
