/*
 * redirect_steps: reserve, create, end. The SMS is queued only after the last step. If this process dies before that,
 * flow/deliver/settle decides what becomes of the successor, and a repeated request does the steps once more. Owns the
 * clear code until deliver has copied it.
 */
#include "redirect_steps.h"

#include "answer.h"
#include "entry.h"
#include "query.h"
#include "renewal.h"
#include "base/invariant.h"
#include "base/log.h"
#include "base/pause.h"
#include "flow/news/path.h"
#include "ops/funnel.h"

#include <stdlib.h>

#define TOPIC "redirect"

void redirect_steps_free(struct redirect *r)
{
	deliver_cancel(r->u->deliver, &r->place);
	overload_leave(r->u->overload, &r->pass);
	secret_wipe(r, sizeof(*r));
	free(r);
}

void redirect_steps_done(struct redirect *r)
{
	if (r->once)
		store_note_write(r->u->store, &r->note, r->args_tag, sizeof(r->args_tag),
		                 r->u->opts->policy.idempotency_s * 1000U);
	if (r->full)
		query_full(r->u, r->call, &r->asked);
	else
		answer_id(r->call, &r->asked);
	redirect_steps_free(r);
}

static void unavailable(struct redirect *r)
{
	answer_unavailable(r->u, r->call);
	redirect_steps_free(r);
}

/* --- a successor that is not to be --- */

static void on_cancelled(void *arg, enum err err, const struct store_cancel_rep *rep)
{
	(void)arg;
	(void)rep;
	if (err)
		log_info(TOPIC, "successor_not_cancelled err=%s: the end of its lease decides", err_name(err));
}

/* Ends the successor, whose SMS was never queued. If that fails, settle does it when its lease has run out. */
static void cancel_successor(struct redirect *r)
{
	const struct store_cancel_req req = { .id = r->successor, .tenant_tag = r->tenant->tag };
	enum err err = store_cancel(r->u->store, &req, on_cancelled, NULL);

	if (err)
		on_cancelled(NULL, err, NULL);
}

/* --- step 3: the verification ends with the id of its successor --- */

static void commit(struct redirect *r)
{
	const struct deliver_order order = { .id = r->successor,
		                             .payload = &r->payload,
		                             .ttl_ms = r->issue.ttl_ms,
		                             .hard_end_ms = r->issue.hard_end_ms,
		                             .deadline_ms = r->now_ms + r->issue.deadline_ms,
		                             .sent_ms = r->now_ms,
		                             .known = r->issue.known,
		                             .code = renewal_code(r->issue.resend, r->issue.mac),
		                             .lease_end_ms = r->lease_end_ms };

	r->tenant->sends++;
	if (deliver_commit(r->u->deliver, &order, &r->place) != ERR_OK)
		log_error(TOPIC, "no_memory_for_message: it is sent when its lease runs out");
}

/* The verification had ended already: by an equal request, whose successor is the same, or by another. */
static void on_found(void *arg, enum err err, const struct successor_rep *rep)
{
	struct redirect *r = arg;

	if (err) {
		unavailable(r);
		return;
	}
	for (size_t i = 1; i < rep->length; i++) {
		if (ident_same(&rep->chain[i], &r->successor)) {
			redirect_steps_done(r);
			return;
		}
	}
	cancel_successor(r);
	answer_reserved(r->call, 0);
	redirect_steps_free(r);
}

static void look_again(struct redirect *r)
{
	r->find = (struct successor){ .fn = on_found, .arg = r };
	if (successor_find(&r->find, r->u->store, r->u->keys, r->tenant->tag, &r->asked) != ERR_OK)
		unavailable(r);
}

static void on_ended(void *arg, enum err err, const struct store_redirect_rep *rep)
{
	struct redirect *r = arg;

	if (err) {
		/* It may have ended or not. The lease is given back, so that settle finds out soon. */
		if (r->created)
			store_release(r->u->store, &r->successor, &(struct store_handed){ .unsent = true });
		unavailable(r);
		return;
	}
	if (rep->gone == STORE_REDIRECTED) {
		look_again(r);
		return;
	}
	if (rep->gone != STORE_LIVE) {
		cancel_successor(r);
		answer_gone(r->call, rep->gone, rep->gone_ms);
		redirect_steps_free(r);
		return;
	}
	pause_point("d3");
	funnel_count(FUNNEL_REDIRECTED);
	path_step(&r->id, "redirected", "tenant=%s redirects=%u", r->tenant->name, r->issue.redirects);
	deliver_forget(r->u->deliver, &r->id);
	similar_keep(&r->similar, &r->number, &r->asked);
	if (r->created)
		commit(r);
	redirect_steps_done(r);
}

static void end_former(struct redirect *r, int64_t hard_end_ms)
{
	r->end.hard_end_ms = hard_end_ms;
	enum err err = keyring_seal_id(r->u->keys, &r->id, &r->successor, r->end.successor);
	if (err) {
		answer_internal(r->call, err_name(err));
		redirect_steps_free(r);
		return;
	}
	pause_point("d2");
	err = store_redirect(r->u->store, &r->end, on_ended, r);
	if (err)
		on_ended(r, err, NULL);
}

/* --- step 2: the successor is created --- */

static void answer_live(struct redirect *r)
{
	answer_reason(r->call, "CONFLICT", "live",
	              "this number has a live verification of the same purpose and subject; nothing was changed");
}

static void answer_refusal(struct redirect *r)
{
	struct answer_limit limit;

	switch (r->refused.outcome) {
	case STORE_ISSUE_LIMITED:
		limit = answer_issue_limit(&r->refused, NULL);
		r->tenant->limited++;
		funnel_count(FUNNEL_LIMITED);
		answer_limited(r->call, &limit);
		return;
	case STORE_ISSUE_LIVE:
	case STORE_ISSUE_REDIRECTED:
		answer_live(r);
		return;
	case STORE_ISSUE_UNREADABLE:
		answer_unreadable(r->call);
		return;
	case STORE_ISSUE_CREATED:
	case STORE_ISSUE_REPLAYED:
	case STORE_ISSUE_CONFLICT:
		break;
	}
	invariant(r->refused.outcome == STORE_ISSUE_LIMITED);
	answer_internal(r->call, "refused_without_reason");
}

/* The old code can be used again, or can when the reserve ends; in both cases the request is answered. */
static void on_given_back(void *arg, enum err err, const struct store_reserve_rep *rep)
{
	struct redirect *r = arg;

	(void)err;
	(void)rep;
	if (r->create_err)
		entry_unasked(r->u, r->call, OVERLOAD_SENDING, r->create_err);
	else
		answer_refusal(r);
	redirect_steps_free(r);
}

static void give_back(struct redirect *r)
{
	r->reserve.give_back = true;
	enum err err = store_reserve(r->u->store, &r->reserve, on_given_back, r);
	if (err)
		on_given_back(r, err, NULL);
}

static void create(struct redirect *r);

static void on_judged(void *arg, enum err err, bool lives, const struct ident *root)
{
	struct redirect *r = arg;

	(void)root;
	r->create_err = err;
	if (err || lives)
		give_back(r);
	else
		create(r);
}

/* The new number was corrected in another verification of the subject, whose successor may be live or not. */
static void judge_former(struct redirect *r, const struct store_record *record)
{
	r->former = (struct former){ .u = r->u, .fn = on_judged, .arg = r };
	r->create_err = former_judge(&r->former, r->tenant->tag, record);
	if (r->create_err)
		give_back(r);
}

static void on_created(void *arg, enum err err, const struct store_issue_rep *rep)
{
	struct redirect *r = arg;

	if (err) {
		unavailable(r);
		return;
	}
	switch (rep->outcome) {
	case STORE_ISSUE_CREATED:
		r->created = true;
		r->successor = rep->id;
		r->lease_end_ms = rep->lease_end_ms;
		path_step(&rep->id, "created", "tenant=%s redirects=%u", r->tenant->name, r->issue.redirects);
		funnel_count(FUNNEL_CREATED);
		end_former(r, r->issue.hard_end_ms);
		return;
	case STORE_ISSUE_REPLAYED:
		/* An equal request created it and did not come to the end. */
		r->successor = rep->id;
		end_former(r, rep->record ? rep->record->hard_end_ms : r->issue.hard_end_ms);
		return;
	case STORE_ISSUE_LIVE:
	case STORE_ISSUE_LIMITED:
	case STORE_ISSUE_CONFLICT:
	case STORE_ISSUE_UNREADABLE:
	case STORE_ISSUE_REDIRECTED:
		r->refused = *rep;
		r->refused.record = NULL;
		break;
	}
	if (rep->outcome == STORE_ISSUE_REDIRECTED)
		judge_former(r, rep->record);
	else
		give_back(r);
}

static void create(struct redirect *r)
{
	r->create_err = store_issue(r->u->store, &r->issue, on_created, r);
	if (r->create_err)
		give_back(r);
}

/* --- step 1: the verification is reserved --- */

static void answer_none_left(struct redirect *r, int64_t retry_ms)
{
	const struct answer_limit limit = { .code = "RATELIMITED",
		                            .scope = "redirects",
		                            .id = &r->asked,
		                            .retry_ms = retry_ms,
		                            .text = "the number of this verification was corrected twice already" };

	funnel_count(FUNNEL_LIMITED);
	answer_limited(r->call, &limit);
}

static void on_reserved(void *arg, enum err err, const struct store_reserve_rep *rep)
{
	struct redirect *r = arg;

	if (err) {
		unavailable(r);
		return;
	}
	switch (rep->outcome) {
	case STORE_RESERVE_TAKEN:
		pause_point("d1");
		create(r);
		return;
	case STORE_RESERVE_HELD:
		answer_reserved(r->call, rep->retry_ms);
		break;
	case STORE_RESERVE_NONE_LEFT:
		answer_none_left(r, rep->retry_ms);
		break;
	case STORE_RESERVE_OWN_CODE:
		answer_reason(r->call, "DENIED", "redirect",
		              "the caller gave the code: cancel this and send another code to the new number");
		break;
	case STORE_RESERVE_GONE:
		if (rep->gone == STORE_REDIRECTED)
			answer_reserved(r->call, 0);
		else
			answer_gone(r->call, rep->gone, rep->gone_ms);
		break;
	}
	redirect_steps_free(r);
}

void redirect_steps_start(struct redirect *r)
{
	pause_point("d0");
	enum err err = store_reserve(r->u->store, &r->reserve, on_reserved, r);
	if (!err)
		return;
	entry_unasked(r->u, r->call, OVERLOAD_SENDING, err);
	redirect_steps_free(r);
}
