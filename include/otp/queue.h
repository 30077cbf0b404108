/*
 * queue: a bounded queue ordered by priority, then by deadline. The caller owns the entries, and the queue never
 * allocates after queue_new. Pure.
 */
#ifndef OTP_QUEUE_H
#define OTP_QUEUE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct queue; /* a heap of pointers to entries that the callers own */

struct queue_entry {
	int64_t deadline_ms; /* monotonic clock; the earlier goes first */
	uint64_t order;      /* 0 at first; the first queue sets it, so that equal entries keep their order */
	struct queue *queue; /* the queue that holds the entry; NULL: none; set by the queue */
	size_t slot;         /* set by the queue */
	uint8_t priority;    /* the lower goes first */
};

struct queue *queue_new(size_t cap); /* NULL: no memory */
void queue_free(struct queue *q);

/* ERR_BUSY: the queue already has cap entries. */
enum err queue_push(struct queue *q, struct queue_entry *e) ERR_CHECKED;

/* The first entry, or NULL. */
struct queue_entry *queue_first(const struct queue *q);

/* Removes e from the queue that holds it. */
void queue_remove(struct queue_entry *e);

/* True if a goes before b. Between two queues the order of equal entries has no meaning. */
bool queue_before(const struct queue_entry *a, const struct queue_entry *b);

size_t queue_len(const struct queue *q);

#endif
