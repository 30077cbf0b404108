/*
 * verify: OTP.VERIFY. The guess is turned into MACs at once. One function in Redis judges it, counts it if it is wrong,
 * and consumes the code if it is right. Owns one struct verify per guess under way. Must never keep the clear guess
 * beyond verify_start.
 */
#include "verify.h"

#include "answer.h"
#include "binding.h"
#include "entry.h"
#include "options.h"
#include "base/pause.h"
#include "flow/deliver/deliver.h"
#include "flow/deliver/successor.h"
#include "ops/funnel.h"
#include "flow/guard/guesses.h"
#include "idempotency.h"
#include "otp/damm.h"
#include "flow/guard/tenants.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_FIELDS_MAX 4

struct verify {
	const struct ask_uses *u;
	struct api_call *call;
	struct tenant *tenant;
	struct ident id; /* that the client knows */
	struct store_verify_req req;
	uint8_t reqid_tag[KEYRING_TAG_LEN], confirms[STORE_CONFIRMS_LEN];
	struct successor find;
	struct store_verify_rep rep; /* the reply about a wrong guess */
	struct guesses_later later;
	struct overload_pass pass;
};

/* The fields of INCORRECT while they are collected. */
struct incorrect {
	struct api_field fields[ANSWER_FIELDS_MAX];
	char values[ANSWER_FIELDS_MAX][24];
	size_t n;
};

static void put(struct incorrect *i, const char *key, int64_t value)
{
	snprintf(i->values[i->n], sizeof(i->values[0]), "%" PRId64, value);
	i->fields[i->n] = (struct api_field){ key, i->values[i->n] };
	i->n++;
}

static void answer_wrong(struct api_call *call, const struct store_verify_rep *rep)
{
	struct incorrect i = { .n = 0 };

	put(&i, "attempts_left", rep->attempts_left);
	if (rep->repeated)
		put(&i, "repeated", 1);
	if (rep->attempts_left == 0)
		put(&i, "retry_after", answer_seconds(rep->retry_ms));
	api_reply_error(call, "INCORRECT", i.fields, i.n,
	                rep->attempts_left ? "the code is not right" : "the code is not right, and was the last guess");
}

static void answer_shape(struct api_call *call, const struct store_verify_rep *rep)
{
	static const struct {
		const char *reason, *text;
	} words[] = {
		[STORE_SHAPE_SHORT] = { "too_short", "the code has more characters; nothing was counted" },
		[STORE_SHAPE_LONG] = { "too_long", "the code has fewer characters; nothing was counted" },
		[STORE_SHAPE_ALPHABET] = { "alphabet", "the code has other characters; nothing was counted" },
		[STORE_SHAPE_MISTYPED] = { "mistyped", "a digit was mistyped; nothing was counted" },
	};
	struct incorrect i = { .n = 0 };

	if (!rep->want) {
		answer_reverse(call);
		return;
	}
	i.fields[i.n++] = (struct api_field){ "reason", words[rep->shape].reason };
	put(&i, "want", rep->want);
	put(&i, "attempts_left", rep->attempts_left);
	api_reply_error(call, "INCORRECT", i.fields, i.n, words[rep->shape].text);
}

/* Says nothing about the guess: the store did not look at it. */
static void answer_binding(struct api_call *call, const struct store_verify_rep *rep)
{
	struct incorrect i = { .n = 0 };

	i.fields[i.n++] = (struct api_field){ "reason", "binding" };
	put(&i, "attempts_left", rep->attempts_left);
	if (rep->attempts_left == 0)
		put(&i, "retry_after", answer_seconds(rep->retry_ms));
	api_reply_error(call, "INCORRECT", i.fields, i.n, "the code was sent to confirm something else");
}

static void on_later(void *arg, bool answer)
{
	struct verify *v = arg;

	if (answer)
		answer_wrong(v->call, &v->rep);
	free(v);
}

/* Answers a wrong guess, now or a second later. Takes ownership of v. */
static void on_wrong(struct verify *v, const struct store_verify_rep *rep)
{
	v->rep = *rep;
	v->later = (struct guesses_later){ .fn = on_later, .arg = v };
	if (!rep->repeated) {
		v->tenant->wrong++;
		funnel_count(FUNNEL_WRONG);
		guesses_note(v->u->guesses, v->tenant, true);
	} else {
		funnel_count(FUNNEL_REPEATED);
	}
	if (!guesses_delay(v->u->guesses, v->tenant, &v->later))
		on_later(v, true);
}

/* True if the id named a verification of this tenant that has ended. False if the id is unknown or another tenant's. */
static bool has_ended(enum store_gone gone)
{
	return gone == STORE_EXPIRED || gone == STORE_USED || gone == STORE_EXHAUSTED || gone == STORE_CANCELLED;
}

static void on_judged(void *arg, enum err err, const struct store_verify_rep *rep);

/* Asks the store for its verdict. Takes ownership of v. */
static void judge(struct verify *v)
{
	enum err err = store_verify(v->u->store, &v->req, on_judged, v);

	if (!err)
		return;
	overload_leave(v->u->overload, &v->pass);
	entry_unasked(v->u, v->call, OVERLOAD_VERIFYING, err);
	free(v);
}

/* The MACs of a successor's code are of the id that the client knows, so the guess need not be read again. */
static void on_successor(void *arg, enum err err, const struct successor_rep *rep)
{
	struct verify *v = arg;

	if (!err && rep->gone == STORE_LIVE) {
		v->req.id = *successor_last(rep);
		judge(v);
		return;
	}
	overload_done(v->u->overload, &v->pass, err);
	if (err)
		answer_unavailable(v->u, v->call);
	else
		answer_gone(v->call, rep->gone, rep->gone_ms);
	free(v);
}

/* The number of the verification was corrected, so its successor judges the guess. Takes ownership of v. */
static void follow(struct verify *v)
{
	v->find = (struct successor){ .fn = on_successor, .arg = v };
	enum err err = successor_find(&v->find, v->u->store, v->u->keys, v->tenant->tag, &v->id);
	if (!err)
		return;
	overload_leave(v->u->overload, &v->pass);
	entry_unasked(v->u, v->call, OVERLOAD_VERIFYING, err);
	free(v);
}

static void on_judged(void *arg, enum err err, const struct store_verify_rep *rep)
{
	struct verify *v = arg;

	if (!err && rep->outcome == STORE_VERIFY_GONE && rep->gone == STORE_REDIRECTED) {
		follow(v);
		return;
	}
	overload_done(v->u->overload, &v->pass, err);
	if (err) {
		answer_unavailable(v->u, v->call);
		free(v);
		return;
	}
	switch (rep->outcome) {
	case STORE_VERIFY_APPROVED:
		pause_point("c6");
		v->tenant->approved++;
		funnel_count(FUNNEL_APPROVED);
		guesses_note(v->u->guesses, v->tenant, false);
		deliver_forget(v->u->deliver, &v->req.id);
		api_reply_ok(v->call);
		break;
	case STORE_VERIFY_WRONG:
		on_wrong(v, rep);
		return;
	case STORE_VERIFY_SHAPE:
		funnel_count(FUNNEL_MISTYPED);
		answer_shape(v->call, rep);
		break;
	case STORE_VERIFY_BINDING:
		funnel_count(FUNNEL_BINDING);
		answer_binding(v->call, rep);
		break;
	case STORE_VERIFY_GONE:
		if (has_ended(rep->gone))
			funnel_count(FUNNEL_LATE);
		answer_gone(v->call, rep->gone, rep->gone_ms);
		break;
	case STORE_VERIFY_CONFLICT:
		answer_conflict(v->call, &v->id);
		break;
	}
	free(v);
}

/* Fills in the MAC of each code that the guess can be read as. */
static enum err fill_candidates(const struct ask_uses *u, const struct code_guess *guess, struct store_verify_req *req)
{
	enum err err = ERR_OK;

	req->typed_len = guess->len;
	for (size_t i = 0; i < guess->count && !err; i++) {
		const struct code_candidate *from = &guess->at[i];
		struct store_candidate *to = &req->candidates[i];
		size_t len = strlen(from->code.text);

		to->len = (uint8_t)len;
		to->alphabets = from->alphabets;
		to->checked = damm_holds(from->code.text);
		err = keyring_mac(u->keys, &req->id, from->code.text, len, to->mac);
	}
	req->candidate_count = guess->count;
	return err;
}

/* Two guesses are the same if they can only be read as the same code, in whatever way it is written. */
static struct idempotency_id same_guess(const struct ident *id, struct api_arg typed, const struct code_guess *guess)
{
	const char *only = guess->count == 1 ? guess->at[0].code.text : NULL;
	/* A text longer than this is no code, so what comes after it does not make a different guess. */
	size_t len = typed.len < CODE_TYPED_MAX ? typed.len : CODE_TYPED_MAX;

	return (struct idempotency_id){ "OTP.VERIFY", id, only ? only : typed.ptr, only ? strlen(only) : len };
}

void verify_start(const struct ask_uses *u, struct api_call *call)
{
	struct code_guess guess;
	struct options a;
	struct ident id;

	if (!answer_read_id(u, call, &id) || !options_read(call, &a))
		return;
	struct api_arg typed = api_call_arg(call, 1);
	struct verify *v = calloc(1, sizeof(*v));
	code_read(typed.ptr, typed.len, &guess);
	if (v)
		v->id = v->req.id = id;
	enum err err = v ? fill_candidates(u, &guess, &v->req) : ERR_NOMEM;
	if (err) {
		code_guess_wipe(&guess);
		free(v);
		answer_internal(call, err_name(err));
		return;
	}
	v->u = u;
	v->call = call;
	v->tenant = tenants_of(call);
	const struct idempotency_id what = same_guess(&id, typed, &guess);
	idempotency_id(u, v->tenant->tag, &a, &what, (struct idempotency_tags){ v->reqid_tag, v->req.once.args_tag });
	code_guess_wipe(&guess);
	v->req.tenant_tag = v->tenant->tag;
	v->req.once.reqid_tag = a.given[OPTION_REQID] ? v->reqid_tag : NULL;
	v->req.once.memory_ms = u->opts->policy.verdict_s * 1000U;
	const struct binding_digest binding = binding_digest(u->keys, &a.binding);
	if (binding.given) {
		binding_tag(u->keys, &id, &binding, v->confirms);
		v->req.confirms = v->confirms;
	}
	overload_follow(u->overload, call, OVERLOAD_VERIFYING, &v->pass);
	judge(v);
}
