/*
 * store_calls: does what was asked when the test lets it, and answers in the turn after that, or later. Owns the calls
 * until they are answered; each exactly once. What a command does is decided in store_model.c.
 */
#include "store_calls.h"

#include "saw.h"

#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- answers --- */

static void call_free(struct call *c)
{
	free(c->ids);
	free(c->records);
	free(c);
}

static void answer(const struct call *c, enum err err)
{
	switch (c->command) {
	case FAKE_CREATE:
		c->fn.issue(c->arg, err, err ? NULL : &c->rep.issue);
		break;
	case FAKE_RESEND:
		c->fn.resend(c->arg, err, err ? NULL : &c->rep.resend);
		break;
	case FAKE_VERIFY:
		c->fn.verify(c->arg, err, err ? NULL : &c->rep.verify);
		break;
	case FAKE_STATUS:
	case FAKE_LOOK:
		c->fn.query(c->arg, err, err ? NULL : &c->rep.query);
		break;
	case FAKE_CANCEL:
		c->fn.cancel(c->arg, err, err ? NULL : &c->rep.cancel);
		break;
	case FAKE_MARK:
		c->fn.mark(c->arg, err, c->rep.marked);
		break;
	case FAKE_RECEIPT:
		c->fn.receipt(c->arg, err, !err && c->rep.receipt.found, &c->rep.receipt.id);
		break;
	case FAKE_CLAIM:
	case FAKE_RENEW:
		c->fn.claim(c->arg, err, err ? NULL : &c->rep.claim);
		break;
	case FAKE_RESERVE:
		c->fn.reserve(c->arg, err, err ? NULL : &c->rep.reserve);
		break;
	case FAKE_REDIRECT:
		c->fn.redirect(c->arg, err, err ? NULL : &c->rep.redirect);
		break;
	case FAKE_FREED:
		c->fn.freed(c->arg, err, c->rep.freed);
		break;
	case FAKE_NOTE:
		c->fn.note(c->arg, err, c->rep.note.value, err ? 0 : c->rep.note.len);
		break;
	case FAKE_COMMANDS:
		break;
	}
}

static void end(struct store *s, struct call *c, enum err err)
{
	STAILQ_REMOVE(&s->calls, c, call, in_line);
	answer(c, err);
	call_free(c);
}

void store_calls_answer(void *arg)
{
	struct store *s = arg;
	struct call *c = STAILQ_FIRST(&s->calls);
	int64_t next = INT64_MAX;

	while (c) {
		struct call *after = STAILQ_NEXT(c, in_line);

		if ((c->done || c->lost) && c->due_ms <= clock_mono_ms()) {
			end(s, c, c->lost ? ERR_UNAVAILABLE : ERR_OK);
			after = STAILQ_FIRST(&s->calls); /* others may have come or gone */
			next = INT64_MAX;
		} else if (c->done && c->due_ms < next) {
			next = c->due_ms;
		}
		c = after;
	}
	if (next < INT64_MAX)
		loop_timer_set(s->later, next);
}

void store_calls_end(struct store *s)
{
	struct call *c;

	while ((c = STAILQ_FIRST(&s->calls)))
		end(s, c, ERR_UNAVAILABLE);
}

/* --- what is done --- */

static void say_mark(const struct store_mark *k, enum store_marked marked)
{
	static const char *const words[] = { [STORE_MARK_STALE] = "stale",
		                             [STORE_MARK_MOVED] = "moved",
		                             [STORE_MARK_REROUTED] = "rerouted",
		                             [STORE_MARK_RETURNED] = "returned",
		                             [STORE_MARK_OVERTAKEN] = "overtaken" };
	char more[240] = "";
	size_t n = 0;

	if (k->reason)
		n += (size_t)snprintf(more + n, sizeof(more) - n, " reason=%s", lifecycle_reason_name(k->reason));
	if (k->error)
		n += (size_t)snprintf(more + n, sizeof(more) - n, " error=%s", k->error);
	if (k->smsc_tag)
		n += (size_t)snprintf(more + n, sizeof(more) - n, " smsc=%s", fake_smsc(k->smsc_tag));
	if (k->message_id && k->message_id[0])
		n += (size_t)snprintf(more + n, sizeof(more) - n, " id=%s", k->message_id);
	snprintf(more + n, sizeof(more) - n, "%s%s%s%s", k->release ? " released" : "",
	         k->unanswered ? " unanswered" : "", k->unsent ? " unsent" : "", k->reroute ? " reroute" : "");
	fake_saw(true, "store marks %s %s%s: %s", fake_name(&k->id),
	         k->unsent && !k->send_deadline_ms ? "overtaken" : lifecycle_delivery_name(k->delivery), more,
	         words[marked]);
}

static const struct store_record *keep_record(struct call *c, const struct store_record *r)
{
	if (!r)
		return NULL;
	c->record = *r;
	return &c->record;
}

/* The commands of a corrected number, and the notes. */
static void do_redirect(struct fake_model *m, enum fake_command command, const union fake_request *q,
                        union fake_reply *rep)
{
	if (command == FAKE_RESERVE)
		fake_model_reserve(m, &q->reserve, &rep->reserve);
	else if (command == FAKE_REDIRECT)
		fake_model_redirect(m, &q->redirect, &rep->redirect);
	else if (command == FAKE_FREED)
		rep->freed = fake_model_freed(m, &q->query.id);
	else if (command == FAKE_NOTE)
		rep->note.len = fake_model_note_read(m, &q->note, rep->note.value);
}

static void do_call(struct store *s, struct call *c)
{
	struct fake_model *m = &s->model;
	const union fake_request *q = &c->req;
	union fake_reply *rep = &c->rep;

	switch (c->command) {
	case FAKE_CREATE:
		fake_model_issue(m, &q->issue, c->name, &rep->issue);
		rep->issue.record = keep_record(c, rep->issue.record);
		break;
	case FAKE_RESEND:
		fake_model_resend(m, &q->resend, &rep->resend);
		rep->resend.record = keep_record(c, rep->resend.record);
		break;
	case FAKE_VERIFY:
		fake_model_verify(m, &q->verify, &rep->verify);
		break;
	case FAKE_STATUS:
		fake_model_query(m, &q->query.id, q->query.tenant_tag, &rep->query);
		rep->query.record = keep_record(c, rep->query.record);
		break;
	case FAKE_CANCEL:
		fake_model_cancel(m, &q->cancel, &rep->cancel);
		break;
	case FAKE_MARK:
		rep->marked = fake_model_mark(m, &q->mark);
		say_mark(&q->mark, rep->marked);
		break;
	case FAKE_RECEIPT:
		rep->receipt.found = fake_model_receipt(m, &q->receipt, &rep->receipt.id);
		break;
	case FAKE_LOOK: {
		const struct fake_record *f = fake_model_find(m, &q->query.id);

		rep->query = (struct store_query_rep){ .gone = f ? STORE_LIVE : STORE_UNKNOWN,
			                               .record = f ? keep_record(c, &f->r) : NULL };
		break;
	}
	case FAKE_CLAIM:
		fake_model_claim(m, &q->claim, c->records, &rep->claim);
		break;
	case FAKE_RENEW:
		rep->claim = (struct store_claim_rep){ .count = fake_model_renew(m, c->ids, q->renewals),
			                               .lease_end_ms = clock_mono_ms() + m->lease_ms };
		break;
	case FAKE_RESERVE:
	case FAKE_REDIRECT:
	case FAKE_FREED:
	case FAKE_NOTE:
	case FAKE_COMMANDS:
		do_redirect(m, c->command, q, rep);
		break;
	}
	c->done = true;
}

/* The reply that the test gave for the next one, if any. */
static bool scripted(struct store *s, struct call *c)
{
	char *words = s->how[c->command].outcome;
	bool given = words[0] != '\0';

	if (given)
		(void)fake_outcome_read(c->command, words, &c->req, &c->rep);
	words[0] = '\0';
	return given;
}

static void begin(struct store *s, struct call *c)
{
	if (scripted(s, c))
		c->done = true;
	else
		do_call(s, c);
	c->due_ms = clock_mono_ms() + s->how[c->command].delay_ms;
	loop_defer(s->loop, &s->answers);
}

struct call *store_calls_new(enum fake_command command, void *arg)
{
	struct call *c = calloc(1, sizeof(*c));

	if (!c)
		abort();
	c->command = command;
	c->arg = arg;
	return c;
}

enum err store_calls_ask(struct store *s, struct call *c)
{
	bool faulty = s->up && s->how[c->command].faulty;
	enum fake_fault fault = s->how[c->command].fault;

	if (!s->up || (faulty && (fault == FAKE_BUSY || fault == FAKE_REFUSE))) {
		s->how[c->command].faulty = s->how[c->command].faulty && !faulty;
		call_free(c);
		return faulty && fault == FAKE_BUSY ? ERR_BUSY : ERR_UNAVAILABLE;
	}
	STAILQ_INSERT_TAIL(&s->calls, c, in_line);
	if (s->how[c->command].held)
		return ERR_OK;
	s->how[c->command].faulty = false;
	c->lost = faulty;
	if (!faulty || fault == FAKE_LOSE)
		begin(s, c);
	else
		c->due_ms = clock_mono_ms();
	loop_defer(s->loop, &s->answers);
	return ERR_OK;
}

void store_calls_resume(struct store *s, enum fake_command command)
{
	struct call *c;

	s->how[command].held = false;
	STAILQ_FOREACH(c, &s->calls, in_line)
		if (c->command == command && !c->done && !c->lost)
			begin(s, c);
}
