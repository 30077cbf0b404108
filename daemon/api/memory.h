/*
 * memory: adds up the buffers of all connections, and finds the connection to close when they are too large.
 * Private to api.
 */
#ifndef API_MEMORY_H
#define API_MEMORY_H

#include "api/tenant.h"
#include "base/invariant.h"

/* A connection's place in the lists of its tenant. Zeroed: it has no memory. */
struct api_memory_place {
	size_t bytes;
	LIST_ENTRY(api_conn) alike; /* the tenant's connections with the same power of two of bytes */
};

/* Returns total - part, or 0 if part is larger, which breaks an invariant. */
static inline size_t api_memory_less(size_t total, size_t part)
{
	return invariant(total >= part) ? total - part : 0;
}

/*
 * Sets the octets of memory of c, and updates *total, the sum over all connections. If c has no tenant, it must have no
 * memory, before and after. Takes constant time.
 */
void api_memory_note(size_t *total, struct api_conn *c, size_t bytes);

/*
 * Returns one of the largest connections of the tenant with the most memory, compared by powers of two. NULL: no
 * connection has any. Its time depends on the number of tenants with a connection, not on the number of connections.
 */
struct api_conn *api_memory_largest(const struct api_tenants *tenants);

#endif
