/*
 * submit: what becomes of one submit_sm: the fault its destination asks for, the phone, the response, the receipt.
 */
#include "smsc.h"

#include "text.h"

#include <stdlib.h>
#include <string.h>

#define THROTTLED 0x58U
#define ONCE_MAX 4096

/* What a destination asks for. */
struct fate {
	uint32_t status;
	const char *state; /* of the receipt; NULL: none */
	bool silent, nack, twice, unknown_first, receipt_first, drop;
};

/* True the first time this destination is seen here; for faults that happen once. */
static bool first_time(const char *destination)
{
	static char seen[ONCE_MAX][21];
	static size_t count;

	for (size_t i = 0; i < count; i++)
		if (strcmp(seen[i], destination) == 0)
			return false;
	if (count < ONCE_MAX)
		memcpy(seen[count++], destination, 21);
	return true;
}

static void fate_special(unsigned kind, const char *destination, struct fate *f)
{
	switch (kind) {
	case 0:
		f->silent = true;
		break;
	case 1:
		f->nack = true;
		break;
	case 2:
		f->twice = true;
		break;
	case 3:
		f->unknown_first = true;
		break;
	case 4:
		f->status = first_time(destination) ? 0x08 : 0;
		break;
	case 5:
		f->status = first_time(destination) ? THROTTLED : 0;
		break;
	case 6:
		f->receipt_first = true;
		break;
	case 7:
		f->drop = first_time(destination);
		break;
	default:
		break;
	}
}

static struct fate fate_of(const char *destination)
{
	static const char *const states[10] = { NULL, "UNDELIV", "EXPIRED", "REJECTD", "DELETED", "UNKNOWN", "ACCEPTD",
		                                "DELIVRD", "DELIVRD", "DELIVRD" };
	struct fate f = { .state = "DELIVRD" };
	size_t len = strlen(destination);
	const char *six = len >= 6 ? destination + len - 6 : "", *seven = len >= 7 ? destination + len - 7 : "";

	if (strncmp(seven, "9992", 4) == 0)
		f.status = (uint32_t)strtoul(seven + 4, NULL, 10);
	else if (strncmp(six, "9990", 4) == 0)
		f.status = (uint32_t)strtoul(six + 4, NULL, 16);
	else if (strncmp(six, "99910", 5) == 0)
		f.state = states[six[5] - '0'];
	else if (strncmp(six, "99930", 5) == 0)
		fate_special((unsigned)(six[5] - '0'), destination, &f);
	return f;
}

static bool throttled(struct smsc *smsc)
{
	double rate = smsc->options.throttle, depth = rate > 10 ? rate / 10 : 1;

	if (rate <= 0)
		return false;
	smsc->tokens += (double)(smsc->now_ms - smsc->tokens_at_ms) * rate / 1000;
	smsc->tokens_at_ms = smsc->now_ms;
	if (smsc->tokens > depth)
		smsc->tokens = depth;
	if (smsc->tokens < 1)
		return true;
	smsc->tokens -= 1;
	return false;
}

static void ring(struct smsc *smsc, const struct submit *s)
{
	char text[1024];

	text_decode(s->data_coding, s->text, s->text_len, text, sizeof(text));
	account_seen(&smsc->account, s->destination, text);
	if (smsc->phone)
		fprintf(smsc->phone, "%s %s %s\n", s->destination, s->source[0] ? s->source : "-", text);
}

static void respond(struct smsc *smsc, const struct conn *conn, const struct pdu *pdu, const struct fate *f)
{
	struct later l = { .serial = conn->serial,
		           .due_ms = smsc->now_ms + smsc->options.resp_delay_ms,
		           .message_id = smsc->message_id,
		           .command = f->nack ? CMD_NACK : (CMD_SUBMIT | CMD_NACK),
		           .status = f->nack ? 0x08 : f->status,
		           .sequence = pdu->sequence };

	if (f->unknown_first) {
		struct later stray = l;

		stray.sequence ^= 0x40000000;
		later_add(smsc, &stray);
	}
	later_add(smsc, &l);
	if (f->twice)
		later_add(smsc, &l);
}

static void send_receipt_later(struct smsc *smsc, const struct conn *conn, const struct submit *s, const struct fate *f)
{
	struct later l = { .is_receipt = true,
		           .twice = smsc->options.receipt_twice,
		           .serial = conn->serial,
		           .due_ms = smsc->now_ms + smsc->options.receipt_delay_ms,
		           .message_id = smsc->message_id,
		           .state = f->state };

	if (smsc->options.receipts == RECEIPTS_NONE || !(s->registered & 1) || !f->state)
		return;
	if (!smsc->options.receipt_before_resp && !f->receipt_first)
		l.due_ms += smsc->options.resp_delay_ms;
	memcpy(l.destination, s->source, sizeof(l.destination));
	memcpy(l.source, s->destination, sizeof(l.source));
	later_add(smsc, &l);
}

static bool dropped(struct smsc *smsc, struct conn *conn, const struct fate *f)
{
	bool now = f->drop ||
	           (smsc->options.drop_after && !smsc->dropped && smsc->account.submits >= smsc->options.drop_after);

	if (now && !f->drop)
		smsc->dropped = true;
	conn->closing = conn->closing || now;
	return now;
}

void submit_take(struct smsc *smsc, struct conn *conn, const struct pdu *pdu)
{
	struct submit s;
	enum fault fault = pdu_submit(pdu, &s);
	struct fate f = fate_of(s.destination);

	smsc->account.submits++;
	if (++conn->unanswered > smsc->account.window_max)
		smsc->account.window_max = conn->unanswered;
	if (fault)
		conn_blame(smsc, fault);
	if (dropped(smsc, conn, &f) || smsc->options.silent || f.silent)
		return;
	if (fault)
		f.status = 0x08;
	else if (!f.status && throttled(smsc))
		f.status = THROTTLED;
	smsc->account.throttled += f.status == THROTTLED;
	smsc->message_id++;
	if (f.status == 0 && !f.nack)
		ring(smsc, &s);
	if (f.receipt_first && f.status == 0) {
		/* Ahead of the response: the response waits long enough for the receipt's journey. */
		send_receipt_later(smsc, conn, &s, &f);
		later_run(smsc);
		respond(smsc, conn, pdu, &f);
		return;
	}
	respond(smsc, conn, pdu, &f);
	if (f.status == 0 && !f.nack)
		send_receipt_later(smsc, conn, &s, &f);
}
