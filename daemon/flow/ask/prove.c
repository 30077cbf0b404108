/*
 * prove: OTP.PROOF. Whoever asks must name the SUBJECT of the SEND, which is kept nowhere: the id has a keyed hash of
 * it. Owns one struct prove per request under way. Must never prove what a code that the caller knew has shown, nor put
 * a number anywhere but into the token.
 */
#include "prove.h"

#include "answer.h"
#include "entry.h"
#include "flow/deliver/successor.h"
#include "flow/guard/tenants.h"
#include "ops/funnel.h"
#include "options.h"
#include "otp/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRESH_MS (10 * 60 * 1000) /* a verification is proved for this time after its end */

struct prove {
	const struct ask_uses *u;
	struct api_call *call;
	struct ident id;
	struct successor find;
	struct overload_pass pass;
	char subject[PROOF_SUBJECT_MAX];
	size_t subject_len;
	char audience[256]; /* a value of tenants.proof_audiences, copied because a reload may free it */
};

/* --- what the tenant may ask for --- */

/* The audience: that of AUD, or the tenant's first. NULL: the call has been answered. */
static const char *audience_of(struct api_call *call, const struct options *a)
{
	const struct policy_tenant *rights = tenants_of(call)->rights;
	struct api_arg aud = a->value[OPTION_AUD];

	if (rights->audience_count == 0) {
		answer_reason(call, "DENIED", "right", "tenants.proof_audiences allows this tenant no proofs");
		return NULL;
	}
	for (size_t i = 0; i < rights->audience_count; i++) {
		const char *name = rights->audiences[i];

		if (!a->given[OPTION_AUD] || (strlen(name) == aud.len && memcmp(name, aud.ptr, aud.len) == 0))
			return name;
	}
	answer_reason(call, "DENIED", "audience", "AUD must be one of tenants.proof_audiences of this tenant");
	return NULL;
}

/* False: the call has been answered. */
static bool has_key(const struct ask_uses *u, struct api_call *call)
{
	if (u->opts->proof.keys)
		return true;
	answer_reason(call, "BLOCKED", "no_proof_key", "no key that signs is configured (proof.keys)");
	return false;
}

/* Reads what needs no question to Redis. False: the call has been answered. */
static bool read_call(const struct ask_uses *u, struct api_call *call, struct prove *p)
{
	struct options a;

	if (!answer_read_id(u, call, &p->id) || !options_read(call, &a))
		return false;
	struct api_arg subject = a.value[OPTION_SUBJECT];
	if (!a.given[OPTION_SUBJECT] || !proof_subject_fits(subject.ptr, subject.len)) {
		answer_badarg(call, "SUBJECT",
		              a.given[OPTION_SUBJECT] ? "must be UTF-8 without a NUL, because a proof holds it"
		                                      : "a proof needs the SUBJECT that the SEND gave");
		return false;
	}
	const char *audience = audience_of(call, &a);
	if (!audience)
		return false;
	if (!has_key(u, call))
		return false;
	snprintf(p->audience, sizeof(p->audience), "%s", audience);
	memcpy(p->subject, subject.ptr, subject.len);
	p->subject_len = subject.len;
	return true;
}

/* --- what the record shows --- */

/* False: the call has been answered. */
static bool may_prove(const struct prove *p, const struct store_record *r, int64_t now_ms)
{
	if (r->state != LIFECYCLE_VERIFIED) {
		answer_reason(p->call, "DENIED", "unverified", "nobody has verified this id with its code");
		return false;
	}
	if (r->own_code || r->test) {
		answer_reason(p->call, "DENIED", "right",
		              r->test ? "a test number proves nothing" : "a code of your own proves nothing");
		return false;
	}
	if (now_ms - r->ended_ms > FRESH_MS) {
		answer_reason(p->call, "EXPIRED", "too_old", "it was verified more than 10 minutes ago");
		return false;
	}
	return true;
}

/* Opens the number, and checks that the id is of the subject. False: the call has been answered. */
static bool read_subject(const struct prove *p, const struct store_record *r, const struct policy_purpose *purpose,
                         struct msisdn *number)
{
	const struct ask_uses *u = p->u;

	if (!purpose) {
		answer_reason(p->call, "DENIED", "purpose", "the purpose of this id is not configured any more");
		return false;
	}
	if (message_number(u->keys, &r->id, &r->sealed, number) != ERR_OK) {
		store_unreadable(u->store, "number", &r->id);
		answer_gone(p->call, STORE_UNREADABLE, 0);
		return false;
	}
	const struct keyring_subject subject = { .tenant = tenants_of(p->call)->name,
		                                 .purpose = purpose->name,
		                                 .subject = p->subject,
		                                 .subject_len = p->subject_len,
		                                 .number = number };
	if (r->reverse ? keyring_reverse_is_subject(u->keys, &r->id, &subject)
	               : keyring_is_subject(u->keys, &r->id, &subject))
		return true;
	msisdn_wipe(number);
	answer_reason(p->call, "DENIED", "subject", "this id was sent for another SUBJECT");
	return false;
}

static void prove(const struct prove *p, const struct store_record *r)
{
	const struct flow_proof *opts = &p->u->opts->proof;
	const struct policy_purpose *purpose = policy_purpose_of_tag(&p->u->opts->policy, r->purpose_tag);
	const int64_t now_ms = store_now_ms(p->u->store);
	struct msisdn number;
	struct buf token;

	/* A reload may have taken the keys away. */
	if (!has_key(p->u, p->call) || !may_prove(p, r, now_ms) || !read_subject(p, r, purpose, &number))
		return;
	const struct proof_claims claims = { .issuer = opts->issuer,
		                             .audience = p->audience,
		                             .purpose = purpose->name,
		                             .subject = p->subject,
		                             .subject_len = p->subject_len,
		                             .number = &number,
		                             .verified_at = r->ended_ms / 1000,
		                             .issued_at = now_ms / 1000,
		                             .expires_at = now_ms / 1000 + opts->ttl_s };
	buf_init(&token, PROOF_TOKEN_CAP);
	enum err err = proof_sign(opts->keys, &claims, &token);
	if (err) {
		answer_internal(p->call, err_name(err));
	} else {
		funnel_count(FUNNEL_PROVED);
		api_reply_bulk(p->call, (const char *)buf_data(&token), buf_len(&token));
	}
	buf_clear(&token);
	msisdn_wipe(&number);
}

static void prove_free(struct prove *p)
{
	secret_wipe(p, sizeof(*p));
	free(p);
}

static void on_found(void *arg, enum err err, const struct successor_rep *rep)
{
	struct prove *p = arg;

	overload_done(p->u->overload, &p->pass, err);
	if (err)
		answer_unavailable(p->u, p->call);
	else if (rep->gone != STORE_LIVE)
		answer_gone(p->call, rep->gone, rep->gone_ms);
	else
		prove(p, rep->record);
	prove_free(p);
}

void prove_start(const struct ask_uses *u, struct api_call *call)
{
	struct prove *p = calloc(1, sizeof(*p));

	if (!p) {
		answer_internal(call, "no_memory");
		return;
	}
	p->u = u;
	p->call = call;
	if (!read_call(u, call, p)) {
		prove_free(p);
		return;
	}
	overload_follow(u->overload, call, OVERLOAD_ASKING, &p->pass);
	p->find = (struct successor){ .fn = on_found, .arg = p };
	enum err err = successor_find(&p->find, u->store, u->keys, tenants_of(call)->tag, &p->id);
	if (!err)
		return;
	overload_leave(u->overload, &p->pass);
	entry_unasked(u, call, OVERLOAD_ASKING, err);
	prove_free(p);
}
