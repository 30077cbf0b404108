/*
 * memory: keeps the connections in lists by the power of two of what they hold, so that the largest is found without
 * a walk over all. Owns the lists and the sum. Must never allocate, nor close a connection itself.
 */
#include "api/memory.h"

#include "api/conn.h"

static size_t class_of(size_t bytes)
{
	size_t class = 0;

	while (bytes >>= 1)
		class ++;
	return class < API_MEMORY_CLASSES ? class : API_MEMORY_CLASSES - 1;
}

static void enlist(struct api_memory *m, struct api_conn *c, size_t class)
{
	struct api_memory_place *at = &c->memory;

	at->prev = NULL;
	at->next = m->of[class];
	if (at->next)
		at->next->memory.prev = c;
	m->of[class] = c;
}

static void leave(struct api_memory *m, struct api_conn *c, size_t class)
{
	struct api_memory_place *at = &c->memory;

	if (at->prev)
		at->prev->memory.next = at->next;
	else
		m->of[class] = at->next;
	if (at->next)
		at->next->memory.prev = at->prev;
}

void api_memory_note(struct api_memory *m, struct api_conn *c, size_t bytes)
{
	size_t before = c->memory.bytes;

	if (bytes == before)
		return;
	m->total += bytes - before;
	c->memory.bytes = bytes;
	if (before && bytes && class_of(before) == class_of(bytes))
		return;
	if (before)
		leave(m, c, class_of(before));
	if (bytes)
		enlist(m, c, class_of(bytes));
}

struct api_conn *api_memory_largest(const struct api_memory *m)
{
	for (size_t class = API_MEMORY_CLASSES; class -- > 0;) {
		if (m->of[class])
			return m->of[class];
	}
	return NULL;
}
