/*
 * issue: OTP.SEND from the request to the acknowledged id.
 * What cannot be sent is not accepted: a place in the queue comes first, then the code, then the one script that
 * decides. Owns the clear code until deliver has it; wipes it on every path.
 */
#include "issue.h"

#include "answer.h"
#include "args.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/pause.h"
#include "deliver.h"
#include "funnel.h"
#include "gate.h"
#include "limits.h"
#include "once.h"
#include "path.h"
#include "otp/message.h"
#include "query.h"
#include "resend.h"
#include "service.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOPIC "issue"

/* One SEND under way; lives from the store's start to its answer. */
struct issue {
	struct flow *f;
	struct api_call *call;
	struct service_tenant *tenant;
	struct message_payload payload;
	struct store_issue_req req;
	uint8_t reqid_tag[KEYRING_TAG_LEN];
	struct gate_pass pass;
	struct deliver_place place;
	int route;
	bool full;
};

static void issue_free(struct issue *is)
{
	gate_leave(is->f->gate, &is->pass);
	message_wipe(&is->payload);
	secret_wipe(is, sizeof(*is));
	free(is);
}

static bool read_number(struct flow *f, struct api_call *call, struct msisdn *to)
{
	struct api_arg arg = api_call_arg(call, 0);
	enum msisdn_reason reason = msisdn_parse(&f->opts.plan, arg.ptr, arg.len, to, NULL);

	if (reason == MSISDN_OK)
		return true;
	answer_reason(call, "BADNUMBER", msisdn_reason_name(reason), msisdn_reason_text(reason));
	return false;
}

static bool read_terms(struct flow *f, struct api_call *call, const struct args *a, struct policy_terms *terms)
{
	const struct policy_ask ask = { .purpose = a->value[ARGS_PURPOSE].ptr,
		                        .purpose_len = a->value[ARGS_PURPOSE].len,
		                        .template_name = a->value[ARGS_TEMPLATE].ptr,
		                        .template_len = a->value[ARGS_TEMPLATE].len,
		                        .lang = a->value[ARGS_LANG].ptr,
		                        .lang_len = a->value[ARGS_LANG].len,
		                        .ttl_s = a->ttl_s,
		                        .length = a->length };
	char text[80];

	switch (policy_terms(&f->opts.policy, service_tenant(call)->rights, &ask, terms)) {
	case POLICY_OK:
		return true;
	case POLICY_BAD_PURPOSE:
		answer_badarg(call, "PURPOSE", "no purpose of this name is configured");
		return false;
	case POLICY_NOT_ALLOWED:
		answer_reason(call, "DENIED", "purpose", "the tenant may not use this purpose");
		return false;
	case POLICY_BAD_TTL:
		snprintf(text, sizeof(text), "must be %d seconds up to the purpose's ttl_max_s", POLICY_TTL_MIN_S);
		answer_badarg(call, "TTL", text);
		return false;
	case POLICY_BAD_LENGTH:
		snprintf(text, sizeof(text), "must be %d to %d", CODE_LEN_MIN, CODE_LEN_MAX);
		answer_badarg(call, "LENGTH", text);
		return false;
	case POLICY_BAD_TEMPLATE:
		answer_reason(call, "BADTEMPLATE", "unknown_template", "no template of this name is configured");
		return false;
	case POLICY_BAD_LANG:
		answer_reason(call, "BADTEMPLATE", "unknown_lang", "the template has no text in this language");
		return false;
	}
	return false;
}

/* What is wrong with the value of a VAR, and what would be right. */
static void say_value(const struct text_template *x, const struct text_var *v, char *out, size_t cap)
{
	uint32_t point;
	enum usertext_kind kind = text_kind_of(x, v);
	enum usertext_fault fault = usertext_check(v->value, v->value_len, kind, &point);
	int n = (int)(v->name_len < TEXT_NAME_CAP ? v->name_len : TEXT_NAME_CAP);

	if (fault == USERTEXT_OK)
		snprintf(out, cap, "VAR %.*s reads as a link with what stands beside it; put a space behind its dots",
		         n, v->name);
	else if (fault == USERTEXT_LINK)
		snprintf(out, cap, "VAR %.*s reads as a link; put a space behind its dots", n, v->name);
	else if (point)
		snprintf(out, cap, "VAR %.*s has U+%04X, %s; right are %s", n, v->name, (unsigned)point,
		         usertext_fault_text(fault), usertext_kind_text(kind));
	else
		snprintf(out, cap, "VAR %.*s has %s; right are %s", n, v->name, usertext_fault_text(fault),
		         usertext_kind_text(kind));
}

static void say_long(const struct text_fill *fill, char *out, size_t cap)
{
	struct text_size size;
	char words[TEXT_SIZE_WORDS_CAP];

	text_fill_size(fill, &size);
	text_size_words(&size, fill->sets, words);
	snprintf(out, cap, "the text does not fit one SMS: %s", words);
}

static bool fill_text(const struct flow *f, struct api_call *call, const struct args *a,
                      const struct policy_terms *terms, char *out)
{
	char missing[TEXT_NAME_CAP] = "", text[TEXT_SIZE_WORDS_CAP + 64] = "the text cannot be sent";
	size_t which = 0;
	const struct text_fill fill = { .x = terms->text,
		                        .brand = terms->purpose->brand,
		                        .ref = "",
		                        .vars = a->vars,
		                        .var_count = a->var_count,
		                        .code_len = terms->code_len,
		                        .sets = f->opts.policy.charsets };
	enum text_fault fault = text_fill(&fill, out, &which, missing);

	if (fault == TEXT_OK)
		return true;
	if (fault == TEXT_TOO_LONG)
		say_long(&fill, text, sizeof(text));
	if (fault == TEXT_VAR_MISSING)
		snprintf(text, sizeof(text), "the template needs VAR %s=...", missing);
	if (fault == TEXT_VAR_UNUSED && which < a->var_count)
		snprintf(text, sizeof(text), "VAR %.*s is not in the template", (int)a->vars[which].name_len,
		         a->vars[which].name);
	if (fault == TEXT_VAR_BAD && which < a->var_count)
		say_value(terms->text, &a->vars[which], text, sizeof(text));
	answer_reason(call, "BADTEMPLATE", text_fault_name(fault), text);
	return false;
}

static bool check_rights(const struct issue *is, const struct args *a)
{
	const struct policy_tenant *rights = is->tenant->rights;

	if (a->known && !rights->known) {
		answer_reason(is->call, "DENIED", "right", "tenants.known does not allow this tenant KNOWN 1");
		return false;
	}
	if ((rights->require_subject || a->known) && !a->given[ARGS_SUBJECT]) {
		answer_badarg(is->call, "SUBJECT",
		              a->known ? "KNOWN 1 needs SUBJECT: without it strangers share the verification"
		                       : "this tenant must name whom the code is for: SUBJECT session");
		return false;
	}
	return true;
}

/* Everything that can be refused without the store and without a place in the queue. */
static bool check(struct issue *is, const struct args *a, struct policy_terms *terms)
{
	struct flow *f = is->f;

	if (!check_rights(is, a) || !read_number(f, is->call, &is->payload.number) ||
	    !read_terms(f, is->call, a, terms) || !fill_text(f, is->call, a, terms, is->payload.text))
		return false;
	is->route = smpp_route(f->smpp, &is->payload.number);
	if (is->route < 0) {
		answer_reason(is->call, "BLOCKED", "no_route", "no route serves this number");
		return false;
	}
	if (store_up(f->store))
		return answer_promised(f, is->call);
	answer_unavailable(f, is->call);
	return false;
}

/* A pass, a place, and last the tenant's rate: what is refused for load costs it nothing. */
static bool enter(struct issue *is, const struct policy_terms *terms)
{
	struct flow *f = is->f;
	struct answer_limit limit = { .code = "RATELIMITED", .text = "too many requests" };
	const struct deliver_ask ask = { .who = { is->tenant, api_call_client(is->call) },
		                         .route = is->route,
		                         .deadline_ms = (int64_t)terms->deadline_s * 1000 };

	if (!gate_enter(f->gate, is->call, GATE_SENDING, &is->pass))
		return false;
	enum gate_reason reason = deliver_reserve(f->deliver, &ask, &is->place, &limit.retry_ms);
	if (reason != GATE_OPEN) {
		gate_refuse(f->gate, is->call, reason, limit.retry_ms);
		return false;
	}
	if (service_admit(f->service, is->tenant, &limit.scope, &limit.retry_ms))
		return true;
	deliver_cancel(f->deliver, &is->place);
	funnel_count(FUNNEL_LIMITED);
	answer_limited(is->call, &limit);
	return false;
}

static void fill_request(struct issue *is, const struct args *a, const struct policy_terms *terms)
{
	struct flow *f = is->f;
	const struct policy_purpose *p = terms->purpose;
	struct store_issue_req *req = &is->req;

	req->tenant_tag = is->tenant->tag;
	once_send(f, is->tenant->tag, a, &is->payload.number, (struct once_tags){ is->reqid_tag, req->once.args_tag });
	req->once.reqid_tag = a->given[ARGS_REQID] ? is->reqid_tag : NULL;
	req->once.memory_ms = f->opts.policy.idempotency_s * 1000U;
	req->equal_window_ms = f->opts.policy.equal_window_s * 1000U;
	req->limits = limits_of(p, a->known);
	req->known = a->known;
	req->code_len = terms->code_len;
	req->alphabet = p->alphabet;
	req->guesses = p->guesses;
	req->sends_max = (uint8_t)(p->resends + 1);
	for (size_t i = 0; i < POLICY_WAITS_MAX; i++)
		req->wait_ms[i] = i < p->wait_count ? p->waits_s[i] * 1000U : 0;
	req->ttl_ms = terms->ttl_s * 1000U;
	req->hard_ms = terms->hard_s * 1000U;
	req->deadline_ms = terms->deadline_s * 1000U;
	req->hard_end_ms = store_now_ms(f->store) + req->hard_ms;
	is->full = a->full;
	snprintf(is->payload.purpose, sizeof(is->payload.purpose), "%s", p->name);
	snprintf(is->payload.sender, sizeof(is->payload.sender), "%s", p->sender);
	if (a->given[ARGS_SENDER])
		snprintf(is->payload.sender, sizeof(is->payload.sender), "%.*s", (int)a->value[ARGS_SENDER].len,
		         a->value[ARGS_SENDER].ptr);
}

/* Code, id, MAC and seal. */
static enum err make_code(struct issue *is, const struct args *a, const struct policy_terms *terms)
{
	const struct keyring *keys = is->f->keys;
	const struct keyring_subject subject = { .tenant = is->tenant->name,
		                                 .purpose = terms->purpose->name,
		                                 .subject = a->value[ARGS_SUBJECT].ptr,
		                                 .subject_len = a->value[ARGS_SUBJECT].len,
		                                 .number = &is->payload.number };
	struct code *code = &is->payload.code;
	uint8_t packed[KEYRING_PAYLOAD_LEN];
	enum err err = code_make(terms->purpose->alphabet, terms->code_len, code);

	if (err)
		return err;
	keyring_ident(keys, &subject, &is->req.id);
	err = keyring_mac(keys, &is->req.id, code->text, strlen(code->text), is->req.mac);
	if (!err)
		err = message_pack(&is->payload, packed);
	if (!err)
		err = keyring_seal(keys, &is->req.id, is->req.hard_end_ms, packed, is->req.sealed);
	secret_wipe(packed, sizeof(packed));
	return err;
}

static void on_created(struct issue *is, const struct store_issue_rep *rep)
{
	const struct deliver_order order = { .id = rep->id,
		                             .payload = &is->payload,
		                             .ttl_ms = is->req.ttl_ms,
		                             .hard_end_ms = is->req.hard_end_ms,
		                             .deadline_ms = is->req.hard_end_ms - is->req.hard_ms + is->req.deadline_ms,
		                             .sent_ms = is->req.hard_end_ms - is->req.hard_ms,
		                             .known = is->req.known,
		                             .lease_end_ms = rep->lease_end_ms };

	pause_point("c1");
	path_step(&rep->id, "created", "tenant=%s purpose=%s", is->tenant->name, is->payload.purpose);
	is->tenant->sends++;
	funnel_count(FUNNEL_CREATED);
	if (deliver_commit(is->f->deliver, &order, &is->place) != ERR_OK)
		log_error(TOPIC, "no_memory the journal sends it later");
	if (is->full)
		query_full(is->f, is->call, &rep->id);
	else
		answer_id(is->call, &rep->id);
}

/* The tuple has a live verification: this SEND is a resend of it. */
static void on_live(struct issue *is, const struct store_issue_rep *rep)
{
	struct resend_live live = { .call = is->call,
		                    .record = rep->record,
		                    .payload = &is->payload,
		                    .pass = is->pass,
		                    .place = is->place,
		                    .full = is->full };

	live.req.tenant_tag = is->req.tenant_tag;
	live.req.once = is->req.once;
	live.req.equal_window_ms = is->req.equal_window_ms;
	live.known = is->req.known ? &is->req.limits : NULL;
	live.req.deadline_ms = is->req.deadline_ms;
	is->pass = (struct gate_pass){ 0 };
	resend_live(is->f, &live);
}

static void on_limited(struct issue *is, const struct store_issue_rep *rep)
{
	static const struct answer_limit limits[] = {
		[STORE_LIMITED_SENDS] = { .code = "RATELIMITED", .scope = "number", .text = ANSWER_NUMBER_SENDS },
		[STORE_LIMITED_GUESSES] = { .code = "RATELIMITED",
		                            .scope = "guesses",
		                            .text = "too many wrong codes were typed for this number" },
		[STORE_LIMITED_WAIT] = { .code = "RATELIMITED",
		                         .scope = "verification",
		                         .text = "a code was sent a moment ago; wait before the next" },
	};
	struct answer_limit limit = limits[rep->limited_by];

	is->tenant->limited++;
	funnel_count(FUNNEL_LIMITED);
	limit.retry_ms = rep->retry_ms;
	answer_limited(is->call, &limit);
}

static void on_issued(void *arg, enum err err, const struct store_issue_rep *rep)
{
	struct issue *is = arg;

	if (err) {
		deliver_cancel(is->f->deliver, &is->place);
		answer_unavailable(is->f, is->call);
		issue_free(is);
		return;
	}
	gate_answered(is->f->gate, &is->pass);
	if (rep->outcome != STORE_ISSUE_CREATED && rep->outcome != STORE_ISSUE_LIVE)
		deliver_cancel(is->f->deliver, &is->place);
	switch (rep->outcome) {
	case STORE_ISSUE_CREATED:
		on_created(is, rep);
		break;
	case STORE_ISSUE_LIVE:
		on_live(is, rep);
		break;
	case STORE_ISSUE_REPLAYED:
		funnel_count(FUNNEL_REPLAYED);
		if (is->full)
			query_full(is->f, is->call, &rep->id);
		else
			answer_id(is->call, &rep->id);
		break;
	case STORE_ISSUE_LIMITED:
		on_limited(is, rep);
		break;
	case STORE_ISSUE_CONFLICT:
		answer_conflict(is->call, &rep->id);
		break;
	case STORE_ISSUE_UNREADABLE:
		answer_unreadable(is->call);
		break;
	}
	issue_free(is);
}

/* With a place reserved: make the code and ask the store. */
static void decide(struct issue *is, const struct args *a, const struct policy_terms *terms)
{
	enum err err;

	fill_request(is, a, terms);
	err = make_code(is, a, terms);
	if (err) {
		deliver_cancel(is->f->deliver, &is->place);
		answer_internal(is->call, err_name(err));
		issue_free(is);
		return;
	}
	pause_point("c0");
	err = store_issue(is->f->store, &is->req, on_issued, is);
	if (!err)
		return;
	deliver_cancel(is->f->deliver, &is->place);
	gate_unasked(is->f->gate, is->call, GATE_SENDING, err);
	issue_free(is);
}

void issue_start(struct flow *f, struct api_call *call)
{
	struct args a;
	struct policy_terms terms;

	if (!args_parse(call, &a))
		return;
	struct issue *is = calloc(1, sizeof(*is));
	if (!is) {
		answer_internal(call, "no_memory");
		return;
	}
	is->f = f;
	is->call = call;
	is->tenant = service_tenant(call);
	if (!check(is, &a, &terms) || !enter(is, &terms)) {
		issue_free(is);
		return;
	}
	decide(is, &a, &terms);
}
