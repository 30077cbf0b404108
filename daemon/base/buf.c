/*
 * buf: the byte buffer of a socket. Owns its memory. Must never leave a byte that was consumed, moved or freed unwiped.
 */
#include "base/buf.h"

#include "base/secret.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE 512

void buf_init(struct buf *b, size_t cap)
{
	memset(b, 0, sizeof(*b));
	b->cap = cap;
}

void buf_clear(struct buf *b)
{
	size_t cap = b->cap;

	if (b->mem)
		secret_wipe(b->mem + b->head, b->tail - b->head);
	free(b->mem);
	buf_init(b, cap);
}

size_t buf_room(const struct buf *b)
{
	return b->cap - buf_len(b);
}

/* Moves the content to the start. All bytes outside head..tail are wiped already, so only the old place is wiped. */
static void slide(struct buf *b)
{
	size_t len = buf_len(b), moved = b->head;

	memmove(b->mem, b->mem + b->head, len);
	b->head = 0;
	b->tail = len;
	secret_wipe(b->mem + (moved > len ? moved : len), len < moved ? len : moved);
}

static enum err grow(struct buf *b, size_t need)
{
	size_t size = b->size ? b->size : FIRST_SIZE, len = buf_len(b);

	while (size < need)
		size *= 2;
	if (size > b->cap)
		size = b->cap;
	uint8_t *mem = malloc(size);
	if (!mem)
		return ERR_NOMEM;
	if (b->mem) {
		memcpy(mem, b->mem + b->head, len);
		secret_wipe(b->mem + b->head, len);
		free(b->mem);
	}
	b->mem = mem;
	b->size = size;
	b->head = 0;
	b->tail = len;
	return ERR_OK;
}

enum err buf_reserve(struct buf *b, size_t n, uint8_t **at)
{
	size_t len = buf_len(b);

	if (n > b->cap - len)
		return ERR_TOOBIG;
	if (b->size - b->tail < n) {
		if (b->size >= len + n && b->head >= b->size / 2) {
			slide(b);
		} else {
			enum err err = grow(b, len + n);
			if (err)
				return err;
		}
	}
	*at = b->mem + b->tail;
	return ERR_OK;
}

void buf_commit(struct buf *b, size_t n)
{
	b->tail += n;
}

enum err buf_append(struct buf *b, const void *data, size_t len)
{
	uint8_t *at;

	if (len == 0)
		return ERR_OK;
	enum err err = buf_reserve(b, len, &at);
	if (err)
		return err;
	memcpy(at, data, len);
	b->tail += len;
	return ERR_OK;
}

enum err buf_printf(struct buf *b, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	int n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n < 0)
		return ERR_INVALID;
	if ((size_t)n < sizeof(text)) {
		enum err short_err = buf_append(b, text, (size_t)n);
		secret_wipe(text, (size_t)n);
		return short_err;
	}
	secret_wipe(text, sizeof(text));
	uint8_t *at;
	enum err err = buf_reserve(b, (size_t)n + 1, &at);
	if (err)
		return err;
	va_start(ap, fmt);
	vsnprintf((char *)at, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->tail += (size_t)n;
	return ERR_OK;
}

void buf_consume(struct buf *b, size_t n)
{
	if (n == 0)
		return;
	secret_wipe(b->mem + b->head, n);
	b->head += n;
	if (b->head == b->tail)
		b->head = b->tail = 0;
}
