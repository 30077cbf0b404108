/*
 * reply: reads replies with checks of type, and copies them. Owns nothing.
 */
#include "reply.h"

#include <hiredis.h>

#include <stdlib.h>
#include <string.h>

bool reply_is_error(const struct redisReply *r, const char **text)
{
	if (r->type != REDIS_REPLY_ERROR)
		return false;
	*text = r->str ? r->str : "";
	return true;
}

bool reply_is_nil(const struct redisReply *r)
{
	return r->type == REDIS_REPLY_NIL;
}

bool reply_is_array(const struct redisReply *r)
{
	return r->type == REDIS_REPLY_ARRAY;
}

bool reply_int(const struct redisReply *r, int64_t *out)
{
	if (r->type != REDIS_REPLY_INTEGER)
		return false;
	*out = r->integer;
	return true;
}

bool reply_str(const struct redisReply *r, const char **out, size_t *len)
{
	if ((r->type != REDIS_REPLY_STRING && r->type != REDIS_REPLY_STATUS) || !r->str)
		return false;
	*out = r->str;
	*len = (size_t)r->len;
	return true;
}

size_t reply_len(const struct redisReply *r)
{
	return r->type == REDIS_REPLY_ARRAY ? r->elements : 0;
}

const struct redisReply *reply_at(const struct redisReply *r, size_t i)
{
	return i < reply_len(r) ? r->element[i] : NULL;
}

bool reply_int_at(const struct redisReply *r, size_t i, int64_t *out)
{
	const struct redisReply *e = reply_at(r, i);

	return e && reply_int(e, out);
}

bool reply_str_at(const struct redisReply *r, size_t i, const char **out, size_t *len)
{
	const struct redisReply *e = reply_at(r, i);

	return e && reply_str(e, out, len);
}

void reply_free(struct redisReply *r)
{
	free(r);
}

/* Rounds a size up, so that what follows in memory is aligned. */
static size_t rounded(size_t n)
{
	return (n + sizeof(long long) - 1) / sizeof(long long) * sizeof(long long);
}

static size_t size_of(const struct redisReply *r)
{
	size_t n = rounded(sizeof(*r)) + (r->str ? rounded((size_t)r->len + 1) : 0);

	n += reply_len(r) * sizeof(struct redisReply *);
	for (size_t i = 0; i < reply_len(r); i++)
		n += size_of(r->element[i]);
	return n;
}

static void *cut(char **at, size_t n)
{
	void *piece = *at;

	*at += rounded(n);
	return piece;
}

static struct redisReply *copy_to(char **at, const struct redisReply *r)
{
	struct redisReply *copy = cut(at, sizeof(*copy));

	*copy = (struct redisReply){ .type = r->type, .integer = r->integer };
	if (r->str) {
		copy->str = cut(at, (size_t)r->len + 1);
		copy->len = r->len;
		memcpy(copy->str, r->str, (size_t)r->len);
		copy->str[r->len] = 0;
	}
	copy->elements = reply_len(r);
	copy->element = cut(at, copy->elements * sizeof(struct redisReply *));
	for (size_t i = 0; i < copy->elements; i++)
		copy->element[i] = copy_to(at, r->element[i]);
	return copy;
}

struct redisReply *reply_copy(const struct redisReply *r)
{
	char *at = malloc(size_of(r));

	return at ? copy_to(&at, r) : NULL;
}
