/*
 * overtaken: applies the rules for two sends of one verification. Owns nothing. It must never give back a send whose
 * SMS may have been sent.
 */
#include "overtaken.h"

#include "base/clock.h"
#include "flow/news/marks.h"

void overtaken_end(const struct deliver_uses *u, const struct deliver_item *item)
{
	const struct marks_failure failure = { .send_at_ms = item->send.at_ms,
		                               .send_known = item->send.known,
		                               .code = item->code };

	/* After the end of its lease another instance may have sent the message. */
	if (item->send.own && !item->send.charged && !item->unanswered && !item->late_accepted &&
	    item->lease_end_ms > clock_mono_ms())
		marks_overtaken(u->marks, &item->id, &failure);
}

void overtaken_leave(struct deliver_item *item, struct deliver_item *left)
{
	struct deliver_send send = item->send;

	if (send.nth <= left->send.nth)
		return;
	item->send = left->send;
	left->send = send;
}

bool overtaken_by(const struct deliver_item *item, const struct deliver_item *other)
{
	return other && !item->unanswered && other->send.nth > item->send.nth;
}

bool overtaken_charged(const struct deliver_leases *l, struct deliver_item *item)
{
	struct deliver_item *other = deliver_lease_other(l, item);

	item->send.charged = true;
	if (other)
		overtaken_leave(item, other);
	return other != NULL;
}
