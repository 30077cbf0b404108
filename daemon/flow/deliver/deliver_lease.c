/*
 * deliver_lease: keeps the items in one list per partition, and renews their leases with one command per partition and
 * 64 items. Owns the lists, not the items. It must never renew a lease that has ended, because another instance may
 * hold it.
 */
#include "deliver_lease.h"

#include "base/clock.h"
#include "base/log.h"

#include <stdlib.h>

#define TOPIC "deliver"
#define BATCH 64

LIST_HEAD(items, deliver_item);

struct deliver_leases {
	const struct deliver_uses *u;
	struct items *items; /* one list per partition */
	size_t partitions;
	uint32_t renewals; /* number of the last renewal; never 0 */
};

/* A renewal whose answer is not here yet. */
struct renewal {
	struct deliver_leases *leases;
	uint16_t partition;
	uint32_t number;
};

struct deliver_leases *deliver_lease_new(const struct deliver_uses *u)
{
	struct deliver_leases *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->u = u;
	l->partitions = u->opts->partitions;
	l->items = calloc(l->partitions, sizeof(struct items));
	if (!l->items) {
		free(l);
		return NULL;
	}
	return l;
}

void deliver_lease_free(struct deliver_leases *l)
{
	if (!l)
		return;
	free(l->items);
	free(l);
}

void deliver_lease_add(struct deliver_leases *l, struct deliver_item *item)
{
	LIST_INSERT_HEAD(&l->items[item->id.partition], item, of_partition);
}

void deliver_lease_remove(struct deliver_item *item)
{
	LIST_REMOVE(item, of_partition);
}

struct deliver_item *deliver_lease_find(const struct deliver_leases *l, const struct ident *id)
{
	struct deliver_item *i;

	LIST_FOREACH(i, &l->items[id->partition], of_partition) {
		if (ident_same(&i->id, id))
			return i;
	}
	return NULL;
}

struct deliver_item *deliver_lease_unanswered(const struct deliver_leases *l, const struct ident *id, uint64_t code)
{
	struct deliver_item *i = deliver_lease_find(l, id);

	while (i && !(i->unanswered && i->code == code))
		i = deliver_lease_same(i);
	return i;
}

struct deliver_item *deliver_lease_other(const struct deliver_leases *l, const struct deliver_item *item)
{
	struct deliver_item *i = deliver_lease_find(l, &item->id);

	return i == item ? deliver_lease_same(i) : i;
}

struct deliver_item *deliver_lease_same(const struct deliver_item *item)
{
	struct deliver_item *i = LIST_NEXT(item, of_partition);

	while (i && !ident_same(&i->id, &item->id))
		i = LIST_NEXT(i, of_partition);
	return i;
}

static struct deliver_item *first_from(const struct deliver_leases *l, size_t partition)
{
	for (size_t p = partition; p < l->partitions; p++) {
		if (!LIST_EMPTY(&l->items[p]))
			return LIST_FIRST(&l->items[p]);
	}
	return NULL;
}

struct deliver_item *deliver_lease_any(const struct deliver_leases *l)
{
	return first_from(l, 0);
}

struct deliver_item *deliver_lease_next(const struct deliver_leases *l, const struct deliver_item *item)
{
	struct deliver_item *next = LIST_NEXT(item, of_partition);

	return next ? next : first_from(l, (size_t)item->id.partition + 1);
}

static void on_renewed(void *arg, enum err err, const struct store_claim_rep *rep)
{
	struct renewal *r = arg;
	struct deliver_leases *l = r->leases;
	struct deliver_item *i;

	LIST_FOREACH(i, &l->items[r->partition], of_partition) {
		if (i->renewal != r->number)
			continue;
		i->renewal = 0;
		if (!err)
			i->lease_end_ms = rep->lease_end_ms;
	}
	free(r);
}

/* Asks for the renewal of one batch. Returns false if the partition has no more items to renew now. */
static bool renew_partition(struct deliver_leases *l, uint16_t partition, int64_t now)
{
	struct ident ids[BATCH];
	size_t n = 0;
	struct renewal *r = NULL;

	for (struct deliver_item *i = LIST_FIRST(&l->items[partition]); i && n < BATCH;
	     i = LIST_NEXT(i, of_partition)) {
		if (i->renewal || i->lease_end_ms <= now || i->lease_end_ms - now > l->u->opts->lease_ms / 2)
			continue;
		if (!r && !(r = calloc(1, sizeof(*r))))
			return false;
		if (n == 0 && ++l->renewals == 0)
			l->renewals = 1;
		i->renewal = l->renewals;
		ids[n++] = i->id;
	}
	if (!r)
		return false;
	*r = (struct renewal){ l, partition, l->renewals };
	if (store_renew(l->u->store, ids, n, on_renewed, r) == ERR_OK)
		return n == BATCH;
	on_renewed(r, ERR_UNAVAILABLE, NULL);
	return false;
}

void deliver_lease_renew(struct deliver_leases *l)
{
	int64_t now = clock_mono_ms();

	for (size_t p = 0; p < l->partitions; p++) {
		while (!LIST_EMPTY(&l->items[p]) && renew_partition(l, (uint16_t)p, now))
			;
	}
}
