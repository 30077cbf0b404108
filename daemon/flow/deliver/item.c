/*
 * item: changes the state of a message, and ends it. A message holds one place, and it is queued, waits, or is in
 * flight. It must never leave a clear code or a place behind, so every end goes through item_end.
 */
#include "item.h"

#include "base/clock.h"
#include "base/invariant.h"
#include "flow/news/marks.h"
#include "ops/funnel.h"
#include "overtaken.h"

#include <stdlib.h>

void item_end(struct deliver *d, struct deliver_item *item)
{
	deliver_lease_remove(item);
	if (item->payload.play.outcome != TESTNUMBER_NONE)
		d->tests -= invariant(d->tests > 0);
	message_wipe(&item->payload);
	free(item);
	d->places_used -= invariant(d->places_used > 0);
}

void item_unanswered(struct deliver *d, struct deliver_item *item)
{
	if (!item->late_accepted)
		funnel_count(FUNNEL_UNANSWERED_UNKNOWN);
	/* The store ignores this mark if the record is already accepted or final. */
	marks_unanswered(d->u->marks, &item->id, !overtaken_charged(d->leases, item));
	item_end(d, item);
}

void item_fail(struct deliver *d, struct deliver_item *item, enum lifecycle_reason reason, uint32_t status)
{
	struct deliver_item *other = deliver_lease_other(d->leases, item);
	char error[STORE_ERROR_CAP] = "";

	if (item->unanswered) {
		item_unanswered(d, item);
		return;
	}
	if (status)
		smpp_status_text(status, error);
	/* An SMSC may reject a message because it is a duplicate of one that it has. So an SMS may have arrived. */
	item->send.charged = item->send.charged || reason == REASON_REJECTED;
	/* Another message of the same verification is on its way, so the record follows that one. */
	if (other) {
		overtaken_leave(item, other);
		overtaken_end(d->u, item);
	} else {
		const struct marks_failure failure = {
			reason, error, !item->send.charged, item->send.deadline_ms, item->send.at_ms, item->send.known
		};

		marks_failed(d->u->marks, &item->id, &failure);
	}
	item_end(d, item);
}

void item_release(struct deliver *d, const struct deliver_item *item)
{
	struct deliver_item *other = deliver_lease_other(d->leases, item);

	if (other)
		other->unanswered = other->unanswered || item->unanswered;
	else
		store_release(d->u->store, &item->id, &(struct store_handed){ .unsent = !item->unanswered });
}

void item_queue(struct deliver *d, struct deliver_item *item)
{
	if (d->stopped) {
		/* The daemon is stopping. Without its lease the message can be claimed by another instance at once. */
		item_release(d, item);
		item_end(d, item);
		return;
	}
	if (item->route < 0) {
		item_fail(d, item, REASON_NO_ROUTE, 0);
		return;
	}
	struct route_queue *l = d->queues[item->route];
	struct smsc_set avoid = item->attempts.excluded;

	smsc_set_join(&avoid, &item->avoid_soft);
	/*
	 * A queue has room for every place in use, so this must not fail. If it fails all the same, the lease is given
	 * back and the message will be claimed again.
	 */
	if (!invariant(route_queue_push(l, &item->entry, &avoid) == ERR_OK)) {
		item_release(d, item);
		item_end(d, item);
		return;
	}
	busy_routes_add(&d->busy, item->route);
	int64_t due_ms = item->entry.priority == PRIORITY_RECOVERED ? 0 : item->entry.deadline_ms;
	item->place = route_queue_hold(l, &item->who, due_ms, clock_mono_ms());
	item->queued = true;
	d->queued++;
}

void item_unqueue(struct deliver *d, struct deliver_item *item)
{
	route_queue_remove(&item->entry);
	route_queue_drop(d->queues[item->route], &item->place);
	item->queued = false;
	d->queued -= invariant(d->queued > 0);
}

void item_wake(struct deliver *d, struct deliver_item *item)
{
	item->not_before_ms = 0;
	d->waiting -= invariant(d->waiting > 0);
}

bool item_take(struct deliver *d, struct deliver_item *item)
{
	if (item->queued)
		item_unqueue(d, item);
	else if (item->not_before_ms)
		item_wake(d, item);
	else
		return false;
	return true;
}

void item_wait(struct deliver *d, struct deliver_item *item, uint32_t wait_ms)
{
	item->not_before_ms = clock_mono_ms() + wait_ms;
	d->waiting++;
}
