/*
 * window: submits in flight by sequence number, and the retired sequence numbers of submits that were given up. A
 * chained hash over a fixed array of slots. The retired numbers are a ring that is searched only when a response has no
 * slot.
 */
#include "smpp/wire/window.h"

#include "base/invariant.h"

#include <stdlib.h>
#include <string.h>

#define BUCKETS 2048u /* a power of two, about twice the slots */

LIST_HEAD(chain, smpp_slot);

struct smpp_window {
	struct smpp_slot slots[SMPP_WINDOW_MAX];
	struct chain buckets[BUCKETS], unused;
	TAILQ_HEAD(, smpp_slot) by_age;
	uint32_t retired_sequences[SMPP_RETIRED_MAX]; /* kept in an array of their own, because they are searched */
	struct smpp_retired retired[SMPP_RETIRED_MAX];
	size_t retired_count, retired_next;
	size_t begun; /* slots used at least once; the memory of the others is not touched */
	uint32_t last;
	unsigned used;
};

struct smpp_window *smpp_window_new(void)
{
	struct smpp_window *w = calloc(1, sizeof *w);

	if (!w)
		return NULL;
	TAILQ_INIT(&w->by_age);
	return w;
}

void smpp_window_free(struct smpp_window *w)
{
	free(w);
}

void smpp_window_reset(struct smpp_window *w)
{
	w->last = 0;
	w->retired_count = 0;
	w->retired_next = 0;
}

uint32_t smpp_window_sequence(struct smpp_window *w)
{
	do
		w->last = w->last >= UINT32_C(0x7FFFFFFF) ? 1 : w->last + 1;
	while (smpp_window_find(w, w->last));
	return w->last;
}

struct smpp_slot *smpp_window_take(struct smpp_window *w, uint32_t sequence)
{
	struct smpp_slot *s = LIST_FIRST(&w->unused);

	if (s)
		LIST_REMOVE(s, chain);
	else if (w->begun < SMPP_WINDOW_MAX)
		s = &w->slots[w->begun++];
	else
		return NULL;
	*s = (struct smpp_slot){ .sequence = sequence };
	LIST_INSERT_HEAD(&w->buckets[sequence % BUCKETS], s, chain);
	TAILQ_INSERT_TAIL(&w->by_age, s, by_age);
	w->used++;
	return s;
}

struct smpp_slot *smpp_window_find(const struct smpp_window *w, uint32_t sequence)
{
	struct smpp_slot *s;

	LIST_FOREACH(s, &w->buckets[sequence % BUCKETS], chain)
		if (s->sequence == sequence)
			return s;
	return NULL;
}

struct smpp_slot *smpp_window_oldest(const struct smpp_window *w)
{
	return TAILQ_FIRST(&w->by_age);
}

struct smpp_slot *smpp_window_due(const struct smpp_window *w)
{
	struct smpp_slot *s = TAILQ_FIRST(&w->by_age);

	while (s && s->overdue)
		s = TAILQ_NEXT(s, by_age);
	return s;
}

/* Overdue submits are before the others in by_age. The others are in the order of their deadlines. */
struct smpp_slot *smpp_window_ripe(const struct smpp_window *w, int64_t now_ms)
{
	struct smpp_slot *s = TAILQ_FIRST(&w->by_age);

	while (s && s->overdue && s->deadline_ms > now_ms)
		s = TAILQ_NEXT(s, by_age);
	return s && s->deadline_ms <= now_ms ? s : NULL;
}

int64_t smpp_window_next_ms(const struct smpp_window *w)
{
	int64_t at_ms = INT64_MAX;
	const struct smpp_slot *s = TAILQ_FIRST(&w->by_age);

	for (; s && s->overdue; s = TAILQ_NEXT(s, by_age))
		at_ms = s->deadline_ms < at_ms ? s->deadline_ms : at_ms;
	return s && s->deadline_ms < at_ms ? s->deadline_ms : at_ms;
}

void smpp_window_release(struct smpp_window *w, struct smpp_slot *s)
{
	LIST_REMOVE(s, chain);
	TAILQ_REMOVE(&w->by_age, s, by_age);
	*s = (struct smpp_slot){ .sequence = 0 };
	LIST_INSERT_HEAD(&w->unused, s, chain);
	w->used -= invariant(w->used > 0);
}

unsigned smpp_window_used(const struct smpp_window *w)
{
	return w->used;
}

void smpp_window_retire(struct smpp_window *w, const struct smpp_slot *s)
{
	w->retired_sequences[w->retired_next] = s->sequence;
	w->retired[w->retired_next] = (struct smpp_retired){ .id = s->id, .late = s->late };
	w->retired_next = (w->retired_next + 1) % SMPP_RETIRED_MAX;
	if (w->retired_count < SMPP_RETIRED_MAX)
		w->retired_count++;
}

bool smpp_window_take_retired(struct smpp_window *w, uint32_t sequence, struct smpp_retired *out)
{
	for (size_t i = 0; sequence != 0 && i < w->retired_count; i++)
		if (w->retired_sequences[i] == sequence) {
			w->retired_sequences[i] = 0;
			*out = w->retired[i];
			return true;
		}
	return false;
}
