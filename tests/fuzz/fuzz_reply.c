/*
 * Replies of Redis within bounds, against hiredis' reader without: what the bounds let pass is read as the same
 * replies, keeps to the bounds, and leaves no more in the reader's buffer than one string. The plain reader is fed only
 * what the bounds let pass: alone it spends memory on counts. First octet: the lowest bit for an answer to CLUSTER
 * SLOTS, the rest for how many commands wait. Second: in pieces of so many octets. Then what the server says.
 */
#include "../../daemon/store/reply_bounds.h"

#include <hiredis.h>
#include <read.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define COMMANDS 8

struct pair {
	redisReader *bounded, *plain;
	struct reply_bounds bounds;
	struct command_list flight;
	unsigned deep; /* how many arrays may be within each other */
	struct command commands[COMMANDS];
};

static void check(int holds)
{
	if (!holds)
		abort();
}

/* deep: how many more arrays may be within. */
static void same(const redisReply *a, const redisReply *b, unsigned deep)
{
	check(a->type == b->type && a->integer == b->integer && a->type <= REDIS_REPLY_ERROR);
	check((a->str == NULL) == (b->str == NULL) && (!a->str || a->len == b->len));
	if (a->str) {
		check((size_t)a->len <= REPLY_STRING_MAX);
		check(memcmp(a->str, b->str, (size_t)a->len) == 0);
	}
	if (a->type != REDIS_REPLY_ARRAY)
		return;
	check(a->elements == b->elements && a->elements <= REPLY_MAP_ELEMENTS_MAX && deep > 0);
	for (size_t i = 0; i < a->elements; i++)
		same(a->element[i], b->element[i], deep - 1);
}

/* The next reply of one reader; NULL: none yet, or *err. */
static redisReply *next(redisReader *reader, int *err)
{
	redisReply *reply = NULL;

	*err = redisReaderGetReply(reader, (void **)&reply) != REDIS_OK;
	return reply;
}

/* False: the connection would be at its end. */
static int compare(struct pair *p, const char *piece, size_t len)
{
	redisReply *replies[COMMANDS + 1], *other;
	size_t n = 0;
	int failed, plain_failed, asked = 1;

	check(redisReaderFeed(p->bounded, piece, len) == REDIS_OK);
	while ((replies[n] = next(p->bounded, &failed)) != NULL) {
		/* An error may come unasked, and hiredis ends the connection after it. */
		asked = command_list_pop(&p->flight) != NULL;
		check(asked || replies[n]->type == REDIS_REPLY_ERROR);
		n++;
		if (!asked)
			break;
	}
	int ended = failed || !reply_bounds_hold(&p->bounds, p->bounded) || !asked;
	check(failed || p->bounded->len - p->bounded->pos <= REPLY_STRING_MAX + 32 || p->bounds.refused);
	if (!p->bounds.refused)
		check(redisReaderFeed(p->plain, piece, len) == REDIS_OK);
	for (size_t i = 0; i < n; i++) {
		other = p->bounds.refused ? NULL : next(p->plain, &plain_failed);
		check(p->bounds.refused || other);
		if (other) {
			same(replies[i], other, p->deep);
			freeReplyObject(other);
		}
		freeReplyObject(replies[i]);
	}
	if (failed && !p->bounds.refused)
		check(next(p->plain, &plain_failed) == NULL && plain_failed);
	return !ended;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct pair p;

	if (size < 2)
		return 0;
	p.bounded = redisReaderCreate();
	p.plain = redisReaderCreate();
	check(p.bounded && p.plain);
	command_list_init(&p.flight);
	p.deep = (data[0] & 3) == 2 ? REPLY_LIBRARIES_DEPTH_MAX : REPLY_DEPTH_MAX;
	for (unsigned i = 0; i < (data[0] >> 1) % COMMANDS; i++) {
		p.commands[i].reply_size = data[0] & 1   ? COMMAND_REPLY_MAP
		                           : data[0] & 2 ? COMMAND_REPLY_LIBRARIES
		                                         : COMMAND_REPLY_USUAL;
		command_list_push(&p.flight, &p.commands[i]);
	}
	reply_bounds_guard(&p.bounds, &p.flight, p.bounded);
	for (size_t at = 2, piece = data[1] + 1U; at < size; at += piece) {
		if (!compare(&p, (const char *)data + at, size - at < piece ? size - at : piece))
			break;
	}
	redisReaderFree(p.bounded);
	redisReaderFree(p.plain);
	return 0;
}
