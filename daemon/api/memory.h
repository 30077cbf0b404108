/*
 * memory: what the buffers of all connections hold together, and which connection gives way when that is too much.
 * Private to api.
 */
#ifndef API_MEMORY_H
#define API_MEMORY_H

#include "api/tenant.h"
#include "base/invariant.h"

/* A connection's place in the lists of its tenant. Zeroed: holds nothing. */
struct api_memory_place {
	size_t bytes;
	LIST_ENTRY(api_conn) alike; /* those of the tenant with the same power of two */
};

/* What is left of total without its part; 0 if it was not a part of it, which is a broken invariant. */
static inline size_t api_memory_less(size_t total, size_t part)
{
	return invariant(total >= part) ? total - part : 0;
}

/* c now holds this many octets; *total is the sum over all connections. c has a tenant, unless it held nothing and
 * still does. Constant time. */
void api_memory_note(size_t *total, struct api_conn *c, size_t bytes);

/*
 * Of the tenant that holds the most, one of the connections that hold the most, compared by powers of two; NULL: nobody
 * holds anything. The time grows with the tenants that have a connection, not with the connections.
 */
struct api_conn *api_memory_largest(const struct api_tenants *tenants);

#endif
