/*
 * reverse: checks what OTP.REVERSE needs of the configuration: the templates with {token}, in every language, and what
 * each purpose that allows it makes of them. Owns nothing.
 */
#include "get.h"
#include "groups.h"

#include "otp/reverse.h"

#include <libconfig.h>
#include <string.h>

static bool is_reverse(const struct text_template *x)
{
	return strcmp(x->name, REVERSE_TEMPLATE) == 0;
}

static bool has_lang(const struct policy_opts *o, const char *lang)
{
	for (size_t i = 0; i < o->template_count; i++)
		if (is_reverse(&o->templates[i]) && strcmp(o->templates[i].lang, lang) == 0)
			return true;
	return false;
}

/* The first language that the other templates have and these lack. NULL: none. */
static const char *lacking_lang(const struct policy_opts *o)
{
	for (size_t i = 0; i < o->template_count; i++)
		if (!has_lang(o, o->templates[i].lang))
			return o->templates[i].lang;
	return NULL;
}

static void check_text(struct conf_tree *t, const config_setting_t *g, const struct policy_opts *o,
                       const struct text_template *x)
{
	for (size_t i = 0; i < o->purpose_count; i++) {
		enum reverse_fault fault = reverse_check(x->text, o->purposes[i].brand);

		/* Without the brand of a purpose that allows it, a text is still checked for itself. */
		if (fault == REVERSE_OK || (fault == REVERSE_TOO_LONG && !o->purposes[i].reverse))
			continue;
		conf_fault(t, g, "text", "%s (purpose %s)", reverse_fault_text(fault), o->purposes[i].name);
		return;
	}
}

static void check_purpose(struct conf_tree *t, const config_setting_t *g, const struct policy_opts *o,
                          const struct policy_purpose *p)
{
	const char *lang = p->reverse ? lacking_lang(o) : NULL;

	if (strcmp(p->template_name, REVERSE_TEMPLATE) == 0)
		conf_fault(t, g, "template",
		           "found \"%s\", allowed a template with {code}: this one is for OTP.REVERSE",
		           REVERSE_TEMPLATE);
	if (lang)
		conf_fault(
		    t, g, "reverse",
		    "found \"allowed\" without a template named \"%s\" in language %s, allowed one in all languages",
		    REVERSE_TEMPLATE, lang);
}

void conf_check_reverse(struct conf_tree *t, const struct conf *c)
{
	const struct policy_opts *o = &c->flow.policy;

	for (size_t i = 0; i < o->template_count; i++) {
		const config_setting_t *g = conf_item(t->root, "templates", i);

		if (is_reverse(&o->templates[i]) && conf_given(g, "templates.text"))
			check_text(t, g, o, &o->templates[i]);
	}
	for (size_t i = 0; i < o->purpose_count; i++)
		check_purpose(t, conf_item(t->root, "purposes", i), o, &o->purposes[i]);
}
