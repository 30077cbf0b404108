/*
 * later: responses and receipts that are due in the future: two queues in order of time, as each delay is constant.
 * A receipt whose connection is gone waits for the next one that binds as a receiver.
 */
#include "smsc.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

struct queue {
	struct later *items;
	size_t head, len, cap;
};

static struct queue responses, receipts;

#define AGAIN_MS 500

static void grow(struct queue *q)
{
	size_t cap = q->cap ? q->cap * 2 : 1024;
	struct later *bigger = malloc(cap * sizeof(*bigger));

	if (!bigger) {
		fputs("smsc: out of memory\n", stderr);
		exit(1);
	}
	for (size_t i = 0; i < q->len; i++)
		bigger[i] = q->items[(q->head + i) % q->cap];
	free(q->items);
	q->items = bigger;
	q->head = 0;
	q->cap = cap;
}

void later_add(struct smsc *smsc, const struct later *later)
{
	struct queue *q = later->is_receipt ? &receipts : &responses;

	(void)smsc;
	if (q->len == q->cap)
		grow(q);
	q->items[(q->head + q->len++) % q->cap] = *later;
}

static void id_text(const struct smsc *smsc, bool receipt, uint64_t id, char *out, size_t cap)
{
	bool dec = smsc->options.ids == IDS_DEC || (smsc->options.ids == IDS_MIXED && receipt);

	snprintf(out, cap, dec ? "%llu" : "%08llX", (unsigned long long)id);
	if (smsc->options.ids == IDS_EMPTY && !receipt)
		out[0] = '\0';
}

static void send_response(struct smsc *smsc, struct conn *conn, const struct later *l)
{
	char id[24];
	size_t begin = out_begin(&conn->out, l->command, l->status, l->sequence);

	if (l->command != CMD_NACK && l->status == 0) {
		id_text(smsc, false, l->message_id, id, sizeof(id));
		out_cstring(&conn->out, id);
	}
	out_end(&conn->out, begin);
	conn->answered++;
	smsc->account.responses_sent++;
}

static unsigned state_code(const char *state)
{
	static const char *const words[] = { "ENROUTE", "DELIVRD", "EXPIRED", "DELETED",
					     "UNDELIV", "ACCEPTD", "UNKNOWN", "REJECTD" };

	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i], state) == 0)
			return i + 1;
	return 7;
}

static size_t receipt_text(const struct smsc *smsc, const struct later *l, const char *id, char *out, size_t cap)
{
	char full[20] = "";
	const char *date = full + 2;
	time_t now = time(NULL);
	struct tm tm;
	int len;

	gmtime_r(&now, &tm);
	strftime(full, sizeof(full), "%Y%m%d%H%M", &tm);
	if (smsc->options.receipts == RECEIPTS_TLV)
		return 0;
	len = snprintf(out, cap, "id:%s sub:001 dlvrd:%03d submit date:%s done date:%s stat:%s err:%03d text:", id,
	               strcmp(l->state, "DELIVRD") == 0, date, date, l->state, strcmp(l->state, "DELIVRD") ? 69 : 0);
	return len < 0 || (size_t)len >= cap ? 0 : (size_t)len;
}

static void await_response(struct conn *conn, const struct later *l)
{
	if (conn->sent_len == conn->sent_cap) {
		size_t cap = conn->sent_cap ? conn->sent_cap * 2 : 64;
		struct later *bigger = realloc(conn->sent, cap * sizeof(*bigger));

		if (!bigger) {
			fputs("smsc: out of memory\n", stderr);
			exit(1);
		}
		conn->sent = bigger;
		conn->sent_cap = cap;
	}
	conn->sent[conn->sent_len] = *l;
	conn->sent[conn->sent_len].twice = false;
	conn->sent[conn->sent_len++].sequence = conn->sequence_out;
}

void later_answered(struct smsc *smsc, struct conn *conn, uint32_t sequence, bool good)
{
	for (size_t i = 0; i < conn->sent_len; i++) {
		struct later l = conn->sent[i];

		if (l.sequence != sequence)
			continue;
		conn->sent[i] = conn->sent[--conn->sent_len];
		l.due_ms = smsc->now_ms + AGAIN_MS;
		if (!good)
			later_add(smsc, &l);
		return;
	}
}

bool later_orphans(struct smsc *smsc, struct conn *conn)
{
	bool any = conn->sent_len > 0;

	for (size_t i = 0; i < conn->sent_len; i++) {
		conn->sent[i].due_ms = smsc->now_ms;
		later_add(smsc, &conn->sent[i]);
	}
	free(conn->sent);
	conn->sent = NULL;
	conn->sent_len = 0;
	return any;
}

static void send_receipt(struct smsc *smsc, struct conn *conn, const struct later *l)
{
	static const uint8_t zero[4] = { 0 };
	struct out *out = &conn->out;
	char id[24], text[256];
	size_t begin, len;

	id_text(smsc, true, l->message_id, id, sizeof(id));
	len = receipt_text(smsc, l, id, text, sizeof(text));
	if (++conn->sequence_out > 0x7FFFFFFF)
		conn->sequence_out = 1;
	begin = out_begin(out, CMD_DELIVER, 0, conn->sequence_out);
	out_cstring(out, "");
	out_bytes(out, "\1\1", 2);
	out_cstring(out, l->destination);
	out_bytes(out, "\5\0", 2);
	out_cstring(out, l->source);
	out_u8(out, 0x04);
	out_bytes(out, zero, 4); /* protocol_id, priority, both times empty */
	out_bytes(out, zero, 4); /* registered_delivery, replace, data_coding, default message */
	out_u8(out, (unsigned)len);
	out_bytes(out, text, len);
	if (smsc->options.receipts != RECEIPTS_TEXT) {
		uint8_t state = (uint8_t)state_code(l->state);

		out_tlv(out, 0x001E, id, strlen(id) + 1);
		out_tlv(out, 0x0427, &state, 1);
	}
	out_end(out, begin);
	conn->awaited++;
	smsc->account.receipts++;
	if (smsc->options.receipt_again)
		await_response(conn, l);
}

/* True if the item is done with. */
static bool perform(struct smsc *smsc, const struct later *l)
{
	struct conn *conn;

	if (!l->is_receipt) {
		conn = conn_find(smsc, l->serial);
		if (conn)
			send_response(smsc, conn, l);
		return true;
	}
	conn = conn_receiver(smsc, l->serial);
	if (!conn)
		return false;
	send_receipt(smsc, conn, l);
	if (l->twice)
		send_receipt(smsc, conn, l);
	return true;
}

static int run(struct smsc *smsc, struct queue *q)
{
	while (q->len) {
		struct later *l = &q->items[q->head];

		if (l->due_ms > smsc->now_ms)
			return (int)(l->due_ms - smsc->now_ms);
		if (!perform(smsc, l))
			return -1;
		q->head = (q->head + 1) % q->cap;
		q->len--;
	}
	return -1;
}

int later_run(struct smsc *smsc)
{
	int a, b;

	a = smsc->options.receipt_before_resp ? run(smsc, &receipts) : run(smsc, &responses);
	b = smsc->options.receipt_before_resp ? run(smsc, &responses) : run(smsc, &receipts);
	if (a < 0)
		return b;
	return b < 0 || a < b ? a : b;
}
