/*
 * terms: checks the rights, the number, the purpose and the text of a SEND before anything is promised. The first fault
 * is answered, with a text that says what would be right. Owns nothing. Must never ask Redis or an SMSC.
 */
#include "terms.h"

#include "answer.h"
#include "flow/guard/tenants.h"
#include "testing.h"
#include "otp/reverse.h"

#include <stdio.h>
#include <string.h>

static bool check_rights(struct api_call *call, const struct options *a)
{
	const struct policy_tenant *rights = tenants_of(call)->rights;

	if (a->known && !rights->known) {
		answer_reason(call, "DENIED", "right", "tenants.known does not allow this tenant KNOWN 1");
		return false;
	}
	if ((rights->require_subject || a->known) && !a->given[OPTION_SUBJECT]) {
		answer_badarg(call, "SUBJECT",
		              a->known ? "KNOWN 1 needs SUBJECT, because otherwise strangers share the verification"
		                       : "this tenant must give SUBJECT, which names whom the code is for");
		return false;
	}
	return true;
}

static bool check_binding(struct api_call *call, const struct options *a)
{
	const struct text_var *clash = binding_clash(&a->binding, a->vars, a->var_count);

	if (clash)
		answer_badarg(call, "BIND", "a VAR has this name; give each name once");
	return !clash;
}

bool terms_number(const struct ask_uses *u, struct api_call *call, size_t i, struct msisdn *to)
{
	struct api_arg arg = api_call_arg(call, i);
	enum msisdn_reason reason = msisdn_parse(&u->opts->plan, arg.ptr, arg.len, to, NULL);

	if (reason == MSISDN_OK)
		return true;
	answer_reason(call, "BADNUMBER", msisdn_reason_name(reason), msisdn_reason_text(reason));
	return false;
}

static bool read_terms(const struct ask_uses *u, struct api_call *call, const struct options *a,
                       struct policy_terms *terms)
{
	const struct policy_ask ask = { .purpose = a->value[OPTION_PURPOSE].ptr,
		                        .purpose_len = a->value[OPTION_PURPOSE].len,
		                        .template_name = a->value[OPTION_TEMPLATE].ptr,
		                        .template_len = a->value[OPTION_TEMPLATE].len,
		                        .lang = a->value[OPTION_LANG].ptr,
		                        .lang_len = a->value[OPTION_LANG].len,
		                        .ttl_s = a->ttl_s,
		                        .length = a->length };
	char text[80];

	switch (policy_terms(&u->opts->policy, tenants_of(call)->rights, &ask, terms)) {
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
		snprintf(text, sizeof(text), "must be %d to %d, or at most %d for a purpose with a check digit",
		         CODE_LEN_MIN, CODE_LEN_MAX, CODE_LEN_MAX - 1);
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

/* Writes what is wrong with the value of a VAR or BIND, and what would be right. */
static void say_value(const struct text_template *x, const char *option, const struct text_var *v, char *out,
                      size_t cap)
{
	uint32_t point;
	enum usertext_kind kind = text_kind_of(x, v);
	enum usertext_fault fault = usertext_check(v->value, v->value_len, kind, &point);
	char name[TEXT_NAME_CAP + 8];

	snprintf(name, sizeof(name), "%s %.*s", option,
	         (int)(v->name_len < TEXT_NAME_CAP ? v->name_len : TEXT_NAME_CAP), v->name);
	if (fault == USERTEXT_OK)
		snprintf(out, cap, "%s reads as a link with what stands beside it; put a space after each dot", name);
	else if (fault == USERTEXT_LINK)
		snprintf(out, cap, "%s reads as a link; put a space after each dot", name);
	else if (point)
		snprintf(out, cap, "%s has U+%04X, %s; right are %s", name, (unsigned)point, usertext_fault_text(fault),
		         usertext_kind_text(kind));
	else
		snprintf(out, cap, "%s has %s; right are %s", name, usertext_fault_text(fault),
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

static bool fill_text(const struct ask_uses *u, struct api_call *call, const struct options *a,
                      const struct policy_terms *terms, struct message_payload *payload)
{
	struct text_var vars[TEXT_VARS_MAX + BINDING_MAX];
	char missing[TEXT_NAME_CAP] = "", text[TEXT_SIZE_WORDS_CAP + 64] = "the text cannot be sent";
	const struct texts_text *known = texts_of(u->texts, &u->opts->policy, terms);
	struct message_origin *origin = &payload->origin;
	size_t which = 0;
	memcpy(vars, a->vars, a->var_count * sizeof(vars[0]));
	const struct text_fill fill = { .x = terms->text,
		                        .brand = terms->purpose->brand,
		                        .vars = vars,
		                        .var_count = binding_show(&a->binding, terms->text, vars, a->var_count),
		                        .code_len = terms->code_len,
		                        .sets = u->opts->policy.charsets,
		                        .own = known->measured ? &known->own : NULL };
	enum text_fault fault = text_fill(&fill, payload->text, &origin->vars, &which, missing);

	if (fault == TEXT_OK) {
		origin->known = true;
		memcpy(origin->hash, known->hash, sizeof(origin->hash));
		return true;
	}
	if (fault == TEXT_TOO_LONG)
		say_long(&fill, text, sizeof(text));
	if (fault == TEXT_VAR_MISSING)
		snprintf(text, sizeof(text), "the template needs VAR %s=...", missing);
	if (fault == TEXT_VAR_UNUSED && which >= TEXT_VARS_MAX)
		snprintf(text, sizeof(text), "at most %d names in a text, of VAR and BIND together", TEXT_VARS_MAX);
	else if (fault == TEXT_VAR_UNUSED && which < fill.var_count)
		snprintf(text, sizeof(text), "VAR %.*s is not in the template", (int)vars[which].name_len,
		         vars[which].name);
	if (fault == TEXT_VAR_BAD && which < fill.var_count)
		say_value(terms->text, which < a->var_count ? "VAR" : "BIND", &vars[which], text, sizeof(text));
	answer_reason(call, "BADTEMPLATE", text_fault_name(fault), text);
	return false;
}

bool terms_read(const struct ask_uses *u, struct api_call *call, const struct options *a, struct policy_terms *terms,
                struct message_payload *payload)
{
	return check_rights(call, a) && check_binding(call, a) && terms_number(u, call, 0, &payload->number) &&
	       read_terms(u, call, a, terms) && testing_read(u, call, a, terms, payload) &&
	       fill_text(u, call, a, terms, payload);
}

bool terms_fit(const struct ask_uses *u, struct api_call *call, const struct message_payload *payload)
{
	char text[TEXT_SIZE_WORDS_CAP + 96], words[TEXT_SIZE_WORDS_CAP];
	size_t len = strlen(payload->code.text);
	struct text_size size;

	if (text_fits(payload->text, len, u->opts->policy.charsets) == TEXT_OK)
		return true;
	text_fits_size(payload->text, len, &size);
	text_size_words(&size, u->opts->policy.charsets, words);
	snprintf(text, sizeof(text), "the text does not fit one SMS with the live code, which has %zu characters: %s",
	         len, words);
	answer_reason(call, "BADTEMPLATE", text_fault_name(TEXT_TOO_LONG), text);
	return false;
}

void terms_sender(const struct policy_purpose *p, const struct options *a, struct message_payload *payload)
{
	const struct api_arg own = a->value[OPTION_SENDER];

	payload->origin.own_sender = a->given[OPTION_SENDER];
	if (payload->origin.own_sender)
		snprintf(payload->sender, sizeof(payload->sender), "%.*s", (int)own.len, own.ptr);
	else
		snprintf(payload->sender, sizeof(payload->sender), "%s", p->sender);
}

uint32_t terms_deadline_ms(const struct policy_purpose *p, uint32_t ttl_ms)
{
	return p->deadline_s < ttl_ms / 2000 ? p->deadline_s * 1000U : ttl_ms / 2;
}

/* A purpose's limits in the form of the store. A known device has its own limit of sends. */
static struct store_limits limits_of(const struct policy_purpose *p, bool known)
{
	const struct policy_rate none = { 0, 0 };

	return (struct store_limits){ .sends_short = known ? p->number_sends_known : p->number_sends_short,
		                      .sends_long = known ? none : p->number_sends_long,
		                      .fails_short = p->number_fails_short,
		                      .fails_long = p->number_fails_long };
}

void terms_issue(const struct policy_purpose *p, bool known, bool test, struct store_issue_req *req)
{
	req->purpose_tag = p->tag;
	req->limits = limits_of(p, known);
	req->known = known;
	req->test = test;
	if (test)
		testing_unlimited(&req->limits);
	req->check_digit = p->check_digit && !test;
	req->alphabet = p->alphabet;
	req->guesses = p->guesses;
	req->resend = test ? POLICY_RESEND_SAME : p->resend;
	req->sends_max = (uint8_t)(p->resends + 1);
	for (size_t i = 0; i < POLICY_WAITS_MAX; i++)
		req->wait_s[i] = (uint16_t)(i < p->wait_count ? p->waits_s[i] : 0);
}

enum err terms_code(const struct store_issue_req *req, struct code *code)
{
	if (req->test || req->own_code)
		return ERR_OK;
	return req->check_digit ? code_make_checked(req->code_len, code)
	                        : code_make(req->alphabet, req->code_len, code);
}

bool terms_reverse(const struct ask_uses *u, struct api_call *call, struct options *a, struct policy_terms *terms)
{
	if (!read_terms(u, call, a, terms))
		return false;
	if (!terms->purpose->reverse) {
		answer_reason(call, "DENIED", "reverse", "purposes.reverse does not allow it for this purpose");
		return false;
	}
	a->value[OPTION_TEMPLATE] = (struct api_arg){ REVERSE_TEMPLATE, strlen(REVERSE_TEMPLATE) };
	return read_terms(u, call, a, terms);
}
