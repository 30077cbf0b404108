/*
 * script: the Lua scripts embedded at build, and the typed reading of replies. Private to store.
 */
#ifndef STORE_SCRIPT_H
#define STORE_SCRIPT_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct redisReply;

enum script {
	SCRIPT_ISSUE,
	SCRIPT_RESEND,
	SCRIPT_VERIFY,
	SCRIPT_CANCEL,
	SCRIPT_MARK,
	SCRIPT_UNSENT,
	SCRIPT_CLAIM,
	SCRIPT_RELEASE,
	SCRIPT_COUNT
};

/* Source with the pieces of lua/lib it uses in front; not NUL-terminated. */
const void *script_source(enum script s, size_t *len);

/* The SHA1 Redis answered to SCRIPT LOAD; 40 characters. */
#define SCRIPT_SHA_LEN 40

/* Typed access. False: the reply, or its element i, is of another type. */
bool script_is_error(const struct redisReply *r, const char **text);
bool script_is_nil(const struct redisReply *r);
bool script_is_array(const struct redisReply *r);
bool script_int(const struct redisReply *r, int64_t *out);
bool script_str(const struct redisReply *r, const char **out, size_t *len); /* bulk or simple string */
size_t script_len(const struct redisReply *r);                              /* elements of an array; 0 for all else */
const struct redisReply *script_at(const struct redisReply *r, size_t i);
bool script_int_at(const struct redisReply *r, size_t i, int64_t *out);
bool script_str_at(const struct redisReply *r, size_t i, const char **out, size_t *len);

/* A copy that outlives the reply's callback, in one piece; NULL: no memory. Freed with script_free. */
struct redisReply *script_copy(const struct redisReply *r);
void script_free(struct redisReply *r);

#endif
