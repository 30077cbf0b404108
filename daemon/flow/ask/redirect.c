/*
 * redirect: OTP.REDIRECT, from the request to the first step. Checks whether the verification may be corrected to this
 * number, and makes the new code. Who does not name the verification's own subject learns nothing of it, not even
 * whether it exists. Owns the struct redirect until redirect_steps takes it.
 */
#include "redirect.h"

#include "answer.h"
#include "entry.h"
#include "idempotency.h"
#include "options.h"
#include "redirect_steps.h"
#include "renewal.h"
#include "terms.h"
#include "testing.h"
#include "base/clock.h"
#include "ops/funnel.h"
#include "otp/typo.h"

#include <stdlib.h>
#include <string.h>

/* --- the successor --- */

/*
 * Makes code and id of the successor. The MAC of the code is of the id that the client knows. payload is that of the
 * verification before.
 */
static enum err make_successor(struct redirect *r, const struct store_record *record,
                               const struct policy_purpose *purpose)
{
	const struct keyring *keys = r->u->keys;
	const struct keyring_subject subject = { .tenant = r->tenant->name,
		                                 .purpose = purpose->name,
		                                 .subject = r->subject,
		                                 .subject_len = r->subject_len,
		                                 .number = &r->number };
	struct message_payload *p = &r->payload;
	enum err err = terms_code(&r->issue, &p->code);

	if (err)
		return err;
	p->root = p->redirected ? p->root : record->id;
	p->redirected = true;
	keyring_ident(keys, &subject, &r->issue.id);
	similar_begin(&r->similar, r->u, purpose, &subject);
	err = keyring_mac(keys, &p->root, p->code.text, strlen(p->code.text), r->issue.mac);
	if (!err)
		err = message_seal(keys, &r->issue.id, r->issue.hard_end_ms, p, &r->issue.sealed);
	return err;
}

/* The tag by which a repeated request knows the successor that it created before. */
static void tag_successor(struct redirect *r)
{
	uint8_t tag[STORE_RESERVE_LEN];

	successor_tag(r->u->keys, &r->id, &r->number, tag);
	keyring_tag(r->u->keys, "args.redirect", tag, sizeof(tag), r->issue.once.args_tag);
}

static void fill_requests(struct redirect *r, const struct store_record *record, const struct policy_purpose *purpose)
{
	struct store_issue_req *req = &r->issue;

	r->reserve = (struct store_reserve_req){ .id = r->id, .tenant_tag = r->tenant->tag };
	successor_tag(r->u->keys, &r->id, &r->number, r->reserve.tag);
	r->end = (struct store_redirect_req){ .id = r->id, .tenant_tag = r->tenant->tag };
	memcpy(r->end.tag, r->reserve.tag, sizeof(r->end.tag));
	req->tenant_tag = r->tenant->tag;
	terms_issue(purpose, false, r->payload.play.outcome != TESTNUMBER_NONE, req);
	req->code_len = record->code_len;
	/* The code of a test number has no check digit, but pages that check it expect one of a true number. */
	req->check_digit = !req->test && record->alphabet == CODE_DIGITS &&
	                   (record->test ? purpose->check_digit : record->check_digit);
	req->alphabet = record->alphabet;
	renewal_first(false, &r->payload, req);
	req->bound = record->bound;
	memcpy(req->confirms, record->confirms, sizeof(req->confirms));
	req->redirects = (uint8_t)(record->redirects + 1);
	req->ttl_ms = record->ttl_ms;
	req->hard_ms = purpose->hard_s * 1000U;
	req->deadline_ms = terms_deadline_ms(purpose, record->ttl_ms);
	req->equal_window_ms = req->hard_ms;
	r->now_ms = store_now_ms(r->u->store);
	req->hard_end_ms = r->now_ms + req->hard_ms;
	tag_successor(r);
}

/* --- what must hold first --- */

/* Opens the payload of the verification and fills its text. similar: the purpose tells similar numbers. False: the call
 * has been answered. */
static bool open_payload(struct redirect *r, const struct store_record *record, bool similar)
{
	const struct answer_limit elsewhere = { .code = "UNAVAILABLE",
		                                .retry_ms = DELIVER_LEAVE_MS,
		                                .text = "this instance has not the text of the verification" };

	if (message_open(r->u->keys, &record->id, record->hard_end_ms, &record->sealed, &r->payload) != ERR_OK) {
		store_unreadable(r->u->store, "payload", &record->id);
		answer_gone(r->call, STORE_UNREADABLE, 0);
		return false;
	}
	/* Both numbers are here, so the note with the one before need not be asked. */
	r->issue.similar = similar && typo_one_edit(&r->payload.number, &r->number);
	r->payload.number = r->number;
	if (message_fill(&r->payload, r->u->texts, clock_mono_ms()) == ERR_OK)
		return true;
	answer_limited(r->call, &elsewhere);
	return false;
}

/* Takes a place in the queue for the SMS, and one SEND of the tenant's rate. False: the call has been answered. */
static bool admit(struct redirect *r)
{
	const struct deliver_ask ask = { .who = { r->tenant, api_call_client(r->call) },
		                         .route = deliver_route(r->u->deliver, &r->payload),
		                         .deadline_ms = r->issue.deadline_ms };
	struct overload_refusal refusal;

	if (ask.route < 0) {
		answer_reason(r->call, "BLOCKED", "no_route", "no route serves this number");
		return false;
	}
	refusal.reason = deliver_reserve(r->u->deliver, &ask, &r->place, &refusal.retry_ms);
	if (refusal.reason != OVERLOAD_NONE) {
		entry_refuse(r->u, r->call, OVERLOAD_SENDING, &refusal);
		return false;
	}
	return entry_rate(r->u, r->call, r->tenant);
}

/* The purpose of a record, if the subject is its own. NULL: it is another's. */
static const struct policy_purpose *own_purpose(struct redirect *r, const struct ident *id,
                                                const struct store_record *record)
{
	const struct policy_purpose *purpose = policy_purpose_of_tag(&r->u->opts->policy, record->purpose_tag);
	struct msisdn number;

	if (!purpose || message_number(r->u->keys, &record->id, &record->sealed, &number) != ERR_OK)
		return NULL;
	const struct keyring_subject subject = { .tenant = r->tenant->name,
		                                 .purpose = purpose->name,
		                                 .subject = r->subject,
		                                 .subject_len = r->subject_len,
		                                 .number = &number };
	bool own = keyring_is_subject(r->u->keys, id, &subject);
	msisdn_wipe(&number);
	return own ? purpose : NULL;
}

/* Why a record that has ended cannot be corrected. LIVE: it has not ended. */
static enum store_gone ended(const struct redirect *r, const struct store_record *record, int64_t *ms)
{
	static const enum store_gone ends[LIFECYCLE_STATES] = { STORE_LIVE, STORE_USED, STORE_EXPIRED, STORE_EXHAUSTED,
		                                                STORE_CANCELLED };
	int64_t now = store_now_ms(r->u->store);
	enum store_gone gone = ends[store_effective_state(record, now)];

	*ms = gone == STORE_USED && now > record->ended_ms ? now - record->ended_ms : 0;
	return gone;
}

enum change { CHANGE_NEW, CHANGE_DONE, CHANGE_SAME, CHANGE_FORMER };

/* What the corrected number is to the numbers that the verification had. */
static enum change change_of(const struct redirect *r, const struct successor_rep *rep)
{
	if (keyring_is_number(r->u->keys, successor_last(rep), &r->number))
		return rep->length > 1 ? CHANGE_DONE : CHANGE_SAME;
	for (size_t i = 0; i + 1 < rep->length; i++)
		if (keyring_is_number(r->u->keys, &rep->chain[i], &r->number))
			return CHANGE_FORMER;
	return CHANGE_NEW;
}

/* False: the call has been answered. */
static bool judge(struct redirect *r, const struct successor_rep *rep, const struct policy_purpose **purpose)
{
	const struct store_record *any = rep->record ? rep->record : rep->other;
	int64_t ms = rep->gone_ms;

	if (rep->gone == STORE_DENIED || rep->gone == STORE_UNREADABLE) {
		answer_gone(r->call, rep->gone, 0);
		return false;
	}
	if (any && any->reverse) {
		answer_reverse(r->call);
		return false;
	}
	*purpose = any ? own_purpose(r, successor_last(rep), any) : NULL;
	if (!*purpose) {
		answer_gone(r->call, STORE_UNKNOWN, 0);
		return false;
	}
	if ((*purpose)->redirect == POLICY_REDIRECT_NEVER) {
		answer_reason(r->call, "DENIED", "redirect", "purposes.redirect does not allow another number");
		return false;
	}
	enum store_gone gone = rep->gone == STORE_LIVE ? ended(r, rep->record, &ms) : rep->gone;
	if (gone != STORE_LIVE) {
		answer_gone(r->call, gone, ms);
		return false;
	}
	return true;
}

static void on_found(void *arg, enum err err, const struct successor_rep *rep)
{
	struct redirect *r = arg;
	const struct policy_purpose *purpose;

	if (err) {
		answer_unavailable(r->u, r->call);
		redirect_steps_free(r);
		return;
	}
	overload_answered(r->u->overload, &r->pass);
	if (!judge(r, rep, &purpose)) {
		redirect_steps_free(r);
		return;
	}
	switch (change_of(r, rep)) {
	case CHANGE_NEW:
		break;
	case CHANGE_DONE:
		funnel_count(FUNNEL_REPLAYED);
		redirect_steps_done(r);
		return;
	case CHANGE_SAME:
		answer_reason(r->call, "BADNUMBER", "same", "this is the number that the code was sent to");
		redirect_steps_free(r);
		return;
	case CHANGE_FORMER:
		answer_reason(r->call, "BADNUMBER", "former",
		              "the number of this verification was corrected from this one");
		redirect_steps_free(r);
		return;
	}
	r->id = *successor_last(rep);
	if (!open_payload(r, rep->record, purpose->similar) ||
	    !testing_redirect(r->u, r->call, rep->record, &r->payload)) {
		redirect_steps_free(r);
		return;
	}
	fill_requests(r, rep->record, purpose);
	if (!admit(r)) {
		redirect_steps_free(r);
		return;
	}
	err = make_successor(r, rep->record, purpose);
	if (err) {
		answer_internal(r->call, err_name(err));
		redirect_steps_free(r);
		return;
	}
	redirect_steps_start(r);
}

/* --- the request --- */

static void find(struct redirect *r)
{
	r->find = (struct successor){ .fn = on_found, .arg = r };
	enum err err = successor_find(&r->find, r->u->store, r->u->keys, r->tenant->tag, &r->asked);
	if (!err)
		return;
	entry_unasked(r->u, r->call, OVERLOAD_SENDING, err);
	redirect_steps_free(r);
}

/* What the REQID remembers: the arguments with which it was done. */
static void on_note(void *arg, enum err err, const uint8_t *value, size_t len)
{
	struct redirect *r = arg;

	if (err) {
		answer_unavailable(r->u, r->call);
		redirect_steps_free(r);
	} else if (len == 0) {
		find(r);
	} else if (len >= KEYRING_TAG_LEN && memcmp(value, r->args_tag, KEYRING_TAG_LEN) == 0) {
		funnel_count(FUNNEL_REPLAYED);
		redirect_steps_done(r);
	} else {
		answer_conflict(r->call, &r->asked);
		redirect_steps_free(r);
	}
}

static void read_options(struct redirect *r, const struct options *a)
{
	const struct api_arg subject = a->value[OPTION_SUBJECT];
	const struct idempotency_id what = { "OTP.REDIRECT", &r->asked, r->number.digits, strlen(r->number.digits) };

	r->full = a->full;
	r->once = a->given[OPTION_REQID];
	r->subject_len = subject.len < sizeof(r->subject) ? subject.len : sizeof(r->subject);
	memcpy(r->subject, subject.ptr, r->subject_len);
	r->note = (struct store_note){ .kind = 'k', .partition = r->asked.partition };
	idempotency_id(r->u, r->tenant->tag, a, &what, (struct idempotency_tags){ r->note.tag, r->args_tag });
}

void redirect_start(const struct ask_uses *u, struct api_call *call)
{
	struct options a;
	struct ident id;
	struct msisdn number;

	if (!answer_read_id(u, call, &id) || !options_read(call, &a))
		return;
	if (!a.given[OPTION_SUBJECT]) {
		answer_badarg(call, "SUBJECT",
		              "must be the SUBJECT of the SEND, because otherwise strangers could correct it");
		return;
	}
	if (!terms_number(u, call, 1, &number) || !answer_promised(u, call))
		return;
	struct redirect *r = calloc(1, sizeof(*r));
	if (!r) {
		answer_internal(call, "no_memory");
		return;
	}
	r->u = u;
	r->call = call;
	r->tenant = tenants_of(call);
	r->asked = id;
	r->number = number;
	msisdn_wipe(&number);
	read_options(r, &a);
	if (!entry_enter(u, call, OVERLOAD_SENDING, &r->pass)) {
		redirect_steps_free(r);
		return;
	}
	if (!r->once) {
		find(r);
		return;
	}
	enum err err = store_note_read(u->store, &r->note, on_note, r);
	if (!err)
		return;
	entry_unasked(u, call, OVERLOAD_SENDING, err);
	redirect_steps_free(r);
}
