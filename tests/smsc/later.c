/*
 * later: responses and receipts that are due in the future. Those in order of time stand in a queue, which is all of
 * them while delays are constant; the others in a heap. A receipt that no bind may take yet is parked.
 */
#include "smsc.h"

#include "ids.h"

#include <stdlib.h>
#include <string.h>

struct queue {
	struct later *items;
	size_t head, len, cap;
};

/* Two of them: responses, receipts. */
static struct lane {
	struct queue queue;
	struct later *heap;
	size_t len, cap;
} lanes[2];

static struct queue parked;
static uint64_t orders;

static struct later *room(struct later *items, size_t cap)
{
	struct later *bigger = realloc(items, cap * sizeof(*bigger));

	if (!bigger) {
		fputs("smsc: out of memory\n", stderr);
		exit(1);
	}
	return bigger;
}

static void push(struct queue *q, const struct later *l)
{
	if (q->len == q->cap) {
		size_t cap = q->cap ? q->cap * 2 : 1024;
		struct later *bigger = room(NULL, cap);

		for (size_t i = 0; i < q->len; i++)
			bigger[i] = q->items[(q->head + i) % q->cap];
		free(q->items);
		q->items = bigger;
		q->head = 0;
		q->cap = cap;
	}
	q->items[(q->head + q->len++) % q->cap] = *l;
}

static void shift(struct queue *q)
{
	q->head = (q->head + 1) % q->cap;
	q->len--;
}

static bool before(const struct later *a, const struct later *b)
{
	return a->due_us < b->due_us || (a->due_us == b->due_us && a->order < b->order);
}

static void heap_push(struct lane *lane, const struct later *l)
{
	size_t at = lane->len++;

	if (lane->len > lane->cap) {
		lane->cap = lane->cap ? lane->cap * 2 : 256;
		lane->heap = room(lane->heap, lane->cap);
	}
	for (; at && before(l, &lane->heap[(at - 1) / 2]); at = (at - 1) / 2)
		lane->heap[at] = lane->heap[(at - 1) / 2];
	lane->heap[at] = *l;
}

static void heap_pop(struct lane *lane)
{
	struct later last = lane->heap[--lane->len];
	size_t at = 0;

	for (size_t child = 1; child < lane->len; child = at * 2 + 1) {
		if (child + 1 < lane->len && before(&lane->heap[child + 1], &lane->heap[child]))
			child++;
		if (!before(&lane->heap[child], &last))
			break;
		lane->heap[at] = lane->heap[child];
		at = child;
	}
	lane->heap[at] = last;
}

void later_add(struct smsc *smsc, const struct later *later)
{
	struct lane *lane = &lanes[later->kind == LATER_RECEIPT];
	struct queue *q = &lane->queue;
	uint64_t every = smsc->options.coalesce_ms,
		 usual = smsc->options.resp_delay_ms + smsc->options.receipt_delay_ms;
	struct later l = *later;

	l.order = ++orders;
	if (every && l.kind != LATER_BIND && l.kind != LATER_ENQUIRE && l.kind != LATER_FORGET)
		l.due_us = (l.due_us / (every * 1000) + 1) * every * 1000;
	/* What is far ahead would bar the queue to all that comes before it. */
	if (l.due_us > smsc->now_us + (usual + 1000) * 1000 ||
	    (q->len && q->items[(q->head + q->len - 1) % q->cap].due_us > l.due_us))
		heap_push(lane, &l);
	else
		push(q, &l);
}

uint64_t later_served_us(struct smsc *smsc)
{
	uint64_t each_us = smsc->options.serial_ms * 1000;

	if (smsc->free_us < smsc->now_us)
		smsc->free_us = smsc->now_us;
	smsc->free_us += each_us;
	return each_us ? smsc->free_us : smsc->now_us;
}

void later_again(struct smsc *smsc, const struct later *later, uint64_t after_ms)
{
	struct later l = *later;

	l.due_us = smsc->now_us + after_ms * 1000;
	later_add(smsc, &l);
}

void later_bound(struct smsc *smsc)
{
	for (size_t n = parked.len; n; n--) {
		struct later l = parked.items[parked.head];

		shift(&parked);
		l.due_us = smsc->now_us;
		later_add(smsc, &l);
	}
}

static void put_body(struct out *out, const struct later *l)
{
	uint8_t congestion = (uint8_t)(l->congestion - 1);
	uint32_t body = l->body ? l->body : l->status ? BODY_NONE : BODY_ID;
	char id[ID_TEXT_MAX];

	ids_text(l->id_style, false, l->message_id, id);
	if (body == BODY_NUL)
		out_u8(out, 0);
	else if (body == BODY_NO_NUL)
		out_bytes(out, id, strlen(id));
	else if (body != BODY_NONE)
		out_cstring(out, id);
	if (l->congestion && body != BODY_NONE && body != BODY_NO_NUL)
		out_tlv(out, 0x0428, &congestion, 1);
	if (body == BODY_TLVS) {
		out_tlv(out, 0x001D, "no more", 8);
		out_tlv(out, 0x2001, "\1\2\3", 3);
		out_tlv(out, 0x3177, "", 0);
	}
	if (body == BODY_BAD_TLV)
		out_bytes(out, "\x20\x01\xFF\xFFz", 5);
}

static void send_response(struct smsc *smsc, struct conn *conn, const struct later *l)
{
	size_t begin = out_begin(&conn->out, l->command, l->status, l->sequence);

	if (l->command != CMD_NACK)
		put_body(&conn->out, l);
	out_end(&conn->out, begin);
	conn->answered += !l->uncounted;
	smsc->account.responses_sent++;
	if (l->status == 0x58) {
		smsc->throttled_at_ms = smsc->now_ms;
		smsc->quiet = true;
	}
}

static void send_bind(struct smsc *smsc, struct conn *conn, const struct later *l)
{
	bool good = l->status == 0 && l->command != CMD_NACK;
	size_t begin = out_begin(&conn->out, l->command, l->status, l->sequence);

	if (l->body == BODY_ID)
		out_cstring(&conn->out, "SMSC");
	if (l->body == BODY_ID && good)
		out_tlv(&conn->out, 0x0210, "\x34", 1);
	out_end(&conn->out, begin);
	if (!good)
		return;
	conn->bound = true;
	conn->enquire_at_ms = smsc->now_ms + smsc->options.enquire_ms;
	later_bound(smsc);
}

static void perform(struct smsc *smsc, const struct later *l)
{
	struct conn *conn = l->kind == LATER_RECEIPT ? conns_receiver(smsc, &l->receipt) : conns_find(smsc, l->serial);

	if (l->kind == LATER_RECEIPT && !conn)
		push(&parked, l);
	else if (l->kind == LATER_RECEIPT)
		receipt_send(smsc, conn, l);
	else if (conn && l->kind == LATER_FORGET)
		conn->answered++;
	else if (conn && l->kind == LATER_BIND)
		send_bind(smsc, conn, l);
	else if (conn && l->kind == LATER_ENQUIRE)
		out_end(&conn->out, out_begin(&conn->out, l->command, l->status, l->sequence));
	else if (conn && !conn->silent)
		send_response(smsc, conn, l);
}

static int64_t run(struct smsc *smsc, struct lane *lane)
{
	struct queue *q = &lane->queue;

	while (q->len || lane->len) {
		bool heap = lane->len && (!q->len || before(&lane->heap[0], &q->items[q->head]));
		struct later *l = heap ? &lane->heap[0] : &q->items[q->head], copy;

		if (l->due_us > smsc->now_us)
			return (int64_t)(l->due_us - smsc->now_us);
		if (heap) {
			copy = *l;
			heap_pop(lane);
			perform(smsc, &copy);
		} else {
			perform(smsc, l); /* adds nothing to this lane */
			shift(q);
		}
	}
	return -1;
}

int64_t later_run(struct smsc *smsc)
{
	bool turned = smsc->options.receipt_before_resp;
	int64_t a = run(smsc, &lanes[turned]), b = run(smsc, &lanes[!turned]);

	if (a < 0)
		return b;
	return b < 0 || a < b ? a : b;
}
