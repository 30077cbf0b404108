/*
 * templates: checks the texts of the SMS. Each is checked with each purpose that may use it, so that a text that is too
 * long for one SMS is found at load. Owns nothing.
 */
#include "get.h"
#include "groups.h"

#include "base/log.h"
#include "otp/charset.h"
#include "otp/reverse.h"

#include <libconfig.h>
#include <stdio.h>
#include <string.h>

static bool has_template(const struct policy_opts *o, const char *name, const char *lang)
{
	for (size_t i = 0; i < o->template_count; i++)
		if (strcmp(o->templates[i].name, name) == 0 && strcmp(o->templates[i].lang, lang) == 0)
			return true;
	return false;
}

static bool has_name(const struct policy_opts *o, const char *name)
{
	for (size_t i = 0; i < o->template_count; i++)
		if (strcmp(o->templates[i].name, name) == 0)
			return true;
	return false;
}

static const char *fault_words(enum text_fault fault)
{
	switch (fault) {
	case TEXT_NO_CODE:
		return "{code} missing or too often, allowed {code} once, and again only in a last line @host #{code}";
	case TEXT_BAD_BRACE:
		return "a brace that opens no name, allowed {name}, or {{ for a brace";
	case TEXT_NOT_ENCODABLE:
		return "what no SMS can carry, allowed UTF-8 without control characters";
	case TEXT_TOO_LONG:
	case TEXT_OK:
	case TEXT_VAR_MISSING:
	case TEXT_VAR_UNUSED:
	case TEXT_VAR_BAD:
		break;
	}
	return "a text that cannot be used, allowed a template";
}

static void text_fault(struct conf_tree *t, const config_setting_t *g, enum text_fault fault,
                       const struct text_fill *in, const char *purpose)
{
	struct text_size size;
	char words[TEXT_SIZE_WORDS_CAP];

	if (fault != TEXT_TOO_LONG) {
		conf_fault(t, g, "text", "found %s (%s, purpose %s)", fault_words(fault), text_fault_name(fault),
		           purpose);
		return;
	}
	text_fill_size(in, &size);
	text_size_words(&size, in->sets, words);
	conf_fault(t, g, "text", "found more than one SMS with brand and code: %s (%s, purpose %s)", words,
	           text_fault_name(fault), purpose);
}

static bool named_by_any(const struct policy_opts *o, const char *name)
{
	for (size_t i = 0; i < o->purpose_count; i++)
		if (strcmp(o->purposes[i].template_name, name) == 0)
			return true;
	return false;
}

/* Warns of a character that an SMSC may change, because some SMSCs use a different alphabet. */
static void warn_risky(const struct conf_tree *t, const config_setting_t *g, const char *what, uint32_t point)
{
	char shown[8] = "";

	if (point > 0x20 && point < 0x7f)
		snprintf(shown, sizeof(shown), " (%c)", (int)point);
	log_warn("conf",
	         "text_risky file=%s line=%u %s character=U+%04X%s: some SMSCs change it, "
	         "sure are letters, digits, spaces and .,:;-()?!/+%%&*'\"<>=",
	         t->file, config_setting_source_line(g), what, (unsigned)point, shown);
}

/* Logs one line for each purpose that uses the template. */
static void warn_text(const struct conf_tree *t, const config_setting_t *g, const struct policy_opts *o,
                      const struct text_template *x)
{
	char what[4 * TEXT_NAME_CAP];
	uint32_t point;

	if (!text_risky(x->text, &point))
		return;
	bool named = named_by_any(o, x->name);
	for (size_t i = 0; i < o->purpose_count; i++) {
		const struct policy_purpose *p = &o->purposes[i];

		if (named && strcmp(p->template_name, x->name) != 0)
			continue;
		snprintf(what, sizeof(what), "purpose=%s template=%s lang=%s", p->name, x->name, x->lang);
		warn_risky(t, g, what, point);
	}
}

static void warn_brand(const struct conf_tree *t, const config_setting_t *g, const struct policy_purpose *p)
{
	char what[2 * TEXT_NAME_CAP];
	uint32_t point;

	if (charset_invariant(p->brand, strlen(p->brand), &point))
		return;
	snprintf(what, sizeof(what), "purpose=%s brand", p->name);
	warn_risky(t, g, what, point);
}

static void check_text(struct conf_tree *t, const config_setting_t *g, const struct policy_opts *o,
                       const struct text_template *x)
{
	bool named = named_by_any(o, x->name);

	if (!conf_given(g, "templates.text") || strcmp(x->name, REVERSE_TEMPLATE) == 0)
		return;
	for (size_t i = 0; i < o->purpose_count; i++) {
		const struct policy_purpose *p = &o->purposes[i];

		/* A request may ask for a template that no purpose names, with any purpose. */
		if (named && strcmp(p->template_name, x->name) != 0)
			continue;
		enum text_fault fault = text_check(x->text, p->brand, policy_code_len(p), o->charsets);
		if (fault == TEXT_OK)
			continue;
		const struct text_fill in = {
			.x = x, .brand = p->brand, .code_len = policy_code_len(p), .sets = o->charsets
		};
		text_fault(t, g, fault, &in, p->name);
		return;
	}
	warn_text(t, g, o, x);
}

static void check_pairs(struct conf_tree *t, const struct policy_opts *o)
{
	for (size_t i = 1; i < o->template_count; i++) {
		const struct text_template *a = &o->templates[i];

		for (size_t j = 0; j < i; j++) {
			const struct text_template *b = &o->templates[j];

			if (!a->name[0] || strcmp(a->name, b->name) != 0 || strcmp(a->lang, b->lang) != 0)
				continue;
			conf_fault(t, conf_item(t->root, "templates", i), "name",
			           "found %s in %s a second time, allowed once", a->name, a->lang);
			break;
		}
	}
}

/* Every purpose's template must exist in every language that any template has. */
static void check_languages(struct conf_tree *t, const struct policy_opts *o, const struct policy_purpose *p,
                            const config_setting_t *g)
{
	if (!conf_given(g, "purposes.template") || o->template_count == 0)
		return;
	if (!has_name(o, p->template_name)) {
		conf_fault(t, g, "template", "found \"%s\", allowed the names in templates", p->template_name);
		return;
	}
	for (size_t i = 0; i < o->template_count; i++) {
		const char *lang = o->templates[i].lang;
		bool first = true;

		for (size_t j = 0; j < i; j++)
			first = first && strcmp(o->templates[j].lang, lang) != 0;
		if (first && !has_template(o, p->template_name, lang))
			conf_fault(t, g, "template",
			           "found \"%s\" without a text in language %s, allowed one in all languages",
			           p->template_name, lang);
	}
}

static void check_kinds(struct conf_tree *t, const config_setting_t *g, const struct text_template *x)
{
	for (size_t i = 0; i < x->kind_count; i++)
		if (!text_has_var(x->text, x->kinds[i].name))
			conf_fault(t, conf_item(g, "vars", i), "name", "found \"%s\", allowed the VARs of the text",
			           x->kinds[i].name);
	conf_unique(t, g, "vars", "name");
}

void conf_check_templates(struct conf_tree *t, const struct conf *c)
{
	const struct policy_opts *o = &c->flow.policy;

	for (size_t i = 0; i < o->template_count; i++) {
		const config_setting_t *g = conf_item(t->root, "templates", i);

		check_kinds(t, g, &o->templates[i]);
		check_text(t, g, o, &o->templates[i]);
	}
	check_pairs(t, o);
	for (size_t i = 0; i < o->template_count; i++)
		if (conf_given(t->root, "default_lang") && !has_template(o, o->templates[i].name, o->default_lang))
			conf_fault(t, conf_item(t->root, "templates", i), "name",
			           "found \"%s\" without a text in default_lang, %s, allowed one with it",
			           o->templates[i].name, o->default_lang);
	for (size_t i = 0; i < o->purpose_count; i++) {
		check_languages(t, o, &o->purposes[i], conf_item(t->root, "purposes", i));
		warn_brand(t, conf_item(t->root, "purposes", i), &o->purposes[i]);
	}
}
