/*
 * sentences: finds the case of an answer, checks sentences at load, and fills them. A check fills a sentence with the
 * longest figures that its case can have, by the function that fills it for a person, so that what was checked fits.
 * Owns nothing. Must never write more than SENTENCES_CAP octets.
 */
#include "otp/sentences.h"

#include "otp/charset.h"
#include "otp/sentence_cases.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_CAP 33
#define SECONDS_MAX 90 /* longer times are told in minutes, and more than so many minutes in hours */

/* How a figure is told. PAST is rounded down, because a time that is still to be waited may only be rounded up. */
enum figure_kind { FIGURE_COUNT, FIGURE_TIME, FIGURE_PAST };

static const struct figure {
	const char *name;
	enum figure_kind kind;
	int64_t min, max;
} figures[] = {
	{ "retry_after", FIGURE_TIME, 0, 2592000 },
	{ "resend_after", FIGURE_TIME, 0, 2592000 },
	{ "ago", FIGURE_PAST, 0, 2592000 },
	{ "attempts_left", FIGURE_COUNT, 0, 10 },
	{ "want", FIGURE_COUNT, 0, 10 },
	{ "n", FIGURE_COUNT, 1, 720 },
};

size_t sentences_count(void)
{
	size_t n;

	sentence_cases_all(&n);
	return n;
}

const struct sentences_case *sentences_case(size_t i)
{
	size_t n;

	return sentence_cases_all(&n) + i;
}

size_t sentences_named(const char *when)
{
	size_t i = 0, n = sentences_count();

	while (i < n && strcmp(sentences_case(i)->when, when) != 0)
		i++;
	return i;
}

/* --- the case of an answer --- */

static const char *value_of(const struct sentences_field *fields, size_t n, const char *key, size_t len)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(fields[i].key) == len && memcmp(fields[i].key, key, len) == 0)
			return fields[i].value;
	return NULL;
}

/* True if the answer has the field of the word: "key=value", or "key". */
static bool has_word(const char *word, size_t len, const struct sentences_field *fields, size_t n)
{
	const char *eq = memchr(word, '=', len);
	const char *value = value_of(fields, n, word, eq ? (size_t)(eq - word) : len);

	if (!value || !eq)
		return value != NULL;
	size_t value_len = len - (size_t)(eq + 1 - word);
	return strlen(value) == value_len && memcmp(value, eq + 1, value_len) == 0;
}

/* True if the words behind the code name the key. */
static bool names(const char *when, const char *key)
{
	size_t len = strlen(key);

	for (const char *p = strchr(when, ' '); p; p = strchr(p + 1, ' '))
		if (strncmp(p + 1, key, len) == 0 && (p[1 + len] == '=' || p[1 + len] == ' ' || !p[1 + len]))
			return true;
	return false;
}

static bool matches(const char *when, const char *code, const struct sentences_field *fields, size_t n)
{
	static const char *const named[] = { "reason", "scope" };
	size_t len = strcspn(when, " ");

	if (strlen(code) != len || memcmp(code, when, len) != 0)
		return false;
	for (const char *p = when + len; *p;) {
		size_t word = strcspn(++p, " ");

		if (!has_word(p, word, fields, n))
			return false;
		p += word;
	}
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (value_of(fields, n, named[i], strlen(named[i])) && !names(when, named[i]))
			return false;
	return true;
}

size_t sentences_match(const char *code, const struct sentences_field *fields, size_t n)
{
	size_t i = 0, count = sentences_count();

	while (i < count && !matches(sentences_case(i)->when, code, fields, n))
		i++;
	return i;
}

/* --- filling --- */

struct out {
	char *text;
	size_t len;
	bool ok;
};

static void put(struct out *o, const char *text, size_t len)
{
	if (len >= SENTENCES_CAP - o->len) {
		o->ok = false;
		return;
	}
	memcpy(o->text + o->len, text, len);
	o->len += len;
	o->text[o->len] = '\0';
}

/* A piece of a sentence: text as it is (name_len 0), or a figure, with the texts for one and for many or without. */
struct piece {
	const char *text, *name, *one, *many;
	size_t text_len, name_len, one_len, many_len;
};

/* Takes the next piece off *at. False: the braces are not in order. At the end of the text the piece is empty. */
static bool next_piece(const char **at, struct piece *p)
{
	const char *from = *at;

	*p = (struct piece){ .text = from, .text_len = strcspn(from, "{}") };
	*at = from + p->text_len;
	if (p->text_len > 0 || !**at)
		return true;
	size_t len = strcspn(from + 1, "{}");
	if (*from != '{' || from[1 + len] != '}')
		return false;
	*at = from + 1 + len + 1;
	p->name = from + 1;
	p->name_len = strcspn(p->name, "|}");
	if (p->name_len == len)
		return true;
	p->one = p->name + p->name_len + 1;
	p->one_len = strcspn(p->one, "|}");
	p->many = p->one + p->one_len + 1;
	if (p->one[p->one_len] != '|')
		return false;
	p->many_len = strcspn(p->many, "|}");
	return p->many[p->many_len] == '}';
}

static const struct figure *figure_of(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++)
		if (strlen(figures[i].name) == len && memcmp(figures[i].name, name, len) == 0)
			return &figures[i];
	return NULL;
}

/* Writes n of a unit of time, in the language's words. A unit's text has no other figure, and none that is a time. */
static void put_unit(const struct sentences_lang *lang, const char *unit, int64_t n, struct out *o)
{
	const char *at = lang->texts[sentences_named(unit)];
	struct piece p;
	char digits[24];

	while (at && *at && next_piece(&at, &p)) {
		if (!p.name_len)
			put(o, p.text, p.text_len);
		else if (p.one)
			put(o, n == 1 ? p.one : p.many, n == 1 ? p.one_len : p.many_len);
		else
			put(o, digits, (size_t)snprintf(digits, sizeof(digits), "%" PRId64, n));
	}
}

static void put_time(const struct sentences_lang *lang, int64_t seconds, bool past, struct out *o)
{
	int64_t minutes = past ? seconds / 60 : (seconds + 59) / 60;

	if (seconds <= SECONDS_MAX)
		put_unit(lang, "SECONDS", seconds > 1 ? seconds : 1, o);
	else if (minutes <= SECONDS_MAX)
		put_unit(lang, "MINUTES", minutes, o);
	else
		put_unit(lang, "HOURS", past ? seconds / 3600 : (seconds + 3599) / 3600, o);
}

static void put_figure(const struct sentences_lang *lang, const struct piece *p, const char *value, struct out *o)
{
	const struct figure *f = figure_of(p->name, p->name_len);
	char digits[24];

	if (!f || !value) {
		o->ok = false;
		return;
	}
	int64_t n = strtoll(value, NULL, 10);
	if (n < f->min || n > f->max)
		n = n < f->min ? f->min : f->max;
	if (p->one)
		put(o, n == 1 ? p->one : p->many, n == 1 ? p->one_len : p->many_len);
	else if (f->kind == FIGURE_COUNT)
		put(o, digits, (size_t)snprintf(digits, sizeof(digits), "%" PRId64, n));
	else
		put_time(lang, n, f->kind == FIGURE_PAST, o);
}

static bool fill(const struct sentences_lang *lang, const char *text, const struct sentences_field *fields, size_t n,
                 char out[SENTENCES_CAP])
{
	struct out o = { .text = out, .ok = true };
	struct piece p;

	out[0] = '\0';
	while (*text && o.ok) {
		if (!next_piece(&text, &p))
			o.ok = false;
		else if (p.name_len)
			put_figure(lang, &p, value_of(fields, n, p.name, p.name_len), &o);
		else
			put(&o, p.text, p.text_len);
	}
	if (!o.ok)
		out[0] = '\0';
	return o.ok;
}

bool sentences_fill(const struct sentences_lang *lang, size_t which, const struct sentences_field *fields, size_t n,
                    char out[SENTENCES_CAP])
{
	return fill(lang, lang->texts[which], fields, n, out);
}

/* --- the check at load --- */

static bool found(char fault[SENTENCES_FAULT_CAP], const char *what, const char *allowed)
{
	snprintf(fault, SENTENCES_FAULT_CAP, "found %s, allowed %s", what, allowed);
	return false;
}

static bool check_octets(const char *text, char fault[SENTENCES_FAULT_CAP])
{
	enum charset set;
	size_t units;

	if (!*text)
		return found(fault, "no text", "a sentence");
	if (strpbrk(text, "\r\n") || strstr(text, "\xe2\x80\xa8") || strstr(text, "\xe2\x80\xa9"))
		return found(fault, "a line end", "a sentence in one line");
	if (charset_measure(text, strlen(text), &set, &units))
		return found(fault, "octets that are no text", "UTF-8 without control characters");
	if (strchr(text, '='))
		return found(fault, "an =", "a sentence without it, because clients take a word with = for a field");
	if (*text == ' ' || text[strlen(text) - 1] == ' ')
		return found(fault, "a space at the beginning or end", "a sentence without it");
	return true;
}

static bool check_figures(const struct sentences_case *c, const char *text, char fault[SENTENCES_FAULT_CAP])
{
	char what[KEY_CAP + 16], allowed[64];
	struct piece p;

	while (*text) {
		if (!next_piece(&text, &p))
			return found(fault, "a brace that encloses no figure", "{name} or {name|one|many}");
		if (!p.name_len && p.text_len)
			continue;
		if (p.name_len && strlen(c->figure) == p.name_len && memcmp(c->figure, p.name, p.name_len) == 0)
			continue;
		snprintf(what, sizeof(what), "{%.*s}", (int)(p.name_len < KEY_CAP ? p.name_len : KEY_CAP), p.name);
		snprintf(allowed, sizeof(allowed), "%s%s%s", c->figure[0] ? "{" : "no figure", c->figure,
		         c->figure[0] ? "}" : "");
		return found(fault, what, allowed);
	}
	return true;
}

/* Length of the sentence with the longest figures, or SENTENCES_CAP if it is longer than any sentence may be. */
static size_t longest(const struct sentences_lang *units, const struct sentences_case *c, const char *text)
{
	/* Each unit of time with the most digits and with one; each number with the most digits and as one. */
	static const char *const values[] = { "0", "1", "10", "720", "90", "120", "5400", "10800", "2592000" };
	char filled[SENTENCES_CAP];
	size_t most = 0;

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		const struct sentences_field field = { c->figure, values[i] };
		const struct figure *f = figure_of(c->figure, strlen(c->figure));

		if (f && strtoll(values[i], NULL, 10) > f->max)
			continue;
		if (!fill(units, text, &field, 1, filled))
			return SENTENCES_CAP;
		if (strlen(filled) > most)
			most = strlen(filled);
	}
	return most;
}

bool sentences_check(const struct sentences_lang *units, size_t which, const char *text,
                     char fault[SENTENCES_FAULT_CAP])
{
	const struct sentences_case *c = sentences_case(which);

	if (!check_octets(text, fault) || !check_figures(c, text, fault))
		return false;
	size_t code = strcspn(c->when, " "), room = SENTENCES_CAP - 1;
	if (c->widest)
		room = SENTENCES_LINE_MAX - 1 - code - (*c->widest != '\0') - strlen(c->widest) - 1 - 2;
	size_t len = longest(units, c, text);
	if (len <= room)
		return true;
	if (len < SENTENCES_CAP)
		snprintf(
		    fault, SENTENCES_FAULT_CAP,
		    "found a sentence of %zu octets with its longest figures, allowed at most %zu beside the fields",
		    len, room);
	else
		snprintf(fault, SENTENCES_FAULT_CAP,
		         "found a sentence of more than %d octets, allowed at most %zu beside the fields",
		         SENTENCES_CAP - 1, room);
	return false;
}
