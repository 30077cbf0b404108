/*
 * packed: arguments of a function as octets of one word, which cost Redis less than a word each. The order is that of
 * lua/lib/fields.lua. Private to store.
 */
#ifndef STORE_PACKED_H
#define STORE_PACKED_H

#include "command.h"

#include "base/invariant.h"

#include <string.h>

#define PACKED_CAP 320 /* the longest are those of a guess that can be read as every shape of code */

struct packed {
	uint8_t bytes[PACKED_CAP];
	size_t len;
};

/* Adds a number in so many octets, little-endian. A negative number is added as 0. */
static inline void packed_int(struct packed *p, int64_t v, size_t octets)
{
	uint64_t left = v < 0 ? 0 : (uint64_t)v;

	if (!invariant(octets <= PACKED_CAP - p->len))
		return;
	for (size_t i = 0; i < octets; i++)
		p->bytes[p->len++] = (uint8_t)(left >> (8 * i));
}

/* Adds a number of 64 bits, little-endian. */
static inline void packed_u64(struct packed *p, uint64_t v)
{
	packed_int(p, (int64_t)(v & 0xffffffff), 4);
	packed_int(p, (int64_t)(v >> 32), 4);
}

/* A time of Redis' clock in ms. */
static inline void packed_time(struct packed *p, int64_t ms)
{
	packed_int(p, ms, 6);
}

static inline void packed_octets(struct packed *p, const void *data, size_t len)
{
	if (!invariant(len <= PACKED_CAP - p->len))
		return;
	memcpy(p->bytes + p->len, data, len);
	p->len += len;
}

static inline void packed_word(const struct packed *p, struct command *command)
{
	command_word(command, p->bytes, p->len);
}

#endif
