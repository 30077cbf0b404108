/*
 * queue: a bounded queue by priority, then deadline; intrusive, pure.
 */
#ifndef OTP_QUEUE_H
#define OTP_QUEUE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct queue; /* heap of pointers to entries it does not own */

struct queue_entry {
	int64_t deadline_ms; /* monotonic; earlier first */
	uint64_t order;      /* 0; set by its first queue: first come, first served among equals */
	struct queue *queue; /* set by the queue: where it is; NULL: in none */
	size_t slot;         /* set by the queue */
	uint8_t priority;    /* lower first */
};

struct queue *queue_new(size_t cap); /* NULL: no memory */
void queue_free(struct queue *q);

/* ERR_BUSY: cap entries are in it. Allocates nothing. */
enum err queue_push(struct queue *q, struct queue_entry *e) ERR_CHECKED;

/* The first entry, or NULL. */
struct queue_entry *queue_first(const struct queue *q);

/* Out of the queue that it is in. */
void queue_remove(struct queue_entry *e);

/* True if a goes first; of two queues, their order tells nothing and the rest does. */
bool queue_before(const struct queue_entry *a, const struct queue_entry *b);

size_t queue_len(const struct queue *q);

#endif
