/*
 * tenant: what the connections of one tenant have in common: their slice of each turn of the loop (turn), and the
 * memory of their buffers (memory). Private to api.
 */
#ifndef API_TENANT_H
#define API_TENANT_H

#include <stddef.h>
#include <stdint.h>

struct api_conn;

enum { API_MEMORY_POWERS = 32 };

/* Lives as long as a connection of the tenant is open. */
struct api_tenant {
	struct api_tenant *next;
	const void *peer; /* what hooks->peer answered for its connections */
	size_t clients;

	/* turn's */
	uint64_t turn; /* the turn of the loop that spent_us belongs to */
	int64_t spent_us;
	struct api_conn *first, *last;                 /* those that wait for the tenant's next slice, in order */
	struct api_tenant *next_waiting, **waiting_at; /* waiting_at: NULL when no connection of this tenant waits */

	/* memory's */
	size_t bytes;                           /* what its connections hold, octets */
	struct api_conn *of[API_MEMORY_POWERS]; /* of[i]: those that hold 2^i octets up to 2^(i+1) - 1 */
};

/* Finds the tenant or adds it to the list, and counts one more client. Given back by one api_tenant_leave. NULL: no
 * memory. */
struct api_tenant *api_tenant_join(struct api_tenant **all, const void *peer);

/* One client less; frees the tenant after its last. Its connection neither waits for a slice nor holds memory. */
void api_tenant_leave(struct api_tenant **all, struct api_tenant *t);

#endif
