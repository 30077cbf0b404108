/*
 * receipt_window: at most so many receipts of a connection are unanswered, the others wait behind them, as at an SMSC
 * that sends the next one when the one before was answered.
 */
#include "smsc.h"

#include <stdlib.h>

static void keep(struct held *h, const struct later *later)
{
	if (h->first + h->len == h->cap) {
		h->cap = h->cap ? h->cap * 2 : 256;
		h->items = realloc(h->items, h->cap * sizeof(*h->items));
		if (!h->items) {
			fputs("smsc: out of memory\n", stderr);
			exit(1);
		}
	}
	h->items[h->first + h->len++] = *later;
}

void receipt_window_put(struct smsc *smsc, struct conn *conn, const struct later *later)
{
	struct held *h = &conn->held;

	if (smsc->options.receipt_window && h->unanswered >= smsc->options.receipt_window) {
		keep(h, later);
		return;
	}
	h->unanswered++;
	receipt_write(smsc, conn, later);
}

void receipt_window_answered(struct smsc *smsc, struct conn *conn)
{
	struct held *h = &conn->held;
	struct later next;

	h->unanswered--;
	if (h->len == 0 || conn->closing)
		return;
	next = h->items[h->first++];
	if (--h->len == 0)
		h->first = 0;
	receipt_window_put(smsc, conn, &next);
}

bool receipt_window_end(struct smsc *smsc, struct conn *conn)
{
	struct held *h = &conn->held;
	bool some = h->len > 0;

	for (size_t i = 0; i < h->len; i++)
		later_again(smsc, &h->items[h->first + i], 0);
	free(h->items);
	return some;
}
