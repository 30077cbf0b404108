/*
 * store_model: what Redis keeps of verifications, as far as flows can see it: the record, the lease in the journal, the
 * map of receipts, the memory of REQIDs. Owns all of it; time is that of the fake clock. Limits of numbers are not
 * counted here: a test says when one is reached.
 */
#include "store_model.h"

#include "saw.h"

#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POISON_CLAIMS 5

static void full(const char *what)
{
	fprintf(stderr, "fake store: too many %s\n", what);
	abort();
}

static int64_t now_ms(void)
{
	return clock_wall_ms();
}

static void owner(const struct fake_model *m, char out[STORE_OWNER_CAP])
{
	snprintf(out, STORE_OWNER_CAP, "host%04u", m->process % 10000);
}

static void lease(struct fake_model *m, struct fake_record *f)
{
	f->owed = true;
	f->due_ms = now_ms() + m->lease_ms;
	owner(m, f->r.owner);
}

struct fake_record *fake_model_find(struct fake_model *m, const struct ident *id)
{
	for (size_t i = m->record_count; i-- > 0;)
		if (ident_same(&m->records[i].r.id, id))
			return &m->records[i];
	return NULL;
}

struct fake_record *fake_model_named(struct fake_model *m, const char *name)
{
	for (size_t i = m->record_count; i-- > 0;)
		if (strcmp(m->records[i].name, name) == 0)
			return &m->records[i];
	return NULL;
}

/* The verification of the same tenant, purpose, number and subject. */
static struct fake_record *of_tuple(struct fake_model *m, const struct ident *id)
{
	for (size_t i = m->record_count; i-- > 0;) {
		const struct ident *other = &m->records[i].r.id;

		if (other->partition == id->partition &&
		    memcmp(other->number_tag, id->number_tag, IDENT_TAG_LEN) == 0 &&
		    memcmp(other->tuple_tag, id->tuple_tag, IDENT_TAG_LEN) == 0)
			return &m->records[i];
	}
	return NULL;
}

/* --- requests that are sent again --- */

static const struct fake_reqid *remembered(const struct fake_model *m, const uint8_t *tag)
{
	for (size_t i = 0; tag && i < m->reqid_count; i++)
		if (memcmp(m->reqids[i].tag, tag, KEYRING_TAG_LEN) == 0)
			return &m->reqids[i];
	return NULL;
}

static void remember(struct fake_model *m, const struct store_once *once, const struct ident *id)
{
	if (!once->reqid_tag)
		return;
	if (m->reqid_count == FAKE_RECORDS_MAX)
		full("REQIDs");
	struct fake_reqid *q = &m->reqids[m->reqid_count++];
	memcpy(q->tag, once->reqid_tag, KEYRING_TAG_LEN);
	memcpy(q->args, once->args_tag, KEYRING_TAG_LEN);
	q->id = *id;
}

static bool same_args(const uint8_t *a, const uint8_t *b)
{
	return memcmp(a, b, KEYRING_TAG_LEN) == 0;
}

/* --- what a backend asks --- */

enum store_gone fake_model_gone(const struct fake_record *f, uint32_t tenant_tag, int64_t *ms)
{
	static const enum store_gone ends[LIFECYCLE_STATES] = { STORE_LIVE, STORE_USED, STORE_EXPIRED, STORE_EXHAUSTED,
		                                                STORE_CANCELLED };

	*ms = 0;
	if (!f)
		return STORE_UNKNOWN;
	if (f->r.tenant_tag != tenant_tag)
		return STORE_DENIED;
	if (f->r.state == LIFECYCLE_VERIFIED)
		*ms = now_ms() - f->r.ended_ms;
	if (f->r.redirected)
		return STORE_REDIRECTED;
	return ends[store_effective_state(&f->r, now_ms())];
}

/* The same for the use of its code, which a corrected number on its way holds back. */
static enum store_gone usable(const struct fake_record *f, uint32_t tenant_tag, int64_t *ms)
{
	enum store_gone gone = fake_model_gone(f, tenant_tag, ms);

	if (gone != STORE_LIVE || f->reserved_until_ms <= now_ms())
		return gone;
	*ms = f->reserved_until_ms - now_ms();
	return STORE_RESERVED;
}

/* The wait after the nth send: a wait of 0 repeats the one before. */
static uint16_t wait_after(const struct fake_record *f, size_t n)
{
	uint16_t wait = 0;

	for (size_t i = 0; i < n && i < POLICY_WAITS_MAX; i++)
		wait = f->waits_s[i] ? f->waits_s[i] : wait;
	return wait;
}

static struct fake_record *create(struct fake_model *m, const struct store_issue_req *req, const char *name)
{
	if (m->record_count == FAKE_RECORDS_MAX)
		full("records");
	struct fake_record *f = &m->records[m->record_count++];
	int64_t now = now_ms();

	*f = (struct fake_record){ .r = { .id = req->id,
		                          .tenant_tag = req->tenant_tag,
		                          .purpose_tag = req->purpose_tag,
		                          .guesses = req->guesses,
		                          .sends = 1,
		                          .redirects = req->redirects,
		                          .sends_max = req->sends_max,
		                          .known = req->known,
		                          .test = req->test,
		                          .code_len = req->code_len,
		                          .alphabet = req->alphabet,
		                          .check_digit = req->check_digit,
		                          .bound = req->bound,
		                          .limits = req->limits,
		                          .created_ms = now,
		                          .expires_ms = req->hard_end_ms,
		                          .hard_end_ms = req->hard_end_ms,
		                          .deadline_ms = now + req->deadline_ms,
		                          .sent_ms = now,
		                          .ttl_ms = req->ttl_ms,
		                          .resend = req->resend,
		                          .own_code = req->own_code } };
	snprintf(f->name, sizeof(f->name), "%s", name);
	memcpy(f->waits_s, req->wait_s, sizeof(f->waits_s));
	f->r.wait_s = wait_after(f, 1);
	memcpy(f->r.mac, req->mac, KEYRING_MAC_LEN);
	memcpy(f->r.ref, req->ref, sizeof(f->r.ref));
	fake_codes_add(&f->codes, req->mac);
	memcpy(f->r.confirms, req->confirms, STORE_CONFIRMS_LEN);
	f->r.sealed = req->sealed;
	memcpy(f->args_tag, req->once.args_tag, KEYRING_TAG_LEN);
	lease(m, f);
	return f;
}

void fake_model_issue(struct fake_model *m, const struct store_issue_req *req, const char *name,
                      struct store_issue_rep *rep)
{
	const struct fake_reqid *before = remembered(m, req->once.reqid_tag);
	struct fake_record *f = of_tuple(m, &req->id);
	int64_t now = now_ms();

	*rep = (struct store_issue_rep){ .outcome = STORE_ISSUE_REPLAYED };
	if (before) {
		rep->id = before->id;
		if (!same_args(before->args, req->once.args_tag))
			rep->outcome = STORE_ISSUE_CONFLICT;
		return;
	}
	if (f && store_effective_state(&f->r, now) == LIFECYCLE_PENDING) {
		rep->id = f->r.id;
		if (!req->once.reqid_tag && same_args(f->args_tag, req->once.args_tag) &&
		    now - f->r.sent_ms < req->equal_window_ms && !f->r.returned) {
			rep->record = &f->r;
			return;
		}
		rep->outcome = STORE_ISSUE_LIVE;
		rep->record = &f->r;
		return;
	}
	if (f && f->r.redirected && now < f->r.expires_ms) {
		rep->outcome = STORE_ISSUE_REDIRECTED;
		rep->record = &f->r;
		return;
	}
	f = create(m, req, name);
	remember(m, &req->once, &req->id);
	rep->outcome = STORE_ISSUE_CREATED;
	rep->id = req->id;
	rep->lease_end_ms = clock_mono_ms() + m->lease_ms;
	fake_saw(true, "store creates %s", f->name);
}

static void grant(struct fake_model *m, struct fake_record *f, const struct store_resend_req *req)
{
	f->r.delivery = DELIVERY_QUEUED;
	f->r.reason = REASON_NONE;
	f->r.sends++;
	f->r.wait_s = wait_after(f, f->r.sends);
	f->r.claims = 0;
	f->r.rerouted = false;
	f->r.returned = false;
	f->r.known = f->r.known || req->known;
	f->r.deadline_ms = now_ms() + req->deadline_ms;
	f->r.sent_ms = now_ms();
	f->taken_over = false;
	if (req->known)
		f->r.limits = *req->known;
	fake_codes_resend(&f->codes, &f->r, req->added);
	if (req->sealed) {
		f->r.sealed.len = req->sealed->len;
		memcpy(f->r.sealed.octets, req->sealed->octets, req->sealed->len);
	}
	memcpy(f->args_tag, req->once.args_tag, KEYRING_TAG_LEN);
	lease(m, f);
}

void fake_model_resend(struct fake_model *m, const struct store_resend_req *req, struct store_resend_rep *rep)
{
	const struct fake_reqid *before = remembered(m, req->once.reqid_tag);
	struct fake_record *f = fake_model_find(m, &req->id);

	*rep = (struct store_resend_rep){ .outcome = STORE_RESEND_REPLAYED };
	if (before) {
		rep->id = before->id;
		if (!same_args(before->args, req->once.args_tag))
			rep->outcome = STORE_RESEND_CONFLICT;
		return;
	}
	rep->gone = usable(f, req->tenant_tag, &rep->gone_ms);
	if (!f || rep->gone != STORE_LIVE) {
		rep->outcome = STORE_RESEND_GONE;
		return;
	}
	int64_t wait_ms = store_resend_wait_ms(&f->r, now_ms());
	rep->outcome = STORE_RESEND_WAIT;
	rep->none_left = wait_ms < 0;
	rep->retry_ms = wait_ms < 0 ? f->r.expires_ms - now_ms() : wait_ms;
	if (wait_ms)
		return;
	grant(m, f, req);
	remember(m, &req->once, &req->told);
	rep->outcome = STORE_RESEND_GRANTED;
	rep->lease_end_ms = clock_mono_ms() + m->lease_ms;
	rep->record = &f->r;
	fake_saw(true, "store grants a resend of %s", f->name);
}

static bool is_right(const struct fake_record *f, const struct store_verify_req *req)
{
	for (size_t i = 0; i < req->candidate_count; i++)
		if (req->candidates[i].len == f->r.code_len && fake_codes_have(&f->codes, req->candidates[i].mac))
			return true;
	return false;
}

static void finish(struct store_record *r, enum lifecycle_state state)
{
	r->state = state;
	r->ended_ms = now_ms();
}

void fake_model_verify(struct fake_model *m, const struct store_verify_req *req, struct store_verify_rep *rep)
{
	struct fake_record *f = fake_model_find(m, &req->id);

	*rep = (struct store_verify_rep){ .outcome = STORE_VERIFY_GONE };
	rep->gone = usable(f, req->tenant_tag, &rep->gone_ms);
	if (!f || rep->gone != STORE_LIVE)
		return;
	if (is_right(f, req)) {
		finish(&f->r, LIFECYCLE_VERIFIED);
		rep->outcome = STORE_VERIFY_APPROVED;
		fake_saw(true, "store approves %s", f->name);
		return;
	}
	f->r.wrong++;
	rep->outcome = STORE_VERIFY_WRONG;
	rep->attempts_left = (uint8_t)(f->r.guesses - f->r.wrong);
	if (!rep->attempts_left)
		finish(&f->r, LIFECYCLE_EXHAUSTED);
	fake_saw(true, "store counts a wrong guess at %s", f->name);
}

void fake_model_query(struct fake_model *m, const struct ident *id, uint32_t tenant_tag, struct store_query_rep *rep)
{
	struct fake_record *f = fake_model_find(m, id);

	*rep = (struct store_query_rep){ .gone = STORE_UNKNOWN };
	if (f && f->r.tenant_tag != tenant_tag)
		rep->gone = STORE_DENIED;
	else if (f)
		*rep = (struct store_query_rep){ .gone = STORE_LIVE, .record = &f->r };
}

void fake_model_cancel(struct fake_model *m, const struct store_cancel_req *req, struct store_cancel_rep *rep)
{
	struct fake_record *f = fake_model_find(m, &req->id);

	*rep = (struct store_cancel_rep){ .gone = STORE_LIVE };
	rep->gone = fake_model_gone(f, req->tenant_tag, &rep->gone_ms);
	rep->before = rep->gone == STORE_CANCELLED;
	if (rep->before)
		rep->gone = STORE_LIVE;
	else if (f && rep->gone == STORE_LIVE) {
		f->r.cancel = req->why;
		finish(&f->r, LIFECYCLE_CANCELLED);
		f->owed = false;
		fake_saw(true, "store cancels %s", f->name);
	}
}

/* --- marks: daemon/store/lua/mark.lua and unsent.lua, decision by decision --- */

static void leave_journal(struct fake_record *f, const struct store_mark *k)
{
	f->owed = f->owed && !k->release;
}

static enum store_marked give_back(struct fake_record *f, const struct store_mark *k)
{
	bool fails = k->send_deadline_ms && f->r.delivery < DELIVERY_UNKNOWN;
	bool back = !f->r.rerouted && !f->taken_over && f->r.sends > 0;

	if (k->send_deadline_ms && f->r.deadline_ms != k->send_deadline_ms)
		return STORE_MARK_STALE;
	if (back) {
		f->r.sends--;
		f->r.wait_s = k->send_deadline_ms ? 0 : wait_after(f, f->r.sends);
		f->r.returned = f->r.returned || k->send_deadline_ms;
		fake_codes_drop(&f->codes, k->code, k->send_deadline_ms);
		memcpy(f->r.mac, f->codes.macs[0], KEYRING_MAC_LEN);
	}
	if (fails) {
		f->r.delivery = DELIVERY_FAILED;
		f->r.reason = k->reason;
		snprintf(f->r.error, sizeof(f->r.error), "%s", k->error ? k->error : "");
	}
	f->owed = f->owed && !k->send_deadline_ms;
	if (fails)
		return back ? STORE_MARK_RETURNED : STORE_MARK_MOVED;
	return back ? STORE_MARK_OVERTAKEN : STORE_MARK_STALE;
}

/* True: it says nothing of the SMS that the record is about now. */
static bool of_another(const struct store_record *r, const struct store_mark *k)
{
	bool same = k->smsc_tag && r->smsc_tag == k->smsc_tag;

	if (k->delivery == DELIVERY_ACCEPTED)
		return r->delivery == DELIVERY_QUEUED && r->rerouted && same;
	if (k->delivery != DELIVERY_FAILED || !k->smsc_tag)
		return false;
	return (r->delivery == DELIVERY_ACCEPTED && !same) || (r->delivery < DELIVERY_UNKNOWN && r->smsc_tag);
}

static bool reroutes(struct fake_record *f, const struct store_mark *k)
{
	struct store_record *r = &f->r;

	if (r->delivery != DELIVERY_ACCEPTED || r->rerouted || r->state != LIFECYCLE_PENDING ||
	    now_ms() >= r->deadline_ms)
		return false;
	r->delivery = DELIVERY_QUEUED;
	r->reason = k->reason;
	r->claims = 0;
	r->rerouted = true;
	snprintf(r->error, sizeof(r->error), "%s", k->error ? k->error : "");
	f->owed = true;
	f->due_ms = now_ms();
	return true;
}

static void accepted(struct store_record *r, const struct store_mark *k)
{
	int64_t expires = now_ms() + r->ttl_ms < r->hard_end_ms ? now_ms() + r->ttl_ms : r->hard_end_ms;

	if (r->state == LIFECYCLE_PENDING && (!r->accepted_ms || r->expires_ms <= expires))
		r->expires_ms = expires;
	r->accepted_ms = now_ms();
	if (k->smsc_tag)
		r->smsc_tag = k->smsc_tag;
}

static void map_receipt(struct fake_model *m, const struct store_mark *k)
{
	if (!k->message_id || !k->message_id[0])
		return;
	if (m->map_count == FAKE_RECEIPTS_MAX)
		full("receipts");
	struct fake_map *map = &m->maps[m->map_count++];
	map->smsc_tag = k->smsc_tag;
	snprintf(map->message_id, sizeof(map->message_id), "%s", k->message_id);
	map->id = k->id;
}

static bool may_move(enum lifecycle_delivery from, enum lifecycle_delivery to)
{
	static const int moves[DELIVERY_STATES] = {
		[DELIVERY_QUEUED] = DELIVERY_MOVES_QUEUED,   [DELIVERY_SUBMITTED] = DELIVERY_MOVES_SUBMITTED,
		[DELIVERY_UNKNOWN] = DELIVERY_MOVES_UNKNOWN, [DELIVERY_ACCEPTED] = DELIVERY_MOVES_ACCEPTED,
		[DELIVERY_FAILED] = DELIVERY_MOVES_FAILED,   [DELIVERY_DELIVERED] = DELIVERY_MOVES_DELIVERED,
	};

	return moves[from] >> to & 1;
}

enum store_marked fake_model_mark(struct fake_model *m, const struct store_mark *k)
{
	struct fake_record *f = fake_model_find(m, &k->id);

	map_receipt(m, k);
	if (!f)
		return STORE_MARK_STALE;
	struct store_record *r = &f->r;
	if (k->unsent)
		return give_back(f, k);
	if (k->send_deadline_ms && r->deadline_ms != k->send_deadline_ms)
		return STORE_MARK_STALE;
	if (k->delivery == DELIVERY_FAILED && !k->smsc_tag && r->delivery >= DELIVERY_UNKNOWN) {
		leave_journal(f, k);
		return STORE_MARK_STALE;
	}
	if (of_another(r, k) || (k->reroute && r->rerouted && r->delivery < DELIVERY_ACCEPTED))
		return STORE_MARK_STALE;
	if (k->reroute && reroutes(f, k))
		return STORE_MARK_REROUTED;
	bool moves = may_move(r->delivery, k->delivery);
	if (moves) {
		r->delivery = k->delivery;
		r->reason = k->reason;
		snprintf(r->error, sizeof(r->error), "%s", k->error ? k->error : "");
	}
	if (k->delivery == DELIVERY_ACCEPTED) {
		accepted(r, k);
		fake_codes_accept(&f->codes, r->resend, k->code);
	}
	r->unanswered = r->unanswered || k->unanswered;
	leave_journal(f, k);
	return moves ? STORE_MARK_MOVED : STORE_MARK_STALE;
}

static struct fake_map *map_of(struct fake_model *m, const struct store_receipt_req *req)
{
	for (size_t i = m->map_count; i-- > 0;)
		if (m->maps[i].smsc_tag == req->smsc_tag && strcmp(m->maps[i].message_id, req->message_id) == 0)
			return &m->maps[i];
	return NULL;
}

bool fake_model_receipt(struct fake_model *m, const struct store_receipt_req *req, struct ident *id)
{
	const struct fake_map *map = map_of(m, req);

	if (map)
		*id = map->id;
	return map != NULL;
}

void fake_model_receipt_end(struct fake_model *m, const struct store_receipt_req *req)
{
	struct fake_map *map = map_of(m, req);

	if (map)
		map->message_id[0] = '\0';
}

/* --- leases --- */

/* Why an entry of the journal is not given to who claims it, as claim.lua judges. False: it is. */
static bool ends_owed(struct fake_record *f)
{
	struct store_record *r = &f->r;
	bool sent = r->delivery == DELIVERY_ACCEPTED || r->delivery == DELIVERY_DELIVERED;
	bool late = now_ms() >= r->deadline_ms || now_ms() >= r->hard_end_ms;

	if (r->state == LIFECYCLE_PENDING && !sent && !late && r->claims < POISON_CLAIMS)
		return false;
	if (r->state == LIFECYCLE_PENDING && !sent) {
		bool told = late && r->delivery == DELIVERY_QUEUED && r->reason == REASON_TEMPLATE;

		r->delivery = DELIVERY_FAILED;
		r->reason = told ? REASON_TEMPLATE : late ? REASON_DEADLINE : REASON_POISON;
	}
	f->owed = false;
	fake_saw(true, "store ends what is owed of %s: %s", f->name, lifecycle_delivery_name(r->delivery));
	return true;
}

void fake_model_claim(struct fake_model *m, const struct store_claim_req *req, struct store_record *taken,
                      struct store_claim_rep *rep)
{
	char ours[STORE_OWNER_CAP];

	owner(m, ours);
	*rep = (struct store_claim_rep){ .records = taken, .lease_end_ms = clock_mono_ms() + m->lease_ms };
	for (size_t i = 0; i < m->record_count; i++) {
		struct fake_record *f = &m->records[i];

		if (!f->owed || f->r.id.partition != req->partition)
			continue;
		if (req->mine && strncmp(f->r.owner, ours, 4) == 0 && strcmp(f->r.owner, ours) != 0)
			f->due_ms = now_ms() < f->due_ms ? now_ms() : f->due_ms;
		if (f->due_ms > now_ms() || rep->count == req->max)
			continue;
		if (ends_owed(f)) {
			rep->gone++;
			continue;
		}
		f->taken_over = f->taken_over || f->r.owner[0];
		taken[rep->count++] = f->r;
		f->r.claims++;
		lease(m, f);
		fake_saw(true, "store gives %s", f->name);
	}
}

size_t fake_model_renew(struct fake_model *m, const struct ident *ids, size_t n)
{
	char ours[STORE_OWNER_CAP];
	size_t renewed = 0;

	owner(m, ours);
	for (size_t i = 0; i < n; i++) {
		struct fake_record *f = fake_model_find(m, &ids[i]);

		if (!f || !f->owed || strcmp(f->r.owner, ours) != 0)
			continue;
		f->due_ms = now_ms() + m->lease_ms;
		renewed++;
		fake_saw(false, "store renews %s", f->name);
	}
	return renewed;
}

bool fake_model_release(struct fake_model *m, const struct ident *id, const struct store_handed *how)
{
	char ours[STORE_OWNER_CAP];
	struct fake_record *f = fake_model_find(m, id);

	owner(m, ours);
	if (!f || !f->owed || strcmp(f->r.owner, ours) != 0)
		return false;
	if (f->r.claims)
		f->r.claims--;
	if (how->unsent)
		f->r.owner[0] = '\0';
	if (how->reason && f->r.delivery == DELIVERY_QUEUED)
		f->r.reason = how->reason;
	f->due_ms = now_ms() + how->in_ms;
	return true;
}
