/*
 * reverse: OTP.REVERSE, from the request to the answer. No SMS is sent and no code is made, so there is neither a place
 * in the queue nor a lease. With a REQID the token is a keyed hash of it, so that a repeated request leads to the same
 * record. Owns the clear token until the answer, and wipes it.
 */
#include "reverse.h"

#include "answer.h"
#include "entry.h"
#include "options.h"
#include "base/secret.h"
#include "ops/funnel.h"
#include "idempotency.h"
#include "flow/news/path.h"
#include "flow/guard/tenants.h"
#include "otp/reverse.h"
#include "terms.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUBJECT_CAP 128 /* the option table limits it */
#define TRIES_MAX 3     /* tokens that are tried until one is free; the second is needed once in 10^11 times */

struct reverse {
	const struct ask_uses *u;
	struct api_call *call;
	struct tenant *tenant;
	struct overload_pass pass;
	struct store_reverse_req req;
	uint8_t reqid_tag[KEYRING_TAG_LEN], number[KEYRING_NUMBER_SEALED_LEN];
	struct msisdn must; /* the number that must send the token; "": any */
	struct reverse_token token;
	unsigned tries;
	/* Copies, because another token may be needed after the handler has returned. */
	char subject[SUBJECT_CAP], purpose[TEXT_NAME_CAP], to[SMPP_MO_CAP];
	size_t subject_len;
	char text[REVERSE_TEXT_CAP]; /* filled */
};

static void reverse_free(struct reverse *r)
{
	overload_leave(r->u->overload, &r->pass);
	secret_wipe(r, sizeof(*r));
	free(r);
}

/* --- the answer --- */

static void answer_opened(struct reverse *r, const struct ident *id, int64_t end_ms)
{
	char text[IDENT_TEXT_LEN + 1], uri[REVERSE_URI_CAP], end[24];

	answer_tag(r->call, id);
	ident_format(id, text);
	snprintf(end, sizeof(end), "%" PRId64, end_ms / 1000);
	if (reverse_uri(r->to, r->text, uri) != ERR_OK) {
		answer_internal(r->call, "uri");
		return;
	}
	const struct api_pair pairs[] = {
		{ "id", text }, { "text", r->text }, { "to", r->to }, { "uri", uri }, { "expires_at", end },
	};

	api_reply_map(r->call, pairs, sizeof(pairs) / sizeof(pairs[0]));
	secret_wipe(uri, sizeof(uri));
}

static void ask_store(struct reverse *r);

static void on_opened(void *arg, enum err err, const struct store_reverse_rep *rep)
{
	struct reverse *r = arg;

	if (err) {
		answer_unavailable(r->u, r->call);
		reverse_free(r);
		return;
	}
	overload_answered(r->u->overload, &r->pass);
	switch (rep->outcome) {
	case STORE_REVERSE_OPENED:
		funnel_count(FUNNEL_CREATED);
		path_step(&rep->id, "opened", "tenant=%s purpose=%s", r->tenant->name, r->purpose);
		answer_opened(r, &rep->id, r->req.end_ms);
		break;
	case STORE_REVERSE_REPLAYED:
		funnel_count(FUNNEL_REPLAYED);
		answer_opened(r, &rep->id, rep->end_ms);
		break;
	case STORE_REVERSE_CONFLICT:
		answer_conflict(r->call, &rep->id);
		break;
	case STORE_REVERSE_TAKEN:
		ask_store(r);
		return;
	case STORE_REVERSE_UNREADABLE:
		answer_unreadable(r->call);
		break;
	}
	reverse_free(r);
}

/* --- the token --- */

/* Makes the next token. With a REQID it is a hash of that and of the number of the try. */
static void make_token(struct reverse *r)
{
	uint8_t seed[KEYRING_TAG_LEN + 2] = { 0 }, hash[KEYRING_TAG_LEN];

	if (!r->req.once.reqid_tag) {
		reverse_make(&r->token);
		return;
	}
	memcpy(seed, r->reqid_tag, KEYRING_TAG_LEN);
	seed[KEYRING_TAG_LEN] = (uint8_t)r->tries;
	do {
		seed[KEYRING_TAG_LEN + 1]++;
		keyring_tag(r->u->keys, "token.reverse", seed, sizeof(seed), hash);
	} while (!reverse_of_hash(hash, sizeof(hash), &r->token));
	secret_wipe(seed, sizeof(seed));
	secret_wipe(hash, sizeof(hash));
}

/* Seals the number that must send the token, if there is one, for the id of this token. */
static enum err make_id(struct reverse *r)
{
	const struct keyring_subject subject = {
		.tenant = r->tenant->name, .purpose = r->purpose, .subject = r->subject, .subject_len = r->subject_len
	};

	keyring_reverse(r->u->keys, &subject, r->token.text, &r->req.id);
	if (!r->must.digits[0])
		return ERR_OK;
	r->req.number = r->number;
	return keyring_seal_number(r->u->keys, &r->req.id, &r->must, r->number);
}

/* Puts the token into the text, in place of the one before. */
static void put_token(struct reverse *r, const struct reverse_token *former)
{
	char *at = strstr(r->text, former->text);

	if (at)
		memcpy(at, r->token.text, REVERSE_TOKEN_LEN);
}

/* Asks the store with a token of its own. Takes ownership of r. */
static void ask_store(struct reverse *r)
{
	struct reverse_token former = r->token;
	enum err err = r->tries++ < TRIES_MAX ? ERR_OK : ERR_INTERNAL;

	make_token(r);
	put_token(r, &former);
	secret_wipe(&former, sizeof(former));
	if (!err)
		err = make_id(r);
	if (err) {
		answer_internal(r->call, "token");
		reverse_free(r);
		return;
	}
	err = store_reverse(r->u->store, &r->req, on_opened, r);
	if (!err)
		return;
	entry_unasked(r->u, r->call, OVERLOAD_SENDING, err);
	reverse_free(r);
}

/* --- the request --- */

static bool check_subject(struct api_call *call, const struct options *a)
{
	if (a->given[OPTION_SUBJECT])
		return true;
	answer_badarg(call, "SUBJECT", "OTP.REVERSE needs SUBJECT, which names whom the verification is for");
	return false;
}

/* Reads NUMBER, if it is given, and finds its route. False: the call has been answered. */
static bool read_number(const struct ask_uses *u, struct api_call *call, const struct options *a, struct msisdn *out,
                        int *route)
{
	struct api_arg arg = a->value[OPTION_NUMBER];
	enum msisdn_reason reason;

	*route = -1;
	memset(out, 0, sizeof(*out));
	if (!a->given[OPTION_NUMBER])
		return true;
	reason = msisdn_parse(&u->opts->plan, arg.ptr, arg.len, out, NULL);
	if (reason == MSISDN_OK) {
		*route = smpp_route(u->smpp, out);
		return true;
	}
	answer_reason(call, "BADNUMBER", msisdn_reason_name(reason), msisdn_reason_text(reason));
	return false;
}

static bool check_guarded(struct api_call *call, const struct options *a, const struct policy_terms *terms)
{
	if (a->given[OPTION_NUMBER] || !policy_guards_account(terms->purpose))
		return true;
	answer_badarg(call, "NUMBER", "this purpose guards an account, so OTP.REVERSE needs the NUMBER that must send");
	return false;
}

/* Finds the address to send to, and sees that the store is there. False: the call has been answered. */
static bool check_ways(const struct ask_uses *u, struct api_call *call, int route, const char **to)
{
	*to = smpp_mo_address(u->smpp, route);
	if (!*to) {
		answer_reason(call, "BLOCKED", "no_mo", "no SMSC has an address for messages of phones (smsc.mo)");
		return false;
	}
	if (store_up(u->store))
		return answer_promised(u, call);
	answer_unavailable(u, call);
	return false;
}

static enum err fill(struct reverse *r, const struct options *a, const struct policy_terms *terms, const char *to)
{
	const struct policy_purpose *p = terms->purpose;
	struct api_arg subject = a->value[OPTION_SUBJECT];

	r->req.tenant_tag = r->tenant->tag;
	r->req.purpose_tag = p->tag;
	r->req.life_ms = terms->hard_s * 1000U;
	r->req.end_ms = store_now_ms(r->u->store) + r->req.life_ms;
	idempotency_reverse(r->u, r->tenant->tag, a, &r->must,
	                    (struct idempotency_tags){ r->reqid_tag, r->req.once.args_tag });
	r->req.once.reqid_tag = a->given[OPTION_REQID] ? r->reqid_tag : NULL;
	r->req.once.memory_ms = r->u->opts->policy.idempotency_s * 1000U;
	r->subject_len = subject.len < sizeof(r->subject) ? subject.len : sizeof(r->subject);
	memcpy(r->subject, subject.ptr, r->subject_len);
	snprintf(r->purpose, sizeof(r->purpose), "%s", p->name);
	snprintf(r->to, sizeof(r->to), "%s", to);
	reverse_make(&r->token);
	return reverse_fill(terms->text->text, p->brand, &r->token, r->text);
}

void reverse_start(const struct ask_uses *u, struct api_call *call)
{
	struct options a;
	struct policy_terms terms;
	struct msisdn must;
	const char *to;
	int route;

	if (!options_read(call, &a) || !check_subject(call, &a) || !terms_reverse(u, call, &a, &terms) ||
	    !read_number(u, call, &a, &must, &route) || !check_guarded(call, &a, &terms) ||
	    !check_ways(u, call, route, &to))
		return;
	struct reverse *r = calloc(1, sizeof(*r));
	if (!r) {
		answer_internal(call, "no_memory");
		return;
	}
	*r = (struct reverse){ .u = u, .call = call, .tenant = tenants_of(call), .must = must };
	msisdn_wipe(&must);
	if (!entry_enter(u, call, OVERLOAD_SENDING, &r->pass) || !entry_rate(u, call, r->tenant)) {
		reverse_free(r);
		return;
	}
	if (fill(r, &a, &terms, to) != ERR_OK) {
		answer_internal(call, "template");
		reverse_free(r);
		return;
	}
	ask_store(r);
}
