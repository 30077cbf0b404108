/*
 * send: OTP.SEND and OTP.RESEND, from the request to the answer. A request that cannot be sent in time is not accepted,
 * so a place in the queue is reserved first. Then one function in Redis decides. A SEND that finds a live verification
 * goes on as a RESEND of it, or takes its place.
 * The file has more than 400 lines because both commands end in the same answers and share one struct.
 */
#include "send.h"

#include "answer.h"
#include "entry.h"
#include "options.h"
#include "sending.h"
#include "base/clock.h"
#include "base/pause.h"
#include "flow/deliver/deliver.h"
#include "ops/funnel.h"
#include "idempotency.h"
#include "otp/message.h"
#include "flow/news/path.h"
#include "own_code.h"
#include "flow/guard/tenants.h"
#include "terms.h"
#include "testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- the further SMS of a live verification --- */

/* The SMSC of the previous SMS. A person who asks again did not get that SMS, whatever its receipt says. */
static struct smsc_set avoid_of(const struct ask_uses *u, const struct store_record *record)
{
	int smsc = smpp_smsc_of_tag(u->smpp, record->smsc_tag);
	struct smsc_set avoid = { 0 };

	if (smsc >= 0)
		smsc_set_add(&avoid, (unsigned)smsc);
	return avoid;
}

static void on_granted(struct send *s, const struct store_resend_rep *rep)
{
	const struct store_record *record = rep->record;
	const struct deliver_order order = { .id = record->id,
		                             .payload = &s->payload,
		                             .avoid_soft = avoid_of(s->u, record),
		                             .ttl_ms = record->ttl_ms,
		                             .hard_end_ms = record->hard_end_ms,
		                             .deadline_ms = record->deadline_ms,
		                             .sent_ms = record->sent_ms,
		                             .known = record->known,
		                             .code = renewal_code(record->resend, record->mac),
		                             .lease_end_ms = rep->lease_end_ms };

	memcpy(s->payload.ref, record->ref, sizeof(record->ref));
	funnel_count(FUNNEL_RESENT);
	path_step(&record->id, "resent", "tenant=%s sends=%u", s->tenant->name, record->sends);
	if (s->text_unknown)
		sending_leave(s, &record->id);
	else
		sending_commit(s, &order);
	sending_answer(s, &s->told);
}

static void find(struct send *s);

/* The number was corrected after the record was read: a RESEND goes to the new number. Takes ownership of s. */
static void on_corrected(struct send *s)
{
	deliver_cancel(s->u->deliver, &s->place);
	if (s->by_id) {
		find(s);
		return;
	}
	former_answer(s->call, &s->told);
	sending_free(s);
}

static void on_resent(void *arg, enum err err, const struct store_resend_rep *rep)
{
	struct send *s = arg;
	struct answer_limit limit = { .code = "RATELIMITED", .scope = "number", .text = ANSWER_NUMBER_SENDS };

	if (err) {
		answer_unavailable(s->u, s->call);
		sending_free(s);
		return;
	}
	limit.retry_ms = rep->retry_ms;
	switch (rep->outcome) {
	case STORE_RESEND_GRANTED:
		on_granted(s, rep);
		break;
	case STORE_RESEND_REPLAYED:
		sending_replayed(s, s->resend.once.reqid_tag ? &rep->id : &s->told);
		break;
	case STORE_RESEND_WAIT:
		limit.scope = "verification";
		limit.id = &s->told;
		limit.text = rep->none_left ? ANSWER_NONE_LEFT : "a code is on its way; wait before the next";
		sending_refused(s, &limit);
		break;
	case STORE_RESEND_LIMITED:
		sending_refused(s, &limit);
		break;
	case STORE_RESEND_CONFLICT:
		answer_conflict(s->call, &rep->id);
		break;
	case STORE_RESEND_GONE:
		if (rep->gone == STORE_REDIRECTED) {
			on_corrected(s);
			return;
		}
		answer_gone(s->call, rep->gone, rep->gone_ms);
		break;
	}
	sending_free(s);
}

/* Takes ownership of s. */
static void ask_resend(struct send *s)
{
	enum err err = store_resend(s->u->store, &s->resend, on_resent, s);

	if (!err)
		return;
	entry_unasked(s->u, s->call, OVERLOAD_SENDING, err);
	sending_free(s);
}

/* Opens the payload of a record. One that cannot be opened is counted and logged, and no new code replaces it. */
static enum err open_payload(const struct ask_uses *u, const struct store_record *record,
                             struct message_payload *payload)
{
	enum err err = message_open(u->keys, &record->id, record->hard_end_ms, &record->sealed, payload);

	if (err)
		store_unreadable(u->store, "payload", &record->id);
	return err;
}

/*
 * An OTP.RESEND has only the id. The record gives number and purpose, which give the route and the deadline. False: the
 * call has been answered.
 */
static bool prepare(struct send *s, const struct store_record *record)
{
	const struct ask_uses *u = s->u;
	const struct policy_purpose *p = policy_purpose(&u->opts->policy, record->purpose_tag);

	if (record->reverse) {
		answer_reverse(s->call);
		return false;
	}
	if (open_payload(u, record, &s->payload) != ERR_OK) {
		answer_gone(s->call, STORE_UNREADABLE, 0);
		return false;
	}
	if (!testing_resend(u, s->tenant, record, &s->payload, &s->issue.sealed)) {
		answer_internal(s->call, "seal");
		return false;
	}
	s->resend.test = s->payload.play.outcome != TESTNUMBER_NONE;
	s->resend.sealed = s->issue.sealed.len ? &s->issue.sealed : NULL;
	s->text_unknown = message_fill(&s->payload, u->texts, clock_mono_ms()) != ERR_OK;
	s->resend.deadline_ms = terms_deadline_ms(p, record->ttl_ms);
	const struct renewal_ask ask = { .record = record, .text_unknown = s->text_unknown, .room = &s->issue.sealed };
	if (!renewal_make(u, s->call, &ask, &s->payload, &s->renewal))
		return false;
	renewal_apply(&s->renewal, &s->resend);
	int route = deliver_route(u->deliver, &s->payload);
	bool expired = store_effective_state(record, store_now_ms(u->store)) != LIFECYCLE_PENDING;
	return expired || route < 0 || sending_reserve(s, route, s->resend.deadline_ms);
}

static void on_found(void *arg, enum err err, const struct successor_rep *rep)
{
	struct send *s = arg;
	const struct ask_uses *u = s->u;

	if (err) {
		answer_unavailable(u, s->call);
		sending_free(s);
		return;
	}
	overload_answered(u->overload, &s->pass);
	if (rep->gone != STORE_LIVE) {
		answer_gone(s->call, rep->gone, rep->gone_ms);
		sending_free(s);
		return;
	}
	/* What a REQID remembers is beside the record of its time, which the functions of the store read first. */
	if (s->resend.once.reqid_tag && s->looked + 1 < rep->length) {
		s->resend.id = rep->chain[s->looked++];
		ask_resend(s);
		return;
	}
	/*
	 * An ended verification sends nothing and needs no place. The store is asked all the same, because a repeated
	 * request gets its first answer again.
	 */
	if (rep->record->state == LIFECYCLE_PENDING && !prepare(s, rep->record)) {
		sending_free(s);
		return;
	}
	s->resend.id = *successor_last(rep);
	ask_resend(s);
}

/* Looks for the verification that goes on under the id of a RESEND. Takes ownership of s. */
static void find(struct send *s)
{
	s->find = (struct successor){ .fn = on_found, .arg = s };
	enum err err = successor_find(&s->find, s->u->store, s->u->keys, s->tenant->tag, &s->told);
	if (!err)
		return;
	entry_unasked(s->u, s->call, OVERLOAD_SENDING, err);
	sending_free(s);
}

void send_resend(const struct ask_uses *u, struct api_call *call)
{
	struct options a;
	struct ident id;

	if (!answer_read_id(u, call, &id) || !options_read(call, &a) || !answer_promised(u, call))
		return;
	struct send *s = sending_new(u, call);
	if (!s)
		return;
	s->full = a.full;
	s->by_id = true;
	s->told = s->resend.told = id;
	s->resend.tenant_tag = s->tenant->tag;
	const struct idempotency_id what = { "OTP.RESEND", &id, "", 0 };
	idempotency_id(u, s->tenant->tag, &a, &what,
	               (struct idempotency_tags){ s->reqid_tag, s->resend.once.args_tag });
	s->resend.once.reqid_tag = a.given[OPTION_REQID] ? s->reqid_tag : NULL;
	s->resend.once.memory_ms = u->opts->policy.idempotency_s * 1000U;
	if (!entry_enter(u, call, OVERLOAD_SENDING, &s->pass)) {
		sending_free(s);
		return;
	}
	find(s);
}

/*
 * Puts the code that the further SMS brings into the new text and seals the payload again. False: the call has been
 * answered.
 */
static bool keep_code(struct send *s, const struct store_record *record)
{
	const struct ask_uses *u = s->u;
	struct message_payload live;

	if (open_payload(u, record, &live) != ERR_OK) {
		answer_unreadable(s->call);
		return false;
	}
	if (!s->issue.own_code)
		s->payload.code = live.code;
	s->payload.redirected = live.redirected;
	s->payload.root = live.root;
	s->told = live.redirected ? live.root : record->id;
	testing_keep(&live, &s->payload);
	message_wipe(&live);
	const struct renewal_ask ask = {
		.record = record, .own_code = s->issue.own_code, .new_text = true, .room = &s->issue.sealed
	};
	return renewal_make(u, s->call, &ask, &s->payload, &s->renewal) && terms_fit(u, s->call, &s->payload);
}

static void ask_issue(struct send *s);

static void on_root_found(void *arg, enum err err, const struct successor_rep *rep)
{
	struct send *s = arg;

	for (size_t i = 1; !err && i < rep->length; i++) {
		if (ident_same(&rep->chain[i], &s->completed)) {
			ask_issue(s);
			return;
		}
	}
	if (err)
		answer_unavailable(s->u, s->call);
	else
		answer_reserved(s->call, s->u->opts->lease_ms);
	sending_free(s);
}

/*
 * A successor takes no further SMS before the id that the client knows leads to it: its code could not be used, and
 * flow/deliver/settle, which completes or ends it, would not see it again. Takes ownership of s.
 */
static void find_root(struct send *s, const struct store_record *record)
{
	s->completed = record->id;
	s->find = (struct successor){ .fn = on_root_found, .arg = s };
	enum err err = successor_find(&s->find, s->u->store, s->u->keys, s->tenant->tag, &s->told);
	if (!err)
		return;
	entry_unasked(s->u, s->call, OVERLOAD_SENDING, err);
	sending_free(s);
}

/*
 * The tuple has a live verification, so this SEND becomes a resend of it, or takes its place if it confirms something
 * else. Takes ownership of s.
 */
static void on_live(struct send *s, const struct store_record *record)
{
	bool opened = successor_root(s->u->keys, record, &s->told) == ERR_OK;

	if (opened && !ident_same(&s->told, &record->id) && !ident_same(&s->completed, &record->id)) {
		find_root(s, record);
		return;
	}
	if (opened && !binding_same(s->u->keys, &s->told, record, &s->binding)) {
		s->replaced = record->id;
		s->issue.replaces = &s->replaced;
		ask_issue(s);
		return;
	}
	if (!keep_code(s, record)) {
		sending_free(s);
		return;
	}
	s->resend = (struct store_resend_req){ .id = record->id,
		                               .tenant_tag = s->issue.tenant_tag,
		                               .once = s->issue.once,
		                               .equal_window_ms = s->issue.equal_window_ms,
		                               .known = s->issue.known ? &s->issue.limits : NULL,
		                               .test = s->payload.play.outcome != TESTNUMBER_NONE,
		                               .deadline_ms = s->issue.deadline_ms,
		                               .told = s->told };
	renewal_apply(&s->renewal, &s->resend);
	ask_resend(s);
}

/* --- the first SMS of a new verification --- */

/*
 * Makes all checks that need neither an operation of the store nor a place in the queue. False: the call has been
 * answered.
 */
static bool check(struct send *s, const struct options *a, struct policy_terms *terms, int *route)
{
	const struct ask_uses *u = s->u;

	if (!terms_read(u, s->call, a, terms, &s->payload) || !own_code_read(s->call, a, terms, &s->payload.code))
		return false;
	*route = deliver_route(u->deliver, &s->payload);
	if (*route < 0) {
		answer_reason(s->call, "BLOCKED", "no_route", "no route serves this number");
		return false;
	}
	if (store_up(u->store))
		return answer_promised(u, s->call);
	answer_unavailable(u, s->call);
	return false;
}

/*
 * Takes a pass and a place. The tenant's rate is charged last, so that a request refused for load does not count
 * against it. False: the call has been answered.
 */
static bool enter(struct send *s, const struct policy_terms *terms, int route)
{
	return entry_enter(s->u, s->call, OVERLOAD_SENDING, &s->pass) &&
	       sending_reserve(s, route, (int64_t)terms->deadline_s * 1000) && entry_rate(s->u, s->call, s->tenant);
}

static void fill_request(struct send *s, const struct options *a, const struct policy_terms *terms)
{
	const struct ask_uses *u = s->u;
	const struct policy_purpose *p = terms->purpose;
	struct store_issue_req *req = &s->issue;

	req->tenant_tag = s->tenant->tag;
	idempotency_send(u, s->tenant->tag, a, &s->payload.number,
	                 (struct idempotency_tags){ s->reqid_tag, req->once.args_tag });
	req->once.reqid_tag = a->given[OPTION_REQID] ? s->reqid_tag : NULL;
	req->once.memory_ms = u->opts->policy.idempotency_s * 1000U;
	req->equal_window_ms = u->opts->policy.equal_window_s * 1000U;
	terms_issue(p, a->known, s->payload.play.outcome != TESTNUMBER_NONE, req);
	req->code_len = terms->code_len;
	renewal_first(a->given[OPTION_CODE], &s->payload, req);
	req->ttl_ms = terms->ttl_s * 1000U;
	req->hard_ms = terms->hard_s * 1000U;
	req->deadline_ms = terms->deadline_s * 1000U;
	s->now_ms = store_now_ms(u->store);
	req->hard_end_ms = s->now_ms + req->hard_ms;
	s->full = a->full;
	terms_sender(p, a, &s->payload);
}

/* Makes the code and the id, then the MAC of the code and the sealed payload. */
static enum err make_code(struct send *s, const struct options *a, const struct policy_terms *terms)
{
	const struct keyring *keys = s->u->keys;
	const struct keyring_subject subject = { .tenant = s->tenant->name,
		                                 .purpose = terms->purpose->name,
		                                 .subject = a->value[OPTION_SUBJECT].ptr,
		                                 .subject_len = a->value[OPTION_SUBJECT].len,
		                                 .number = &s->payload.number };
	struct code *code = &s->payload.code;
	enum err err = terms_code(&s->issue, code);

	if (err)
		return err;
	keyring_ident(keys, &subject, &s->issue.id);
	s->binding = binding_digest(keys, &a->binding);
	binding_fill(keys, &s->binding, &s->issue);
	similar_begin(&s->similar, s->u, terms->purpose, &subject);
	err = keyring_mac(keys, &s->issue.id, code->text, strlen(code->text), s->issue.mac);
	if (!err)
		err = message_seal(keys, &s->issue.id, s->issue.hard_end_ms, &s->payload, &s->issue.sealed);
	return err;
}

static void on_created(struct send *s, const struct store_issue_rep *rep)
{
	const struct deliver_order order = { .id = rep->id,
		                             .payload = &s->payload,
		                             .ttl_ms = s->issue.ttl_ms,
		                             .hard_end_ms = s->issue.hard_end_ms,
		                             .deadline_ms = s->now_ms + s->issue.deadline_ms,
		                             .sent_ms = s->now_ms,
		                             .known = s->issue.known,
		                             .code = renewal_code(s->issue.resend, s->issue.mac),
		                             .lease_end_ms = rep->lease_end_ms };

	pause_point("c1");
	path_step(&rep->id, "created", "tenant=%s purpose=%s", s->tenant->name,
	          policy_purpose(&s->u->opts->policy, s->issue.purpose_tag)->name);
	funnel_count(FUNNEL_CREATED);
	if (s->issue.replaces)
		deliver_forget(s->u->deliver, s->issue.replaces);
	similar_keep(&s->similar, &s->payload.number, &rep->id);
	sending_commit(s, &order);
	sending_answer(s, &rep->id);
}

static void on_replayed(struct send *s, const struct store_issue_rep *rep)
{
	struct ident root = rep->id;

	if (rep->record && successor_root(s->u->keys, rep->record, &root) != ERR_OK)
		store_unreadable(s->u->store, "payload", &rep->id);
	sending_replayed(s, &root);
}

static void on_judged(void *arg, enum err err, bool lives, const struct ident *root)
{
	struct send *s = arg;

	if (!err && !lives) {
		ask_issue(s);
		return;
	}
	if (err)
		answer_unavailable(s->u, s->call);
	else
		former_answer(s->call, root);
	sending_free(s);
}

/* Takes ownership of s. */
static void on_redirected(struct send *s, const struct store_record *record)
{
	s->former = (struct former){ .u = s->u, .fn = on_judged, .arg = s };
	enum err err = former_judge(&s->former, s->tenant->tag, record);
	if (!err)
		return;
	if (err == ERR_CORRUPT)
		answer_unreadable(s->call);
	else
		entry_unasked(s->u, s->call, OVERLOAD_SENDING, err);
	sending_free(s);
}

static void on_issued(void *arg, enum err err, const struct store_issue_rep *rep)
{
	struct send *s = arg;
	struct answer_limit limit;

	if (err) {
		answer_unavailable(s->u, s->call);
		sending_free(s);
		return;
	}
	overload_answered(s->u->overload, &s->pass);
	switch (rep->outcome) {
	case STORE_ISSUE_CREATED:
		on_created(s, rep);
		break;
	case STORE_ISSUE_LIVE:
		on_live(s, rep->record);
		return;
	case STORE_ISSUE_REPLAYED:
		on_replayed(s, rep);
		break;
	case STORE_ISSUE_LIMITED:
		limit = answer_issue_limit(rep, s->issue.replaces ? &s->told : NULL);
		sending_refused(s, &limit);
		break;
	case STORE_ISSUE_CONFLICT:
		answer_conflict(s->call, &rep->id);
		break;
	case STORE_ISSUE_UNREADABLE:
		answer_unreadable(s->call);
		break;
	case STORE_ISSUE_REDIRECTED:
		on_redirected(s, rep->record);
		return;
	}
	sending_free(s);
}

/* Takes ownership of s. */
static void ask_issue(struct send *s)
{
	enum err err = store_issue(s->u->store, &s->issue, on_issued, s);

	if (!err)
		return;
	entry_unasked(s->u, s->call, OVERLOAD_SENDING, err);
	sending_free(s);
}

static void on_similar(void *arg, bool similar)
{
	struct send *s = arg;

	s->issue.similar = similar;
	ask_issue(s);
}

/* Makes the code and asks the store. A place has been reserved. Takes ownership of s. */
static void decide(struct send *s, const struct options *a, const struct policy_terms *terms)
{
	fill_request(s, a, terms);
	enum err err = make_code(s, a, terms);
	if (err) {
		answer_internal(s->call, err_name(err));
		sending_free(s);
		return;
	}
	pause_point("c0");
	if (!similar_look(&s->similar, &s->payload.number, s->tenant->tag, on_similar, s))
		ask_issue(s);
}

void send_start(const struct ask_uses *u, struct api_call *call)
{
	struct options a;
	struct policy_terms terms;
	int route;

	if (!options_read(call, &a))
		return;
	struct send *s = sending_new(u, call);
	if (!s)
		return;
	if (!check(s, &a, &terms, &route) || !enter(s, &terms, route)) {
		sending_free(s);
		return;
	}
	decide(s, &a, &terms);
}
