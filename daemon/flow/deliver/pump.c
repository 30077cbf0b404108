/*
 * pump: submits the first message of each sub-queue to an SMSC, and decides by the answer what happens to the message
 * next. The SMS of a test number is played instead. Owns nothing. It must never submit without a lease, after the
 * deadline, or when the code is no longer valid.
 */
#include "pump.h"

#include "base/clock.h"
#include "base/invariant.h"
#include "base/log.h"
#include "base/pause.h"
#include "flow/news/path.h"
#include "flow/news/marks.h"
#include "ops/funnel.h"
#include "overtaken.h"
#include "played.h"
#include "submit.h"

#define TOPIC "deliver"
#define LEASE_MARGIN 10 /* no submit begins in the last tenth of a lease */

static void on_refused(struct deliver *d, struct deliver_item *item, const struct smpp_result *r)
{
	const struct attempts_ask ask = { d->u->smpp, item->route, item->entry.deadline_ms - clock_mono_ms() };
	enum attempts_next next = attempts_refused(&item->attempts, &ask, r);

	/* The message may go to this SMSC again, but another SMSC that can take it is better. */
	if (r->session)
		smsc_set_add(&item->avoid_soft, r->smsc);
	if (next == ATTEMPTS_OVER)
		item_fail(d, item, REASON_REFUSED, r->status);
	else if (next == ATTEMPTS_AGAIN && !d->stopped)
		item_wait(d, item, item->attempts.wait_ms);
	else
		item_queue(d, item);
}

static void on_ambiguous(struct deliver *d, struct deliver_item *item, const struct smpp_result *r)
{
	funnel_count(FUNNEL_AMBIGUOUS);
	if (!attempts_unanswered(&item->attempts, r) || item->unanswered || d->u->opts->ambiguous != FLOW_RESEND_ONCE ||
	    d->stopped) {
		item_unanswered(d, item);
		return;
	}
	item->unanswered = true;
	/* If only this bind ended, the SMSC's other binds may take the resend. */
	if (!r->ended)
		smsc_set_add(&item->avoid_soft, r->smsc);
	funnel_count(FUNNEL_UNANSWERED_RESENT);
	log_warn(TOPIC, "possible_duplicate smsc=%s", smpp_smsc_name(d->u->smpp, r->smsc));
	marks_unanswered(d->u->marks, &item->id, false);
	item_queue(d, item);
}

/*
 * Ends an item that must not be tried again: an earlier submit of it was accepted by a late response, its verification
 * has ended, or a later send of the verification is on its way. Returns false if the item goes on.
 */
static bool item_over(struct deliver *d, struct deliver_item *item, const struct smpp_result *r)
{
	bool refused = r->outcome == SMPP_LATER || r->outcome == SMPP_OTHER;
	bool ended = item->dead && r->outcome != SMPP_REFUSED;
	bool overtaken = refused && overtaken_by(item, deliver_lease_other(d->leases, item));

	if (r->outcome == SMPP_ACCEPTED || (!item->late_accepted && !ended && !overtaken))
		return false;
	if (item->late_accepted || r->outcome == SMPP_AMBIGUOUS) {
		item_unanswered(d, item);
		return true;
	}
	if (!ended)
		overtaken_end(d->u, item);
	item_end(d, item);
	return true;
}

static void on_result(void *arg, const struct smpp_result *r)
{
	struct deliver_item *item = arg;
	struct deliver *d = item->owner;
	int route = item->route;

	invariant(!item_take(d, item));
	d->in_flight -= invariant(d->in_flight > 0);
	path_result(&item->id, smpp_smsc_name(d->u->smpp, r->smsc), r);
	if (item_over(d, item, r)) {
		pump_route(d, route);
		return;
	}
	switch (r->outcome) {
	case SMPP_ACCEPTED:
		pause_point("c4");
		funnel_count(FUNNEL_ACCEPTED);
		marks_accepted(d->u->marks, &item->id, r, !overtaken_charged(d->leases, item));
		item_end(d, item);
		break;
	case SMPP_LATER:
	case SMPP_OTHER:
		on_refused(d, item, r);
		break;
	case SMPP_REFUSED:
		item_fail(d, item, REASON_REJECTED, r->status);
		break;
	case SMPP_AMBIGUOUS:
		on_ambiguous(d, item, r);
		break;
	}
	pump_route(d, route);
}

static void on_late(void *arg, const struct ident *id, const struct smpp_result *r)
{
	struct deliver *d = arg;
	struct deliver_item *item = deliver_lease_unanswered(d->leases, id);

	log_info(TOPIC, "late_answer smsc=%s status=0x%08X", smpp_smsc_name(d->u->smpp, r->smsc), (unsigned)r->status);
	if (r->outcome != SMPP_ACCEPTED) {
		funnel_count(FUNNEL_UNANSWERED_LATE_ERROR);
		return;
	}
	funnel_count(FUNNEL_UNANSWERED_LATE_OK);
	if (item && item_take(d, item)) {
		funnel_count(FUNNEL_UNANSWERED_CANCELLED);
		overtaken_charged(d->leases, item);
		item_end(d, item);
	} else if (item) {
		item->late_accepted = true;
	}
	marks_accepted(d->u->marks, id, r, !deliver_lease_find(d->leases, id));
}

/*
 * Fails the head of a sub-queue whose deadline has passed, and drops one whose lease is about to end. Returns true if
 * the head was removed.
 */
static bool item_overdue(struct deliver *d, struct deliver_item *item, int64_t now, int64_t left_ms)
{
	if (now >= item->lease_end_ms - d->u->opts->lease_ms / LEASE_MARGIN) {
		/*
		 * Another instance may claim the message soon. Its lease entry stays in Redis, so the message is not
		 * lost.
		 */
		item_unqueue(d, item);
		item_end(d, item);
		funnel_count(FUNNEL_LEASE_LOST);
		return true;
	}
	if (now >= item->entry.deadline_ms || left_ms <= 0) {
		item_unqueue(d, item);
		item_fail(d, item, REASON_DEADLINE, 0);
		return true;
	}
	return false;
}

void pump_route(struct deliver *d, int route)
{
	const struct route_queue *l = route < 0 ? NULL : d->queues[route];
	struct queue_entry *head;
	uint32_t stuck = 0; /* mask of sub-queues whose first message must wait; the other sub-queues go on */

	while (l && !d->stopped && (head = route_queue_first(l, stuck))) {
		struct deliver_item *item = deliver_item_of(head);
		int64_t left_ms = submit_left_ms(d->u, item);

		if (item_overdue(d, item, clock_mono_ms(), left_ms))
			continue;
		if (!marks_room(d->u->marks))
			return;
		if (item->payload.play.outcome != TESTNUMBER_NONE) {
			item_unqueue(d, item);
			played_item(d, item);
			continue;
		}
		const struct submit_listener listener = { on_result, { on_late, d } };
		enum err err = submit_item(d->u, item, left_ms, route_queue_len(l), &listener);
		if (err == ERR_BUSY || err == ERR_UNAVAILABLE) {
			stuck |= route_queue_part(l, head);
			continue;
		}
		item_unqueue(d, item);
		if (err) {
			log_error(TOPIC, "unsendable err=%s route=%d", err_name(err), route);
			item_fail(d, item, REASON_REFUSED, 0);
			continue;
		}
		d->in_flight++;
		funnel_count(FUNNEL_SUBMITTED);
	}
}
