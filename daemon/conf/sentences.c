/*
 * sentences: makes the sentences of each language: those that are built in, in place of which the file may have others,
 * and those of languages that the file adds. A language that lacks one is a fault, and so is a sentence that cannot be
 * said. Owns nothing.
 */
#include "get.h"
#include "groups.h"

#include "base/invariant.h"
#include "sentences_conf.h"

#include <libconfig.h>
#include <stdio.h>
#include <string.h>

#define NAMES_CAP 800 /* of the cases named in one line of faults */

/* The languages while they are made. at[i][c] is the row of the file that gave the sentence, or NULL. */
struct making {
	struct sentences_lang *langs;
	const char ***texts;
	const config_setting_t ***at;
	size_t count;
};

/* Finds or adds the language. Returns its index, or count if there is no memory. */
static size_t lang_of(struct conf_tree *t, struct making *m, const char *name)
{
	size_t i = 0, cases = sentences_count();

	while (i < m->count && strcmp(m->langs[i].name, name) != 0)
		i++;
	if (i < m->count)
		return i;
	m->texts[i] = conf_alloc(t, cases, sizeof(**m->texts));
	m->at[i] = conf_alloc(t, cases, sizeof(**m->at));
	if (!m->texts[i] || !m->at[i])
		return i;
	m->langs[i] = (struct sentences_lang){ .name = conf_copy(t, name), .texts = m->texts[i] };
	return m->count++;
}

static void take_shipped(struct conf_tree *t, struct making *m)
{
	const config_setting_t *list;
	config_t parser;

	config_init(&parser);
	bool read = config_read_string(&parser, (const char *)sentences_conf) == CONFIG_TRUE;
	list = read ? config_lookup(&parser, "sentences") : NULL;
	for (int i = 0; list && i < config_setting_length(list); i++) {
		const config_setting_t *g = config_setting_get_elem(list, (unsigned)i);
		const char *answer = "", *lang = "", *text = "";

		config_setting_lookup_string(g, "answer", &answer);
		config_setting_lookup_string(g, "lang", &lang);
		config_setting_lookup_string(g, "text", &text);
		size_t which = sentences_named(answer), l = lang_of(t, m, lang);
		if (invariant(which < sentences_count()) && l < m->count)
			m->texts[l][which] = conf_copy(t, text);
	}
	config_destroy(&parser);
}

/* Takes one row of the file. A value that does not fit was noted as a fault before, and its row is left out. */
static void take_row(struct conf_tree *t, struct making *m, const config_setting_t *g)
{
	const char *answer = conf_str(t, g, "sentences.answer");
	size_t which = sentences_named(answer);

	if (!conf_given(g, "sentences.lang") || !conf_given(g, "sentences.answer"))
		return;
	size_t l = lang_of(t, m, conf_str(t, g, "sentences.lang"));
	if (which == sentences_count())
		conf_fault(t, g, "answer", "found \"%s\", allowed an answer of otpgwd-protocol(7), WHAT PEOPLE READ",
		           answer);
	else if (l < m->count && m->at[l][which])
		conf_fault(t, g, "answer", "found \"%s\" in %s a second time, allowed once", answer, m->langs[l].name);
	else if (l < m->count) {
		m->at[l][which] = g;
		m->texts[l][which] = conf_str(t, g, "sentences.text");
	}
}

/* Notes a fault with the names of all cases for which the language has no sentence. */
static void check_complete(struct conf_tree *t, const struct making *m, size_t l, const config_setting_t *at)
{
	char names[NAMES_CAP] = "";
	size_t len = 0, n = sentences_count();

	for (size_t i = 0; i <= n; i++) {
		if (i < n && m->texts[l][i])
			continue;
		if (len && (i == n || len + 64 > sizeof(names))) {
			conf_fault(t, at, "lang", "found %s without a sentence for %s; allowed a language that has all",
			           m->langs[l].name, names);
			len = 0;
		}
		if (i < n)
			len += (size_t)snprintf(names + len, sizeof(names) - len, "%s\"%s\"", len ? ", " : "",
			                        sentences_case(i)->when);
	}
}

static const config_setting_t *first_row(struct conf_tree *t, const char *lang)
{
	for (size_t i = 0; i < conf_items(t->root, "sentences"); i++) {
		const config_setting_t *g = conf_item(t->root, "sentences", i);

		if (conf_given(g, "sentences.lang") && strcmp(conf_str(t, g, "sentences.lang"), lang) == 0)
			return g;
	}
	return NULL;
}

/* The units of time are the last cases of the list. They are checked first, because the others use them. */
static void check_texts(struct conf_tree *t, const struct making *m, size_t l, const config_setting_t *row)
{
	char fault[SENTENCES_FAULT_CAP];

	for (size_t i = sentences_count(); i-- > 0;) {
		const char *text = m->texts[l][i];
		const config_setting_t *at = m->at[l][i];

		if (!text || (at && !conf_given(at, "sentences.text")))
			continue;
		if (sentences_check(&m->langs[l], i, text, fault))
			continue;
		if (at)
			conf_fault(t, at, "text", "%s", fault);
		else
			conf_fault(t, row, "lang", "with these units of time \"%s\" of %s does not fit: %s",
			           sentences_case(i)->when, m->langs[l].name, fault);
	}
}

void conf_fill_sentences(struct conf_tree *t, struct conf *c)
{
	/* At most one language more per row, beside the two that are built in. */
	size_t rows = conf_items(t->root, "sentences"), most = rows + 2;
	struct making m = { .langs = conf_alloc(t, most, sizeof(*m.langs)),
		            .texts = conf_alloc(t, most, sizeof(*m.texts)),
		            .at = conf_alloc(t, most, sizeof(*m.at)) };

	if (!m.langs || !m.texts || !m.at)
		return;
	take_shipped(t, &m);
	for (size_t i = 0; i < rows && !t->nomem; i++)
		take_row(t, &m, conf_item(t->root, "sentences", i));
	for (size_t l = 0; l < m.count && !t->nomem; l++) {
		const config_setting_t *row = first_row(t, m.langs[l].name);

		if (!row)
			continue;
		check_complete(t, &m, l, row);
		check_texts(t, &m, l, row);
	}
	c->flow.policy.langs = m.langs;
	c->flow.policy.lang_count = m.count;
}
