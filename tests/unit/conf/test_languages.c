/*
 * conf: the sentences that people are told: those that are built in are complete, fit and have no jargon; those of the
 * file replace or add to them, and each fault is told with its line.
 */
#include "conf.h"
#include "../../../daemon/conf/groups.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include "load.h"

#define TEXT_CAP 65536

static char text[TEXT_CAP], rows[TEXT_CAP], said[TEXT_CAP];

/* Loads a configuration with these rows of sentences, from line 10 on. NULL: refused, and said tells why. */
static struct conf *load(const char *sentences)
{
	int len =
	    snprintf(text, sizeof(text),
	             "default_purpose = \"login\"; default_lang = \"id\";\n"
	             "redis: { socket = \"/tmp/x/redis.sock\"; };\n"
	             "keys: { index = \"index.key\"; codes = ( { kid = 1; file = \"c1\"; } ); current = 1; };\n"
	             "smsc = ( { name = \"one\"; host = \"h\"; system_id = \"s\"; sender = \"OTP\"; rate = 5; } );\n"
	             "routes = ( { prefix = \"\"; smsc = [\"one\"]; } );\n"
	             "numbering: { home = \"ID\"; countries = ( { region = \"ID\"; code = \"62\"; trunk = \"0\";\n"
	             "  length = [9, 12]; mobile = [\"81-83\"]; } ); };\n"
	             "templates = ( { name = \"otp\"; lang = \"id\"; text = \"{brand}: kode {code}\"; } );\n"
	             "purposes = ( { name = \"login\"; template = \"otp\"; brand = \"B\"; } );\n"
	             "sentences = ( %s );\n" /* line 10 */
	             "tenants = ( { name = \"web\"; uid = [33]; } );\n",
	             sentences);

	assert_in_range(len, 1, TEXT_CAP - 1);
	return load_text(text, said, sizeof(said));
}

#define ROW(answer, lang, text) "{ answer = \"" answer "\"; lang = \"" lang "\"; text = \"" text "\"; }"

static const struct sentences_lang *lang_of(const struct conf *c, const char *name)
{
	for (size_t i = 0; i < c->flow.policy.lang_count; i++)
		if (strcmp(c->flow.policy.langs[i].name, name) == 0)
			return &c->flow.policy.langs[i];
	return NULL;
}

static const char *text_of(const struct conf *c, const char *lang, const char *answer)
{
	return lang_of(c, lang)->texts[sentences_named(answer)];
}

static void what_is_built_in_is_complete_and_fits(void **state)
{
	struct conf *c = load("");
	char fault[SENTENCES_FAULT_CAP];

	(void)state;
	assert_non_null(c);
	assert_int_equal(c->flow.policy.lang_count, 2);
	for (size_t l = 0; l < 2; l++) {
		const struct sentences_lang *lang = &c->flow.policy.langs[l];

		for (size_t i = 0; i < sentences_count(); i++) {
			if (!lang->texts[i])
				fail_msg("conf/sentences.conf has no sentence in %s for \"%s\"", lang->name,
				         sentences_case(i)->when);
			if (!sentences_check(lang, i, lang->texts[i], fault))
				fail_msg("%s, %s: %s", lang->name, sentences_case(i)->when, fault);
		}
	}
	assert_non_null(lang_of(c, "id"));
	assert_non_null(lang_of(c, "en"));
	conf_free(c);
}

/* Words of engineers. Those of Indonesian people would not be understood either, or say what "kode" says better. */
static const char *const jargon[] = {
	"SMSC",      "SMPP",    "TTL",      "token",   "verification", "verify",  "verifikasi", "gateway",  "route",
	"rute",      "MSISDN",  "payload",  "limit",   "batas",        "request", "permintaan", "tenant",   "purpose",
	"template",  "session", "sesi",     "server",  "backend",      "API",     "error",      "timeout",  "invalid",
	"valid",     "retry",   "resend",   "submit",  "id",           "OTP",     "operator",   "prefix",   "deliver",
	"receipt",   "queue",   "antrean",  "system",  "sistem",       "Redis",   "network",    "jaringan", "config",
	"parameter", "format",  "internal", "expired", "kedaluwarsa",  "UTF",     "REQID",
};

static bool has_word(const char *sentence, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = sentence; *p; p++)
		if (strncasecmp(p, word, len) == 0 && (p == sentence || !isalnum((unsigned char)p[-1])) &&
		    !isalpha((unsigned char)p[len]))
			return true;
	return false;
}

/* The sentence without its figures, whose names are ours. */
static void strip(const char *from, char *to)
{
	bool inside = false;

	for (; *from; from++) {
		inside = inside ? *from != '}' : *from == '{';
		if (!inside && *from != '}')
			*to++ = *from;
	}
	*to = '\0';
}

static void what_is_built_in_has_no_jargon(void **state)
{
	struct conf *c = load("");
	char plain[SENTENCES_CAP];

	(void)state;
	assert_true(has_word("The SMSC said no", "smsc"));
	assert_false(has_word("Sudah dibatalkan", "batal"));
	for (size_t l = 0; l < c->flow.policy.lang_count; l++) {
		const struct sentences_lang *lang = &c->flow.policy.langs[l];

		for (size_t i = 0; i < sentences_count(); i++) {
			strip(lang->texts[i], plain);
			for (size_t w = 0; w < sizeof(jargon) / sizeof(jargon[0]); w++)
				if (has_word(plain, jargon[w]))
					fail_msg("\"%s\" has \"%s\"", lang->texts[i], jargon[w]);
		}
	}
	conf_free(c);
}

static void a_row_replaces_one_sentence(void **state)
{
	struct conf *c = load(ROW("EXPIRED", "id", "Kode basi.") "," ROW("USED", "en", "Used {ago} ago."));

	(void)state;
	assert_non_null(c);
	assert_string_equal(text_of(c, "id", "EXPIRED"), "Kode basi.");
	assert_string_equal(text_of(c, "en", "USED"), "Used {ago} ago.");
	assert_non_null(strstr(text_of(c, "en", "EXPIRED"), "over"));
	conf_free(c);
}

/* Appends a row for each case from the first on, but for those in `without`, in a new language. */
static void write_rows(const char *without)
{
	size_t len = 0;

	for (size_t i = 0; i < sentences_count(); i++)
		if (!without || !strstr(without, sentences_case(i)->when))
			len += (size_t)snprintf(rows + len, sizeof(rows) - len,
			                        "%s{ answer = \"%s\"; lang = \"jv\"; text = \"Sugeng %zu\"; }\n",
			                        len ? "," : "", sentences_case(i)->when, i);
}

static void a_language_that_is_added_must_be_complete(void **state)
{
	(void)state;
	write_rows(NULL);
	struct conf *c = load(rows);
	assert_non_null(c);
	assert_int_equal(c->flow.policy.lang_count, 3);
	assert_string_equal(text_of(c, "jv", "BADARG"), "Sugeng 0");
	conf_free(c);
	write_rows("HOURS, STATUS delivery=accepted");
	assert_null(load(rows));
	assert_string_equal(said, "t.conf:10: sentences[0].lang: found jv without a sentence for "
	                          "\"STATUS delivery=accepted\", \"HOURS\"; allowed a language that has all\n");
}

/* However many are missing: each is named. */
static void all_that_is_missing_is_named(void **state)
{
	char name[96];

	(void)state;
	assert_null(load(ROW("EXPIRED", "jv", "Entek.")));
	for (size_t i = 0; i < sentences_count(); i++) {
		snprintf(name, sizeof(name), "\"%s\"", sentences_case(i)->when);
		if (strcmp(sentences_case(i)->when, "EXPIRED") != 0 && !strstr(said, name))
			fail_msg("%s is not named in %s", name, said);
	}
}

static void faults_have_their_line(void **state)
{
	static const struct {
		const char *rows, *says;
	} faults[] = {
		{ ROW("EXPIRED", "id", "a=b"), "t.conf:10: sentences[0].text: found an =, allowed" },
		{ ROW("EXPIRED", "id", "a") ",\n" ROW("USED", "id", "Lalu {when}"),
		  "t.conf:11: sentences[1].text: found {when}, allowed {ago}" },
		{ ROW("EXPIRED", "id", "a\\nb"), "t.conf:10: sentences[0].text: found \"a" },
		{ ROW("EXPIRED", "id", "a\\rb"), "without control characters" },
		{ ROW("EXPIRED", "id", "a\\x1bb"), "without control characters" },
		{ ROW("EXPIRED", "id", "a\\xff"), "found octets that are no text, allowed UTF-8" },
		{ ROW("EXPIRED", "id", ""), "sentences[0].text: found \"\"" },
		{ ROW("EXPIRE", "id", "a"),
		  "sentences[0].answer: found \"EXPIRE\", allowed an answer of otpgwd-protocol" },
		{ ROW("EXPIRED", "id", "a") "," ROW("EXPIRED", "id", "b"),
		  "sentences[1].answer: found \"EXPIRED\" in id a second time" },
		{ ROW("EXPIRED", "indonesia", "a"), "sentences[0].lang: found \"indonesia\"" },
		{ "{ answer = \"EXPIRED\"; lang = \"id\"; }", "sentences[0].text: found nothing" },
		{ "{ answer = \"EXPIRED\"; text = \"a\"; }", "sentences[0].lang: found nothing" },
		{ "{ lang = \"id\"; text = \"a\"; }", "sentences[0].answer: found nothing" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		assert_null(load(faults[i].rows));
		if (!strstr(said, faults[i].says))
			fail_msg("%s\nsaid %s", faults[i].rows, said);
	}
}

/* A long word for a unit of time makes other sentences longer, those that are built in as well. */
static void long_words_for_times_are_refused_where_they_do_not_fit(void **state)
{
	char row[512];

	(void)state;
	snprintf(row, sizeof(row), ROW("HOURS", "id", "{n} %0150d"), 0);
	assert_null(load(row));
	assert_non_null(strstr(said, "t.conf:10: sentences[0].lang: with these units of time \"RATELIMITED "
	                             "scope=verification\" of id does not fit: found a sentence of "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_built_in_is_complete_and_fits),
		cmocka_unit_test(what_is_built_in_has_no_jargon),
		cmocka_unit_test(a_row_replaces_one_sentence),
		cmocka_unit_test(a_language_that_is_added_must_be_complete),
		cmocka_unit_test(all_that_is_missing_is_named),
		cmocka_unit_test(faults_have_their_line),
		cmocka_unit_test(long_words_for_times_are_refused_where_they_do_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
