/*
 * verify: the guess becomes a MAC at once; the script judges it, counts it and consumes the code.
 * Must never keep the guess longer than this call.
 */
#include "verify.h"

#include "answer.h"
#include "args.h"
#include "base/pause.h"
#include "deliver.h"
#include "funnel.h"
#include "limits.h"
#include "once.h"
#include "service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct verify {
	struct flow *f;
	struct api_call *call;
	struct service_tenant *tenant;
	struct ident id;
};

static void answer_wrong(struct api_call *call, uint8_t left)
{
	char text[4];
	const struct api_field field = { "attempts_left", text };

	snprintf(text, sizeof(text), "%u", left);
	api_reply_error(call, "INCORRECT", &field, 1, "the code is not right");
}

static void on_judged(void *arg, enum err err, const struct store_verify_rep *rep)
{
	struct verify *v = arg;
	struct answer_limit locked = { .code = "RATELIMITED",
		                       .scope = "number",
		                       .text = "too many wrong codes for this number" };

	if (err) {
		answer_unavailable(v->f, v->call);
		free(v);
		return;
	}
	switch (rep->outcome) {
	case STORE_VERIFY_APPROVED:
		pause_point("c6");
		v->tenant->approved++;
		funnel_count(FUNNEL_APPROVED);
		deliver_forget(v->f->deliver, &v->id);
		api_reply_ok(v->call);
		break;
	case STORE_VERIFY_WRONG:
		v->tenant->wrong++;
		funnel_count(FUNNEL_WRONG);
		answer_wrong(v->call, rep->attempts_left);
		break;
	case STORE_VERIFY_LOCKED:
		funnel_count(FUNNEL_LOCKED);
		locked.retry_ms = rep->retry_ms;
		answer_limited(v->call, &locked);
		break;
	case STORE_VERIFY_GONE:
		funnel_count(FUNNEL_LATE);
		answer_gone(v->call, rep->gone, rep->retry_ms);
		break;
	case STORE_VERIFY_CONFLICT:
		answer_conflict(v->call, &v->id);
		break;
	}
	free(v);
}

static bool read_guess(struct api_call *call, struct code *guess)
{
	struct api_arg arg = api_call_arg(call, 1);
	struct code_guess read;
	bool found;

	code_read(arg.ptr, arg.len, &read);
	found = read.count > 0;
	*guess = read.at[0].code;
	code_guess_wipe(&read);
	if (found)
		return true;
	answer_badarg(call, "code", "must be 4 to 10 digits or letters of a code");
	return false;
}

void verify_start(struct flow *f, struct api_call *call)
{
	struct store_verify_req req = { 0 };
	uint8_t reqid_tag[KEYRING_TAG_LEN];
	struct args a;
	struct code guess;

	if (!answer_read_id(f, call, &req.id) || !read_guess(call, &guess))
		return;
	if (!args_parse(call, 2, ARGS_BIT(ARGS_REQID), &a)) {
		code_wipe(&guess);
		return;
	}
	struct verify *v = calloc(1, sizeof(*v));
	enum err err = v ? keyring_mac(f->keys, &req.id, guess.text, strlen(guess.text), req.mac) : ERR_NOMEM;
	if (err) {
		code_wipe(&guess);
		free(v);
		answer_internal(call, err_name(err));
		return;
	}
	*v = (struct verify){ .f = f, .call = call, .tenant = service_tenant(call), .id = req.id };
	const struct once_id what = { "OTP.VERIFY", &req.id, guess.text, strlen(guess.text) };
	once_id(f, v->tenant->tag, &a, &what, (struct once_tags){ reqid_tag, req.once.args_tag });
	code_wipe(&guess);
	req.tenant_tag = v->tenant->tag;
	req.once.reqid_tag = a.given[ARGS_REQID] ? reqid_tag : NULL;
	req.once.memory_ms = f->opts.policy.verdict_s * 1000U;
	req.limits = limits_of(f, limits_purpose(f, f->opts.policy.default_purpose));
	if (store_verify(f->store, &req, on_judged, v) == ERR_OK)
		return;
	free(v);
	answer_unavailable(f, call);
}
