/*
 * busy_routes: a bit per route. Owns the words.
 */
#include "busy_routes.h"

#include <stdlib.h>

#define WORD 64

enum err busy_routes_init(struct busy_routes *b, size_t n)
{
	b->count = n / WORD + 1;
	b->words = calloc(b->count, sizeof(*b->words));
	return b->words ? ERR_OK : ERR_NOMEM;
}

void busy_routes_clear(struct busy_routes *b)
{
	free(b->words);
	*b = (struct busy_routes){ .count = 0 };
}

void busy_routes_add(struct busy_routes *b, int route)
{
	b->words[route / WORD] |= UINT64_C(1) << route % WORD;
}

void busy_routes_remove(struct busy_routes *b, int route)
{
	b->words[route / WORD] &= ~(UINT64_C(1) << route % WORD);
}

int busy_routes_next(const struct busy_routes *b, int from)
{
	unsigned skip = (unsigned)from % WORD;

	for (size_t i = (size_t)from / WORD; i < b->count; i++, skip = 0) {
		uint64_t rest = b->words[i] >> skip;

		if (rest)
			return (int)(i * WORD + skip + (unsigned)__builtin_ctzll(rest));
	}
	return -1;
}
