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

/* The source of a script, including the pieces of lua/lib that it uses. It is not NUL-terminated. */
const void *script_source(enum script s, size_t *len);

/* Characters of the SHA1 that Redis replies to SCRIPT LOAD. */
#define SCRIPT_SHA_LEN 40

/* Typed access to a reply or its element i. False: it has another type, or there is no such element. */
bool script_is_error(const struct redisReply *r, const char **text);
bool script_is_nil(const struct redisReply *r);
bool script_is_array(const struct redisReply *r);
bool script_int(const struct redisReply *r, int64_t *out);
bool script_str(const struct redisReply *r, const char **out, size_t *len); /* bulk or simple string */
size_t script_len(const struct redisReply *r); /* elements of an array; 0 for any other type */
const struct redisReply *script_at(const struct redisReply *r, size_t i);
bool script_int_at(const struct redisReply *r, size_t i, int64_t *out);
bool script_str_at(const struct redisReply *r, size_t i, const char **out, size_t *len);

/* Copies a reply, so that it outlives the callback. Free the copy with script_free. NULL: no memory. */
struct redisReply *script_copy(const struct redisReply *r);
void script_free(struct redisReply *r);

#endif
