/*
 * store: Redis as a test wants it: the door of store.h, and the words of the test. Owns the copies of what it was
 * asked. What a command does is decided in store_model.c, when it is done and answered in store_calls.c.
 */
#include "store.h"

#include "fake_store.h"
#include "saw.h"
#include "store_calls.h"

#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[FAKE_COMMANDS] = {
	[FAKE_CREATE] = "create", [FAKE_RESEND] = "resend", [FAKE_VERIFY] = "verify",   [FAKE_STATUS] = "status",
	[FAKE_CANCEL] = "cancel", [FAKE_MARK] = "mark",     [FAKE_RECEIPT] = "receipt", [FAKE_LOOK] = "look",
	[FAKE_CLAIM] = "claim",   [FAKE_RENEW] = "renew",   [FAKE_RESERVE] = "reserve", [FAKE_REDIRECT] = "redirect",
	[FAKE_FREED] = "freed",   [FAKE_NOTE] = "note",
};

/* --- the door: store.h --- */

static void keep_once(struct call *c, struct store_once *once)
{
	if (!once->reqid_tag)
		return;
	memcpy(c->reqid, once->reqid_tag, sizeof(c->reqid));
	once->reqid_tag = c->reqid;
}

enum err store_issue(struct store *s, const struct store_issue_req *req, store_issue_fn fn, void *arg)
{
	struct call *c = store_calls_new(FAKE_CREATE, arg);

	c->req.issue = *req;
	memcpy(c->name, s->next_name, sizeof(c->name));
	keep_once(c, &c->req.issue.once);
	c->fn.issue = fn;
	return store_calls_ask(s, c);
}

enum err store_resend(struct store *s, const struct store_resend_req *req, store_resend_fn fn, void *arg)
{
	struct call *c = store_calls_new(FAKE_RESEND, arg);

	c->req.resend = *req;
	keep_once(c, &c->req.resend.once);
	if (req->sealed) {
		c->sealed = *req->sealed;
		c->req.resend.sealed = &c->sealed;
	}
	if (req->known) {
		c->limits = *req->known;
		c->req.resend.known = &c->limits;
	}
	c->fn.resend = fn;
	return store_calls_ask(s, c);
}

enum err store_verify(struct store *s, const struct store_verify_req *req, store_verify_fn fn, void *arg)
{
	struct call *c = store_calls_new(FAKE_VERIFY, arg);

	c->req.verify = *req;
	keep_once(c, &c->req.verify.once);
	c->fn.verify = fn;
	return store_calls_ask(s, c);
}

enum err store_query(struct store *s, const struct ident *id, uint32_t tenant_tag, store_query_fn fn, void *arg)
{
	struct call *c = store_calls_new(FAKE_STATUS, arg);

	c->req.query.id = *id;
	c->req.query.tenant_tag = tenant_tag;
	c->fn.query = fn;
	return store_calls_ask(s, c);
}

enum err store_look(struct store *s, const struct ident *id, store_query_fn fn, void *arg)
{
	struct call *c = store_calls_new(FAKE_LOOK, arg);

	c->req.query.id = *id;
	c->fn.query = fn;
	return store_calls_ask(s, c);
}

enum err store_cancel(struct store *s, const struct store_cancel_req *req, store_cancel_fn fn, void *arg)
{
	struct call *c = store_calls_new(FAKE_CANCEL, arg);

	c->req.cancel = *req;
	c->fn.cancel = fn;
	return store_calls_ask(s, c);
}

enum err store_reserve(struct store *s, const struct store_reserve_req *req, store_reserve_fn fn, void *arg)
{
	struct call *c = store_calls_new(FAKE_RESERVE, arg);

	c->req.reserve = *req;
	c->fn.reserve = fn;
	return store_calls_ask(s, c);
}

enum err store_redirect(struct store *s, const struct store_redirect_req *req, store_redirect_fn fn, void *arg)
{
	struct call *c = store_calls_new(FAKE_REDIRECT, arg);

	c->req.redirect = *req;
	c->fn.redirect = fn;
	return store_calls_ask(s, c);
}

enum err store_freed(struct store *s, const struct ident *id, store_freed_fn fn, void *arg)
{
	struct call *c = store_calls_new(FAKE_FREED, arg);

	c->req.query.id = *id;
	c->fn.freed = fn;
	return store_calls_ask(s, c);
}

enum err store_note_read(struct store *s, const struct store_note *note, store_note_fn fn, void *arg)
{
	struct call *c = store_calls_new(FAKE_NOTE, arg);

	c->req.note = *note;
	c->fn.note = fn;
	return store_calls_ask(s, c);
}

void store_note_write(struct store *s, const struct store_note *note, const uint8_t *value, size_t len,
                      uint32_t keep_ms)
{
	if (s->up)
		fake_model_note_write(&s->model, note, value, len, keep_ms);
}

static const char *keep_text(char *to, size_t cap, const char *from)
{
	if (!from)
		return NULL;
	snprintf(to, cap, "%s", from);
	return to;
}

enum err store_mark(struct store *s, const struct store_mark *m, store_mark_fn fn, void *arg)
{
	struct call *c = store_calls_new(FAKE_MARK, arg);

	c->req.mark = *m;
	c->req.mark.message_id = keep_text(c->message_id, sizeof(c->message_id), m->message_id);
	c->req.mark.error = keep_text(c->error, sizeof(c->error), m->error);
	c->fn.mark = fn;
	return store_calls_ask(s, c);
}

enum err store_receipt(struct store *s, const struct store_receipt_req *req, store_receipt_fn fn, void *arg)
{
	struct call *c = store_calls_new(FAKE_RECEIPT, arg);

	c->req.receipt = *req;
	c->req.receipt.message_id = keep_text(c->message_id, sizeof(c->message_id), req->message_id);
	c->fn.receipt = fn;
	return store_calls_ask(s, c);
}

void store_receipt_end(struct store *s, const struct store_receipt_req *req, uint32_t keep_ms)
{
	if (!s->up)
		return;
	if (keep_ms) {
		fake_saw(false, "store keeps receipt %s of %s for %" PRIu32 "s", req->message_id,
		         fake_smsc(req->smsc_tag), keep_ms / 1000);
		return;
	}
	fake_model_receipt_end(&s->model, req);
	fake_saw(false, "store forgets receipt %s of %s", req->message_id, fake_smsc(req->smsc_tag));
}

enum err store_claim(struct store *s, const struct store_claim_req *req, store_claim_fn fn, void *arg)
{
	struct call *c = store_calls_new(FAKE_CLAIM, arg);

	c->req.claim = *req;
	c->records = calloc(req->max + 1, sizeof(*c->records));
	if (!c->records)
		abort();
	c->fn.claim = fn;
	return store_calls_ask(s, c);
}

enum err store_renew(struct store *s, const struct ident *ids, size_t n, store_claim_fn fn, void *arg)
{
	struct call *c = store_calls_new(FAKE_RENEW, arg);

	c->ids = calloc(n, sizeof(*ids));
	if (!c->ids)
		abort();
	memcpy(c->ids, ids, n * sizeof(*ids));
	c->req.renewals = n;
	c->fn.claim = fn;
	return store_calls_ask(s, c);
}

void store_release(struct store *s, const struct ident *id, const struct store_handed *how)
{
	if (!s->up || !fake_model_release(&s->model, id, how))
		return;
	if (how->in_ms)
		fake_saw(true, "store takes %s back for %" PRIu32 "s%s%s%s", fake_name(id), how->in_ms / 1000,
		         how->unsent ? " unsent" : "", how->reason ? " reason=" : "",
		         lifecycle_reason_name(how->reason));
	else
		fake_saw(true, "store takes %s back%s", fake_name(id), how->unsent ? " unsent" : "");
}

void store_configure(struct store *s, const struct store_numbers *numbers)
{
	(void)s;
	(void)numbers;
}

bool store_up(const struct store *s)
{
	return s->up;
}

int64_t store_now_ms(const struct store *s)
{
	(void)s;
	return clock_wall_ms();
}

int64_t store_retry_ms(const struct store *s)
{
	return s->up ? 0 : 2000;
}

enum store_durability store_durability(const struct store *s)
{
	return s->durability;
}

void store_unreadable(struct store *s, const char *what, const struct ident *id)
{
	(void)s;
	fake_saw(true, "store is told that the %s of %s cannot be read", what, fake_name(id));
}

/* --- what the test calls --- */

bool fake_store_command(const char *name, enum fake_command *out)
{
	for (int i = 0; i < FAKE_COMMANDS; i++)
		if (strcmp(names[i], name) == 0) {
			*out = (enum fake_command)i;
			return true;
		}
	return false;
}

struct store *fake_store_new(struct loop *loop, uint32_t lease_ms)
{
	struct store *s = calloc(1, sizeof(*s));

	if (!s)
		abort();
	s->loop = loop;
	s->up = true;
	s->durability = STORE_DUR_POWER;
	s->model.lease_ms = lease_ms;
	STAILQ_INIT(&s->calls);
	loop_task_init(&s->answers, store_calls_answer, s);
	s->later = loop_timer_new(loop, store_calls_answer, s);
	return s;
}

void fake_store_free(struct store *s)
{
	loop_defer_cancel(s->loop, &s->answers);
	loop_timer_free(s->later);
	free(s);
}

void fake_store_hooks(struct store *s, const struct store_hooks *hooks)
{
	s->hooks = *hooks;
}

void fake_store_new_owner(struct store *s)
{
	s->model.process++;
}

void fake_store_free_calls(struct store *s)
{
	bool up = s->up;

	s->up = false;
	store_calls_end(s);
	s->hooks = (struct store_hooks){ 0 };
	s->up = up;
}

void fake_store_away(struct store *s)
{
	s->up = false;
	store_calls_end(s);
	if (s->hooks.on_down)
		s->hooks.on_down(s->hooks.arg);
}

void fake_store_back(struct store *s)
{
	s->up = true;
	if (s->hooks.on_up)
		s->hooks.on_up(s->hooks.arg);
}

void fake_store_durability(struct store *s, enum store_durability d)
{
	s->durability = d;
}

void fake_store_next(struct store *s, enum fake_command command, enum fake_fault fault)
{
	s->how[command].faulty = true;
	s->how[command].fault = fault;
}

void fake_store_delay(struct store *s, enum fake_command command, int64_t ms)
{
	s->how[command].delay_ms = ms;
}

void fake_store_hold(struct store *s, enum fake_command command)
{
	s->how[command].held = true;
}

void fake_store_go_on(struct store *s, enum fake_command command)
{
	store_calls_resume(s, command);
}

bool fake_store_answers(struct store *s, enum fake_command command, const char *words)
{
	union fake_request req = { 0 };
	union fake_reply rep;

	snprintf(s->how[command].outcome, sizeof(s->how[command].outcome), "%s", words);
	return fake_outcome_read(command, words, &req, &rep);
}

void fake_store_calls(struct store *s, const char *name)
{
	snprintf(s->next_name, sizeof(s->next_name), "%s", name);
}

const char *fake_store_name(const struct store *s, const struct ident *id)
{
	for (size_t i = 0; i < s->model.record_count; i++)
		if (ident_same(&s->model.records[i].r.id, id))
			return s->model.records[i].name;
	return NULL;
}

const struct store_record *fake_store_record(const struct store *s, const char *name)
{
	for (size_t i = s->model.record_count; i-- > 0;)
		if (strcmp(s->model.records[i].name, name) == 0)
			return &s->model.records[i].r;
	return NULL;
}

bool fake_store_verifies(const struct store *s, const char *name, const uint8_t mac[KEYRING_MAC_LEN])
{
	for (size_t i = s->model.record_count; i-- > 0;)
		if (strcmp(s->model.records[i].name, name) == 0)
			return fake_codes_have(&s->model.records[i].codes, mac);
	return false;
}

void fake_store_spoil(struct store *s, const char *name)
{
	struct fake_record *f = fake_model_named(&s->model, name);

	if (f)
		f->r.sealed.octets[0] ^= 1;
}

void fake_store_steal(struct store *s, const char *name)
{
	struct fake_record *f = fake_model_named(&s->model, name);

	if (!f)
		return;
	snprintf(f->r.owner, sizeof(f->r.owner), "another1");
	f->due_ms = clock_wall_ms() + s->model.lease_ms;
}

/* --- reverse verifications: no story has one, so these are away --- */

enum err store_reverse(struct store *s, const struct store_reverse_req *req, store_reverse_fn fn, void *arg)
{
	(void)s;
	(void)req;
	(void)fn;
	(void)arg;
	return ERR_UNAVAILABLE;
}

enum err store_token(struct store *s, const struct ident *token, store_query_fn fn, void *arg)
{
	(void)s;
	(void)token;
	(void)fn;
	(void)arg;
	return ERR_UNAVAILABLE;
}

enum err store_confirm(struct store *s, const struct store_confirm_req *req, store_confirm_fn fn, void *arg)
{
	(void)s;
	(void)req;
	(void)fn;
	(void)arg;
	return ERR_UNAVAILABLE;
}

enum err store_source(struct store *s, const struct store_source_req *req, store_source_fn fn, void *arg)
{
	(void)s;
	(void)req;
	(void)fn;
	(void)arg;
	return ERR_UNAVAILABLE;
}

void store_source_right(struct store *s, const struct store_source_req *req)
{
	(void)s;
	(void)req;
}
