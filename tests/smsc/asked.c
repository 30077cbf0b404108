/*
 * asked: see asked.h. Sequences of one connection follow each other, so the table hardly ever grows.
 */
#include "asked.h"

#include <stdio.h>
#include <stdlib.h>

static struct asked_item *slot(const struct asked *asked, uint32_t sequence)
{
	return &asked->items[sequence & (asked->cap - 1)];
}

static bool refill(struct asked *to, const struct asked *from)
{
	for (uint32_t i = 0; i < from->cap; i++) {
		if (!from->items[i].live)
			continue;
		if (slot(to, from->items[i].sequence)->live)
			return false;
		*slot(to, from->items[i].sequence) = from->items[i];
	}
	return true;
}

static void grow(struct asked *asked)
{
	struct asked bigger = { .cap = asked->cap };

	do {
		free(bigger.items);
		bigger.cap = bigger.cap ? bigger.cap * 2 : 256;
		bigger.items = calloc(bigger.cap, sizeof(*bigger.items));
		if (!bigger.items) {
			fputs("smsc: out of memory\n", stderr);
			exit(1);
		}
	} while (!refill(&bigger, asked));
	free(asked->items);
	*asked = bigger;
}

void asked_add(struct asked *asked, const struct asked_item *item)
{
	while (!asked->cap || slot(asked, item->sequence)->live)
		grow(asked);
	*slot(asked, item->sequence) = *item;
	slot(asked, item->sequence)->live = true;
}

void asked_tell(struct asked *asked, uint32_t sequence, const struct asked_item *what)
{
	struct asked_item *item = slot(asked, sequence);

	item->phone = what->phone;
	item->call = what->call;
	item->at_us = what->at_us;
}

bool asked_take(struct asked *asked, uint32_t sequence, struct asked_item *out)
{
	struct asked_item *item = asked->cap ? slot(asked, sequence) : NULL;

	if (!item || !item->live || item->sequence != sequence)
		return false;
	*out = *item;
	item->live = false;
	return true;
}

uint64_t asked_overdue(struct asked *asked, uint64_t before_ms)
{
	uint64_t count = 0;

	for (uint32_t i = 0; i < asked->cap; i++) {
		struct asked_item *item = &asked->items[i];

		if (!item->live || item->missed || item->at_ms >= before_ms)
			continue;
		item->missed = true;
		count++;
	}
	return count;
}

void asked_free(struct asked *asked)
{
	for (uint32_t i = 0; i < asked->cap; i++)
		if (asked->items[i].live)
			free(asked->items[i].again);
	free(asked->items);
	asked->items = NULL;
	asked->cap = 0;
}
