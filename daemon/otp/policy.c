/*
 * policy: finds the purpose, the text and the limits of a request, and the tenant of a peer. This file owns nothing,
 * because its results point into the options. It must never use the clock, the store or the configuration file.
 */
#include "otp/policy.h"

#include <string.h>

static bool same(const char *name, const char *text, size_t len)
{
	return strlen(name) == len && memcmp(name, text, len) == 0;
}

static const struct policy_purpose *find_purpose(const struct policy_opts *o, const struct policy_ask *ask)
{
	const char *name = ask->purpose ? ask->purpose : o->default_purpose;
	size_t len = ask->purpose ? ask->purpose_len : (name ? strlen(name) : 0);

	for (size_t i = 0; name && i < o->purpose_count; i++) {
		if (same(o->purposes[i].name, name, len))
			return &o->purposes[i];
	}
	return NULL;
}

static bool may_use(const struct policy_tenant *t, const struct policy_purpose *p)
{
	if (!t)
		return false;
	for (size_t i = 0; i < t->purpose_count; i++) {
		if (strcmp(t->purposes[i], p->name) == 0)
			return true;
	}
	return t->purpose_count == 0;
}

/*
 * Finds the template in the language of the request. A request that names no language gets the default language, or
 * else the first language that the template has.
 */
static enum policy_verdict find_text(const struct policy_opts *o, const struct policy_ask *ask,
                                     const struct policy_purpose *p, const struct text_template **out)
{
	const char *name = ask->template_name ? ask->template_name : p->template_name;
	const char *lang = ask->lang ? ask->lang : (o->default_lang ? o->default_lang : "");
	size_t name_len = ask->template_name ? ask->template_len : (name ? strlen(name) : 0);
	size_t lang_len = ask->lang ? ask->lang_len : strlen(lang);
	const struct text_template *first = NULL;

	for (size_t i = 0; name && i < o->template_count; i++) {
		const struct text_template *t = &o->templates[i];

		if (!same(t->name, name, name_len))
			continue;
		if (same(t->lang, lang, lang_len)) {
			*out = t;
			return POLICY_OK;
		}
		if (!first)
			first = t;
	}
	if (!first)
		return POLICY_BAD_TEMPLATE;
	if (ask->lang)
		return POLICY_BAD_LANG;
	*out = first;
	return POLICY_OK;
}

enum policy_verdict policy_terms(const struct policy_opts *o, const struct policy_tenant *t,
                                 const struct policy_ask *ask, struct policy_terms *out)
{
	const struct policy_purpose *p = find_purpose(o, ask);
	const struct text_template *text = NULL;
	enum policy_verdict verdict;

	if (!p)
		return POLICY_BAD_PURPOSE;
	if (!may_use(t, p))
		return POLICY_NOT_ALLOWED;
	if (ask->ttl_s != -1 && (ask->ttl_s < POLICY_TTL_MIN_S || ask->ttl_s > (int64_t)p->ttl_max_s))
		return POLICY_BAD_TTL;
	if (ask->length != -1 && (ask->length < CODE_LEN_MIN || ask->length + p->check_digit > CODE_LEN_MAX))
		return POLICY_BAD_LENGTH;
	verdict = find_text(o, ask, p, &text);
	if (verdict != POLICY_OK)
		return verdict;
	out->purpose = p;
	out->text = text;
	out->code_len = ask->length != -1 ? (uint8_t)(ask->length + p->check_digit) : policy_code_len(p);
	out->ttl_s = ask->ttl_s != -1 ? (uint32_t)ask->ttl_s : p->ttl_s;
	out->hard_s = p->hard_s;
	out->deadline_s = out->ttl_s / 2 < p->deadline_s ? out->ttl_s / 2 : p->deadline_s;
	return POLICY_OK;
}

uint8_t policy_code_len(const struct policy_purpose *p)
{
	return (uint8_t)(p->code_len + p->check_digit);
}

bool policy_guards_account(const struct policy_purpose *p)
{
	static const char *const words[] = { "login", "payment" };
	const char *at = p->name;

	while (*at) {
		size_t len = strcspn(at, "-_");

		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
			if (same(words[i], at, len))
				return true;
		}
		at += len + strspn(at + len, "-_");
	}
	return false;
}

static uint32_t longer(uint32_t s, const struct policy_rate *rate)
{
	return rate->window_s > s ? rate->window_s : s;
}

uint32_t policy_longest_window_s(const struct policy_opts *o)
{
	uint32_t s = longer(1, &o->number_sends);

	for (size_t i = 0; i < o->purpose_count; i++) {
		const struct policy_purpose *p = &o->purposes[i];

		s = longer(longer(s, &p->number_sends_short), &p->number_sends_long);
		s = longer(longer(s, &p->number_fails_short), &p->number_fails_long);
		s = longer(s, &p->number_sends_known);
	}
	return s;
}

const struct policy_purpose *policy_purpose_of_tag(const struct policy_opts *o, uint16_t tag)
{
	for (size_t i = 0; i < o->purpose_count; i++) {
		if (o->purposes[i].tag == tag)
			return &o->purposes[i];
	}
	return NULL;
}

const struct policy_purpose *policy_purpose(const struct policy_opts *o, uint16_t tag)
{
	const struct policy_purpose *p = policy_purpose_of_tag(o, tag);

	for (size_t i = 0; !p && i < o->purpose_count; i++) {
		if (strcmp(o->purposes[i].name, o->default_purpose) == 0)
			p = &o->purposes[i];
	}
	return p ? p : &o->purposes[0];
}

static bool lists(const uint32_t *ids, size_t count, uint32_t id)
{
	for (size_t i = 0; i < count; i++) {
		if (ids[i] == id)
			return true;
	}
	return false;
}

const struct policy_tenant *policy_tenant(const struct policy_opts *o, uint32_t uid, const uint32_t *gids,
                                          size_t gid_count)
{
	for (size_t i = 0; i < o->tenant_count; i++) {
		if (lists(o->tenants[i].uids, o->tenants[i].uid_count, uid))
			return &o->tenants[i];
	}
	for (size_t i = 0; i < o->tenant_count; i++) {
		for (size_t g = 0; g < gid_count; g++) {
			if (lists(o->tenants[i].gids, o->tenants[i].gid_count, gids[g]))
				return &o->tenants[i];
		}
	}
	return NULL;
}
