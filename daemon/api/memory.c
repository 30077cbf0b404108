/*
 * memory: adds up what each tenant's connections hold, and keeps them in lists by the power of two of it, so that the
 * largest is found without a walk over all. A tenant with many small buffers is judged by their sum: it does not make
 * another tenant's one large buffer give way. Must never allocate, nor close a connection itself.
 */
#include "api/memory.h"

#include "api/conn.h"
#include "base/invariant.h"

static size_t power_of(size_t bytes)
{
	size_t power = 0;

	while (bytes >>= 1)
		power++;
	return power < API_MEMORY_POWERS ? power : API_MEMORY_POWERS - 1;
}

static void enlist(struct api_conn *c, size_t power)
{
	struct api_memory_place *at = &c->memory;
	struct api_conn **head = &c->tenant->of[power];

	at->prev = NULL;
	at->next = *head;
	if (at->next)
		at->next->memory.prev = c;
	*head = c;
}

static void leave(struct api_conn *c, size_t power)
{
	struct api_memory_place *at = &c->memory;

	if (at->prev)
		at->prev->memory.next = at->next;
	else
		c->tenant->of[power] = at->next;
	if (at->next)
		at->next->memory.prev = at->prev;
}

static size_t less(size_t total, size_t part)
{
	return invariant(total >= part) ? total - part : 0;
}

void api_memory_note(size_t *total, struct api_conn *c, size_t bytes)
{
	size_t before = c->memory.bytes;

	if (bytes == before)
		return;
	*total = less(*total, before) + bytes;
	c->tenant->bytes = less(c->tenant->bytes, before) + bytes;
	c->memory.bytes = bytes;
	if (before && bytes && power_of(before) == power_of(bytes))
		return;
	if (before)
		leave(c, power_of(before));
	if (bytes)
		enlist(c, power_of(bytes));
}

struct api_conn *api_memory_largest(const struct api_tenant *tenants)
{
	const struct api_tenant *most = tenants;

	for (const struct api_tenant *t = tenants; t; t = t->next) {
		if (t->bytes > most->bytes)
			most = t;
	}
	for (size_t power = API_MEMORY_POWERS; most && power-- > 0;) {
		if (most->of[power])
			return most->of[power];
	}
	return NULL;
}
