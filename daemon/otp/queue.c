/*
 * queue: a binary heap of entries that the callers own. The order is: lowest priority number, then earliest deadline,
 * then first pushed. Owns the array only. It allocates only in queue_new, so that a push within cap cannot fail.
 */
#include "otp/queue.h"

#include "base/invariant.h"

#include <stdlib.h>

struct queue {
	struct queue_entry **heap;
	size_t len, cap;
	uint64_t next_order;
};

bool queue_before(const struct queue_entry *a, const struct queue_entry *b)
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
	while (slot > 0 && queue_before(e, q->heap[(slot - 1) / 2])) {
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
		if (child + 1 < q->len && queue_before(q->heap[child + 1], q->heap[child]))
			child++;
		if (!queue_before(q->heap[child], e))
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
	q->heap = calloc(cap > 0 ? cap : 1, sizeof(struct queue_entry *));
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

enum err queue_push(struct queue *q, struct queue_entry *e)
{
	if (q->len >= q->cap)
		return ERR_BUSY;
	if (e->order == 0)
		e->order = ++q->next_order;
	e->queue = q;
	rise(q, q->len++, e);
	return ERR_OK;
}

struct queue_entry *queue_first(const struct queue *q)
{
	return q->len > 0 ? q->heap[0] : NULL;
}

void queue_remove(struct queue_entry *e)
{
	struct queue *q = e->queue;
	size_t slot = e->slot;
	struct queue_entry *last;

	if (!invariant(q && slot < q->len && q->heap[slot] == e))
		return;
	last = q->heap[--q->len];
	q->heap[q->len] = NULL;
	e->queue = NULL;
	if (last == e)
		return;
	if (slot > 0 && queue_before(last, q->heap[(slot - 1) / 2]))
		rise(q, slot, last);
	else
		sink(q, slot, last);
}

size_t queue_len(const struct queue *q)
{
	return q->len;
}
