/*
 * submit: what becomes of one submit_sm: the faults that are due to it, the phone, the response, the receipt.
 */
#include "smsc.h"

#include "script.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

#define THROTTLED 0x58U
#define QUEUE_FULL 0x14U
#define QUEUE_MS 10000
enum { ONCE_MAX = 4096, MAILBOXES = 4096 };

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

static struct fate fate_of(struct smsc *smsc, const struct submit *s)
{
	struct fate f = { .form = FORM_AS_TOLD };
	struct fault fault;
	bool once;

	script_apply(&smsc->options, smsc->account.submits, &f, smsc->account.made);
	if (fault_of_destination(s->destination, &fault, &once) && (!once || first_time(s->destination)))
		fault_apply(&fault, &f, smsc->account.made);
	return f;
}

static bool throttled(struct smsc *smsc)
{
	double rate = smsc->options.throttle, depth = rate > 10 ? rate / 10 : 1;

	if (rate <= 0)
		return false;
	if (smsc->options.throttle_depth)
		depth = (double)smsc->options.throttle_depth;
	smsc->tokens += (double)(smsc->now_ms - smsc->tokens_at_ms) * rate / 1000;
	smsc->tokens_at_ms = smsc->now_ms;
	if (smsc->tokens > depth)
		smsc->tokens = depth;
	if (smsc->tokens < 1)
		return true;
	smsc->tokens -= 1;
	return false;
}

/* A mailbox that took its share of these ten seconds. */
static bool mailbox_full(struct smsc *smsc, const char *destination)
{
	static struct {
		char destination[21];
		uint64_t since_ms, count;
	} boxes[MAILBOXES];
	size_t at = 0;

	if (!smsc->options.queue_per_destination)
		return false;
	for (const char *d = destination; *d; d++)
		at = (at * 31 + (unsigned char)*d) % MAILBOXES;
	if (strcmp(boxes[at].destination, destination) != 0 || smsc->now_ms - boxes[at].since_ms >= QUEUE_MS) {
		memcpy(boxes[at].destination, destination, 21);
		boxes[at].since_ms = smsc->now_ms;
		boxes[at].count = 0;
	}
	return ++boxes[at].count > smsc->options.queue_per_destination;
}

static void ring(struct smsc *smsc, const struct submit *s)
{
	char text[1024];

	text_decode(s->data_coding, s->text, s->text_len, text, sizeof(text));
	account_seen(&smsc->account, s->destination, text);
	if (smsc->phone)
		fprintf(smsc->phone, "%s %s %s\n", s->destination, s->source[0] ? s->source : "-", text);
}

static uint32_t id_style(const struct smsc *smsc, const struct fate *f)
{
	return f->id_style ? f->id_style - 1 : (uint32_t)smsc->options.ids;
}

/* The peer gives it up. */
static void forget_later(struct smsc *smsc, const struct conn *conn)
{
	struct later l = { .kind = LATER_FORGET,
		           .serial = conn->serial,
		           .due_us = smsc->now_us + smsc->options.forget_ms * 1000 };

	if (smsc->options.forget_ms)
		later_add(smsc, &l);
}

static void respond(struct smsc *smsc, const struct conn *conn, const struct pdu *pdu, const struct fate *f)
{
	uint64_t always = smsc->options.congestion;
	uint32_t told = always ? (uint32_t)always + 1 : 0;
	struct later l = { .serial = conn->serial,
		           .message_id = smsc->message_id,
		           .command = CMD_SUBMIT | CMD_NACK,
		           .status = f->status,
		           .sequence = pdu->sequence,
		           .body = f->body,
		           .congestion = f->congestion ? f->congestion : told,
		           .id_style = id_style(smsc, f) };

	l.due_us = later_served_us(smsc) + (smsc->options.resp_delay_ms + f->late_ms) * 1000;
	l.due_us += smsc_random(smsc, smsc->options.resp_jitter_ms) * 1000;
	if (f->resp & RESP_NACK) {
		l.command = CMD_NACK;
		l.status = f->status ? f->status : 0x08;
	}
	if (f->resp & RESP_WRONG_COMMAND)
		l.command = CMD_DATA | CMD_NACK;
	if (f->resp & (RESP_STRAY_FIRST | RESP_WRONG_SEQUENCE)) {
		struct later stray = l;

		stray.sequence ^= 0x40000000;
		stray.uncounted = true;
		later_add(smsc, &stray);
	}
	if (f->resp & RESP_WRONG_SEQUENCE) {
		forget_later(smsc, conn);
		return;
	}
	if (smsc->options.forget_ms && l.due_us > smsc->now_us + smsc->options.forget_ms * 1000) {
		l.uncounted = true;
		forget_later(smsc, conn);
	}
	later_add(smsc, &l);
	l.uncounted = true;
	if (f->resp & RESP_TWICE)
		later_add(smsc, &l);
}

static void tell_later(struct smsc *smsc, const struct conn *conn, const struct submit *s, const struct fate *f)
{
	const struct options *o = &smsc->options;
	struct later l = { .kind = LATER_RECEIPT, .message_id = smsc->message_id };
	struct receipt *r = &l.receipt;

	r->form = f->form == FORM_AS_TOLD ? (uint32_t)o->form : f->form;
	if (r->form == FORM_NONE || !(s->registered & 1) || f->rcpt & RCPT_NONE)
		return;
	l.due_us = smsc->now_us + (o->receipt_delay_ms + f->rcpt_late_ms) * 1000;
	l.due_us += smsc_random(smsc, o->receipt_jitter_ms) * 1000;
	if (!o->receipt_before_resp && !(f->rcpt & RCPT_EARLY))
		l.due_us += o->resp_delay_ms * 1000;
	r->bits = f->rcpt | (o->receipt_twice ? RCPT_TWICE : 0);
	r->state = f->state;
	r->dialect = f->dialect;
	r->unknowns = f->rcpt_unknowns;
	r->state_octets = f->state_octets;
	r->id_style = id_style(smsc, f);
	r->to = f->to ? f->to - 1 : (uint32_t)o->to;
	r->origin = conn->serial;
	r->newest = smsc->serial;
	memcpy(r->destination, s->source, sizeof(r->destination));
	memcpy(r->source, s->destination, sizeof(r->source));
	later_add(smsc, &l);
}

/* --drop-after, and the submits before it that stay without an answer. */
static bool dropped(struct smsc *smsc, struct conn *conn)
{
	const struct options *o = &smsc->options;

	if (!o->drop_after || smsc->dropped || smsc->account.submits + o->drop_unanswered < o->drop_after)
		return false;
	if (smsc->account.submits >= o->drop_after)
		smsc->dropped = conn->closing = true;
	return smsc->account.submits >= o->drop_after || o->drop_unanswered;
}

static void look_at(struct smsc *smsc, struct conn *conn, const struct submit *s, enum breach breach)
{
	uint64_t since = smsc->now_ms - smsc->throttled_at_ms;
	uint32_t odd = breach ? 1U << breach : pdu_odd_submit(s);

	smsc->account.submits++;
	conn->row->submits++;
	conn->row->unanswered = ++conn->unanswered;
	if (conn->unanswered > smsc->account.window_max)
		smsc->account.window_max = conn->unanswered;
	if (conn->unanswered > conn->row->window_max)
		conn->row->window_max = conn->unanswered;
	if (!conn->sends)
		odd |= 1U << BREACH_RECEIVER_SUBMITS;
	for (unsigned i = 0; odd >> i; i++)
		if (odd & 1U << i)
			conns_blame(smsc, (enum breach)i);
	if (!smsc->throttled_at_ms || since <= smsc->options.throttle_grace_ms)
		return;
	smsc->account.paused_submits += since <= smsc->options.throttle_pause_ms;
	if (smsc->quiet && (!smsc->account.pause_min_ms || since < smsc->account.pause_min_ms))
		smsc->account.pause_min_ms = since;
	smsc->quiet = false;
}

/* A fault that says otherwise comes first; what is wrong with the submit itself before all. */
static void judge(struct smsc *smsc, const struct conn *conn, const struct submit *s, struct fate *f)
{
	if (!conn->sends)
		f->status = 0x04;
	else if (!f->status && throttled(smsc))
		f->status = THROTTLED;
	else if (!f->status && mailbox_full(smsc, s->destination))
		f->status = QUEUE_FULL;
	smsc->account.throttled += f->status == THROTTLED;
	smsc->message_id++;
}

void submit_take(struct smsc *smsc, struct conn *conn, const struct pdu *pdu)
{
	struct submit s;
	enum breach breach = pdu_submit(pdu, &s);
	struct fate f;
	bool lost, good;

	look_at(smsc, conn, &s, breach);
	f = fate_of(smsc, &s);
	lost = link_act(smsc, conn, &f, &s) || dropped(smsc, conn) || smsc->options.silent || f.resp & RESP_NONE;
	if (lost)
		forget_later(smsc, conn);
	if (lost && !(f.resp & RESP_TAKEN))
		return;
	if (breach)
		f.status = 0x08;
	judge(smsc, conn, &s, &f);
	good = f.status == 0 && !(f.resp & RESP_NACK);
	if (good)
		ring(smsc, &s);
	if (good && f.rcpt & RCPT_EARLY) {
		/* Ahead of the response: the response waits long enough for the receipt's journey. */
		tell_later(smsc, conn, &s, &f);
		later_run(smsc);
	}
	if (!lost)
		respond(smsc, conn, pdu, &f);
	if (good && !(f.rcpt & RCPT_EARLY))
		tell_later(smsc, conn, &s, &f);
}
