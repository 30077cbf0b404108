/*
 * loop_reserve: reserved memory for the event library. Owns the blocks and the list of the free ones. Must never be
 * called by more than one thread.
 */
#include "base/loop_reserve.h"

#include "base/invariant.h"
#include "base/log.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define TOPIC "loop"
#define BLOCK_SIZE 4096
#define BLOCKS 64

union block {
	union block *next;
	alignas(max_align_t) uint8_t bytes[BLOCK_SIZE];
};

static union block blocks[BLOCKS], *spare;
static size_t fresh; /* blocks from this index on were never used */
static size_t given; /* number of blocks in use */

static bool is_block(const void *p)
{
	uintptr_t at = (uintptr_t)p;

	return at >= (uintptr_t)blocks && at < (uintptr_t)(blocks + BLOCKS);
}

static void *take(size_t size)
{
	union block *b = NULL;

	if (size > BLOCK_SIZE)
		return NULL;
	if (spare) {
		b = spare;
		spare = b->next;
	} else if (fresh < BLOCKS) {
		b = &blocks[fresh++];
	}
	if (b && given++ == 0)
		log_warn(TOPIC, "no_memory: the event library uses its reserve");
	return b;
}

static void give(void *p)
{
	union block *b = p;

	b->next = spare;
	spare = b;
	given -= invariant(given > 0);
}

void *loop_reserve_malloc(size_t size)
{
	void *p = malloc(size);

	return p ? p : take(size);
}

void *loop_reserve_realloc(void *p, size_t size)
{
	if (!p)
		return loop_reserve_malloc(size);
	if (!is_block(p)) {
		/* The size of a malloc block is not known, so its content cannot move into the reserve. */
		return realloc(p, size);
	}
	if (size <= BLOCK_SIZE)
		return p;
	void *to = malloc(size);
	if (!to)
		return NULL;
	memcpy(to, p, BLOCK_SIZE);
	give(p);
	return to;
}

void loop_reserve_free(void *p)
{
	if (p && is_block(p))
		give(p);
	else
		free(p);
}
