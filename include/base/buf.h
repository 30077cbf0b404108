/*
 * buf: a byte buffer that grows up to a fixed cap and wipes every byte that it consumes, moves or frees. Use it for
 * every socket, because sockets carry secrets. It never holds more than its cap.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

struct buf {
	uint8_t *mem;
	size_t size; /* bytes allocated at mem */
	size_t head; /* index of the first unread byte */
	size_t tail; /* index after the last byte */
	size_t cap;  /* most bytes it may ever hold */
};

/* Makes an empty buffer, which allocates nothing yet. cap in bytes, above 0. */
void buf_init(struct buf *b, size_t cap);

/* Wipes and frees the memory. The buffer can be used again, with the same cap. */
void buf_clear(struct buf *b);

static inline const uint8_t *buf_data(const struct buf *b)
{
	return b->mem ? b->mem + b->head : b->mem;
}
static inline size_t buf_len(const struct buf *b)
{
	return b->tail - b->head;
}

/* Bytes that can still be added before the cap is reached. */
size_t buf_room(const struct buf *b);

/*
 * Makes n writable bytes at *at, valid until the next call on b. Follow with buf_commit, whose n is not larger.
 * ERR_TOOBIG: over the cap. ERR_NOMEM.
 */
enum err buf_reserve(struct buf *b, size_t n, uint8_t **at) ERR_CHECKED;
void buf_commit(struct buf *b, size_t n);

/* Appends a copy of data. ERR_TOOBIG and ERR_NOMEM: nothing is added. */
enum err buf_append(struct buf *b, const void *data, size_t len) ERR_CHECKED;

/*
 * Adds formatted text without its NUL. Errors as buf_append, or ERR_INVALID if fmt cannot be formatted. A text of 1024
 * bytes or more needs one byte more below the cap.
 */
enum err buf_printf(struct buf *b, const char *fmt, ...) ERR_CHECKED __attribute__((format(printf, 2, 3)));

/* Removes and wipes the first n bytes (n <= buf_len). */
void buf_consume(struct buf *b, size_t n);

#endif
