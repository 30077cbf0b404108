/*
 * op: builds commands in Redis' protocol word by word, without snprintf, because it does so for every request. Owns the
 * memory of ops. Never sends anything.
 */
#include "op.h"

#include "base/clock.h"
#include "base/invariant.h"
#include "base/secret.h"

#include <stdlib.h>
#include <string.h>

void op_free(struct op *op)
{
	struct op_pool *pool = op->pool;

	if (op->secret)
		secret_wipe(op->bytes, op->len);
	if (op->bytes != op->inline_bytes)
		free(op->bytes);
	if (op->held)
		script_free(op->held);
	SLIST_INSERT_HEAD(&pool->spare, op, in_pool);
}

enum err op_done(struct op *op, enum err err, const struct redisReply *reply)
{
	enum err read = op->decode ? op->decode(op, err, reply) : ERR_OK;

	op_free(op);
	return read;
}

void op_give_up(struct op *op)
{
	(void)op_done(op, ERR_UNAVAILABLE, NULL);
}

void op_pool_clear(struct op_pool *pool)
{
	while (!SLIST_EMPTY(&pool->spare)) {
		struct op *op = SLIST_FIRST(&pool->spare);

		SLIST_REMOVE_HEAD(&pool->spare, in_pool);
		free(op);
	}
}

void op_list_init(struct op_list *l)
{
	STAILQ_INIT(&l->ops);
	l->count = 0;
}

void op_list_push(struct op_list *l, struct op *op)
{
	STAILQ_INSERT_TAIL(&l->ops, op, in_list);
	l->count++;
}

struct op *op_list_pop(struct op_list *l)
{
	struct op *op = STAILQ_FIRST(&l->ops);

	if (!op)
		return NULL;
	STAILQ_REMOVE_HEAD(&l->ops, in_list);
	l->count -= invariant(l->count > 0);
	return op;
}

static bool op_room(struct op *op, size_t n)
{
	if (op->built)
		return false;
	if (op->cap - op->len >= n)
		return true;
	size_t cap = (op->len + n) * 2;
	char *bytes = malloc(cap);
	if (!bytes) {
		op->built = ERR_NOMEM;
		return false;
	}
	memcpy(bytes, op->bytes, op->len);
	if (op->secret)
		secret_wipe(op->bytes, op->len);
	if (op->bytes != op->inline_bytes)
		free(op->bytes);
	op->bytes = bytes;
	op->cap = cap;
	return true;
}

/* Writes "<mark><n>\r\n". */
static size_t put_head(char *at, char mark, size_t n)
{
	char digits[20];
	size_t len = 0, i = 0;

	do {
		digits[len++] = (char)('0' + n % 10);
		n /= 10;
	} while (n);
	at[i++] = mark;
	while (len)
		at[i++] = digits[--len];
	at[i++] = '\r';
	at[i++] = '\n';
	return i;
}

struct op *op_new(struct op_pool *pool)
{
	struct op *op = SLIST_FIRST(&pool->spare);

	if (op)
		SLIST_REMOVE_HEAD(&pool->spare, in_pool);
	else
		op = malloc(sizeof(*op));
	if (!op)
		return NULL;
	memset(op, 0, offsetof(struct op, inline_bytes));
	op->pool = pool;
	op->script = -1;
	op->born_us = clock_mono_us();
	op->bytes = op->inline_bytes;
	op->cap = sizeof(op->inline_bytes);
	op->len = OP_HEAD_CAP;
	return op;
}

void op_word(struct op *op, const void *data, size_t len)
{
	if (!op_room(op, len + 32))
		return;
	op->words++;
	op->len += put_head(op->bytes + op->len, '$', len);
	if (len)
		memcpy(op->bytes + op->len, data, len);
	op->len += len;
	op->bytes[op->len++] = '\r';
	op->bytes[op->len++] = '\n';
}

void op_text(struct op *op, const char *text)
{
	op_word(op, text, strlen(text));
}

void op_int(struct op *op, int64_t v)
{
	char text[24], *at = text + sizeof(text);
	uint64_t left = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

	do {
		*--at = (char)('0' + left % 10);
		left /= 10;
	} while (left);
	if (v < 0)
		*--at = '-';
	op_word(op, at, (size_t)(text + sizeof(text) - at));
}

void op_keys_begin(struct op *op)
{
	op_word(op, "0", 1);
	op->keys_at = op->len - sizeof("0\r\n") + 1;
	op->words_before_keys = op->words;
}

void op_keys_end(struct op *op)
{
	unsigned keys = op->words - op->words_before_keys;

	if (op->built || !invariant(op->keys_at > 0 && keys <= 9))
		return;
	op->bytes[op->keys_at] = (char)('0' + keys);
}

const char *op_wire(struct op *op, size_t *len)
{
	char head[OP_HEAD_CAP];
	size_t n = put_head(head, '*', op->words);

	memcpy(op->bytes + OP_HEAD_CAP - n, head, n);
	*len = op->len - (OP_HEAD_CAP - n);
	return op->bytes + OP_HEAD_CAP - n;
}
