/*
 * reply: the typed reading of replies, and their copies. Private to store.
 */
#ifndef STORE_REPLY_H
#define STORE_REPLY_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct redisReply;

/* Typed access to a reply or its element i. False: it has another type, or there is no such element. */
bool reply_is_error(const struct redisReply *r, const char **text);
bool reply_is_nil(const struct redisReply *r);
bool reply_is_array(const struct redisReply *r);
bool reply_int(const struct redisReply *r, int64_t *out);
bool reply_str(const struct redisReply *r, const char **out, size_t *len); /* bulk or simple string */
size_t reply_len(const struct redisReply *r); /* elements of an array; 0 for any other type */
const struct redisReply *reply_at(const struct redisReply *r, size_t i);
bool reply_int_at(const struct redisReply *r, size_t i, int64_t *out);
bool reply_str_at(const struct redisReply *r, size_t i, const char **out, size_t *len);

/* Copies a reply, so that it outlives the callback. Free the copy with reply_free. NULL: no memory. */
struct redisReply *reply_copy(const struct redisReply *r);
void reply_free(struct redisReply *r);

#endif
