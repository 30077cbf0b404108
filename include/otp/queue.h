/*
 * queue: a bounded queue by priority, then deadline; intrusive, pure. Reserve a place first, commit an entry into it
 * later.
 */
#ifndef OTP_QUEUE_H
#define OTP_QUEUE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct queue_entry {
	int64_t deadline_ms; /* monotonic; earlier first */
	uint64_t order;      /* 0; set by its first queue: first come, first served among equals */
	size_t slot;         /* set by the queue */
	uint8_t priority;    /* lower first */
};

struct queue; /* heap of pointers to entries it does not own */

struct queue *queue_new(size_t cap); /* NULL: no memory */
void queue_free(struct queue *q);

/* Takes a place. ERR_BUSY when entries and reservations together reach cap. Each is given back by commit or cancel. */
enum err queue_reserve(struct queue *q) ERR_CHECKED;
void queue_cancel(struct queue *q);
void queue_commit(struct queue *q, struct queue_entry *e);

/* The first entry, or NULL; pop takes it out, and its place is free. */
struct queue_entry *queue_first(const struct queue *q);
struct queue_entry *queue_pop(struct queue *q);
void queue_remove(struct queue *q, struct queue_entry *e);

size_t queue_len(const struct queue *q);      /* entries */
size_t queue_reserved(const struct queue *q); /* places taken, not yet filled */
size_t queue_cap(const struct queue *q);
/* Grows or shrinks the bound; what is inside stays. ERR_NOMEM. */
enum err queue_set_cap(struct queue *q, size_t cap) ERR_CHECKED;

#endif
