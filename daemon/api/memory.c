/*
 * memory: adds up the memory of each tenant's connections, and lists them by the power of two of their memory, so that
 * the largest is found without visiting all. Tenants are compared by the sum of their connections, because otherwise
 * one tenant with many small buffers could cause the only large buffer of another tenant to be closed. It must never
 * allocate memory or close a connection.
 */
#include "api/memory.h"

#include "api/conn.h"

static size_t power_of(size_t bytes)
{
	size_t power = 0;

	while (bytes >>= 1)
		power++;
	return power < API_MEMORY_POWERS ? power : API_MEMORY_POWERS - 1;
}

void api_memory_note(size_t *total, struct api_conn *c, size_t bytes)
{
	size_t before = c->memory.bytes;

	if (bytes == before || !invariant(c->tenant))
		return;
	*total = api_memory_less(*total, before) + bytes;
	c->tenant->bytes = api_memory_less(c->tenant->bytes, before) + bytes;
	c->memory.bytes = bytes;
	if (before && bytes && power_of(before) == power_of(bytes))
		return;
	if (before)
		LIST_REMOVE(c, memory.alike);
	if (bytes)
		LIST_INSERT_HEAD(&c->tenant->of[power_of(bytes)], c, memory.alike);
}

struct api_conn *api_memory_largest(const struct api_tenants *tenants)
{
	const struct api_tenant *t, *most = LIST_FIRST(tenants);

	LIST_FOREACH(t, tenants, in_all) {
		if (t->bytes > most->bytes)
			most = t;
	}
	for (size_t power = API_MEMORY_POWERS; most && power-- > 0;) {
		if (!LIST_EMPTY(&most->of[power]))
			return LIST_FIRST(&most->of[power]);
	}
	return NULL;
}
