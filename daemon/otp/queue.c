/*
 * queue: a binary heap of entries others own; lowest priority number first, then earliest deadline, then first come.
 * Owns the array only. Must never allocate once a place is reserved: a commit cannot fail.
 */
#include "otp/queue.h"

#include <assert.h>
#include <stdlib.h>

struct queue {
	struct queue_entry **heap;
	size_t len, reserved, cap;
	size_t room; /* of the array: at least cap, and at least what is inside */
	uint64_t next_order;
};

static bool before(const struct queue_entry *a, const struct queue_entry *b)
{
	if (a->priority != b->priority)
		return a->priority < b->priority;
	if (a->deadline_ms != b->deadline_ms)
		return a->deadline_ms < b->deadline_ms;
	return a->order < b->order;
}

static void put(struct queue *q, size_t slot, struct queue_entry *e)
{
	q->heap[slot] = e;
	e->slot = slot;
}

static void rise(struct queue *q, size_t slot, struct queue_entry *e)
{
	while (slot > 0 && before(e, q->heap[(slot - 1) / 2])) {
		put(q, slot, q->heap[(slot - 1) / 2]);
		slot = (slot - 1) / 2;
	}
	put(q, slot, e);
}

static void sink(struct queue *q, size_t slot, struct queue_entry *e)
{
	for (;;) {
		size_t child = 2 * slot + 1;

		if (child >= q->len)
			break;
		if (child + 1 < q->len && before(q->heap[child + 1], q->heap[child]))
			child++;
		if (!before(q->heap[child], e))
			break;
		put(q, slot, q->heap[child]);
		slot = child;
	}
	put(q, slot, e);
}

struct queue *queue_new(size_t cap)
{
	struct queue *q = calloc(1, sizeof(*q));

	if (!q)
		return NULL;
	q->cap = cap;
	q->room = cap > 0 ? cap : 1;
	q->heap = calloc(q->room, sizeof(struct queue_entry *));
	if (!q->heap) {
		free(q);
		return NULL;
	}
	return q;
}

void queue_free(struct queue *q)
{
	if (!q)
		return;
	free(q->heap);
	free(q);
}

enum err queue_reserve(struct queue *q)
{
	if (q->len + q->reserved >= q->cap)
		return ERR_BUSY;
	q->reserved++;
	return ERR_OK;
}

void queue_cancel(struct queue *q)
{
	assert(q->reserved > 0);
	q->reserved--;
}

void queue_commit(struct queue *q, struct queue_entry *e)
{
	assert(q->reserved > 0);
	q->reserved--;
	if (e->order == 0)
		e->order = ++q->next_order;
	rise(q, q->len++, e);
}

struct queue_entry *queue_first(const struct queue *q)
{
	return q->len > 0 ? q->heap[0] : NULL;
}

struct queue_entry *queue_pop(struct queue *q)
{
	struct queue_entry *e = queue_first(q);

	if (e)
		queue_remove(q, e);
	return e;
}

void queue_remove(struct queue *q, struct queue_entry *e)
{
	size_t slot = e->slot;
	struct queue_entry *last;

	assert(slot < q->len && q->heap[slot] == e);
	last = q->heap[--q->len];
	q->heap[q->len] = NULL;
	e->slot = SIZE_MAX;
	if (last == e)
		return;
	if (slot > 0 && before(last, q->heap[(slot - 1) / 2]))
		rise(q, slot, last);
	else
		sink(q, slot, last);
}

size_t queue_len(const struct queue *q)
{
	return q->len;
}

size_t queue_reserved(const struct queue *q)
{
	return q->reserved;
}

size_t queue_cap(const struct queue *q)
{
	return q->cap;
}

enum err queue_set_cap(struct queue *q, size_t cap)
{
	if (cap > q->room) {
		struct queue_entry **heap = reallocarray(q->heap, cap, sizeof(struct queue_entry *));

		if (!heap)
			return ERR_NOMEM;
		q->heap = heap;
		q->room = cap;
	}
	q->cap = cap;
	return ERR_OK;
}
