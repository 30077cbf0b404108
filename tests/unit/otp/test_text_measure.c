/*
 * text_measure: what is added up from parts is what the whole text measures. Texts are made at random of characters
 * that the alphabets of an SMS treat differently, near the length at which one SMS ends.
 */
#include "otp/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROUNDS 60000

/* Alike everywhere; extended and not in GSM; Latin 1; beyond it; two code units; what combines; not UTF-8, control. */
static const char *const letters[] = { "a",        "Z 9.",
	                               "\n",       "$",
	                               "@",        "[",
	                               "~",        "\xe2\x82\xac",
	                               "\xc3\xa9", "\xc3\xa7",
	                               "\xce\x94", "\xe4\xb8\xad",
	                               "\xcc\x81", "\xf0\x9f\x98\x80",
	                               "_",        "\x0c",
	                               "\x1b",     "\xc2\x85",
	                               "\xff",     "\xed\xa0\x80" };
#define GOOD 15 /* of them */
#define COUNT (sizeof(letters) / sizeof(letters[0]))

static unsigned seed = 1;

static unsigned some(unsigned below)
{
	seed = seed * 1103515245U + 12345U;
	return (seed >> 16) % below;
}

/* Appends up to n pieces. pool: how many of the letters may be used. */
static void grow(char *out, size_t cap, unsigned n, unsigned pool)
{
	unsigned first = some(pool), span = 1 + some(3);

	for (size_t len = strlen(out); n > 0; n--) {
		const char *piece = letters[(first + some(span)) % pool];

		if (len + strlen(piece) + 1 > cap)
			return;
		strcpy(out + len, piece);
		len += strlen(piece);
	}
}

static void each_set_as_it_encodes(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct charset_count c = { { 0 }, { false } }, before;
		char text[120] = "";
		bool good = true;

		grow(text, sizeof(text), some(6), GOOD);
		assert_int_equal(charset_add(&c, text, strlen(text)), ERR_OK);
		before = c;
		char more[120] = "";
		grow(more, sizeof(more), some(9), COUNT);
		good = charset_add(&c, more, strlen(more)) == ERR_OK;
		for (unsigned set = 0; set < CHARSET_SETS; set++) {
			char whole[240];
			uint8_t octets[480];
			size_t len = sizeof(octets), ucs2 = sizeof(octets);

			strcat(strcpy(whole, text), more);
			enum err err = charset_encode((enum charset)set, whole, strlen(whole), octets, &len);
			bool valid = charset_encode(CHARSET_UCS2, whole, strlen(whole), octets, &ucs2) == ERR_OK;
			assert_int_equal(valid, good);
			if (good) {
				assert_int_equal(c.lacks[set], err != ERR_OK);
				assert_true(err || c.octets[set] == len);
			}
		}
		if (!good)
			assert_memory_equal(&c, &before, sizeof(c));
	}
}

static const char *piece(void)
{
	static const char *const names[] = {
		"{brand}", "{minutes}", "{a}", "{b}", "{ref}", "{code}", "{{", "{", "{a}"
	};

	return names[some(30) ? some(7) % 5 : some(9)];
}

/* A template of one code and some more, often near the length of one SMS. */
static void make_template(char out[481])
{
	unsigned pool = some(20) ? GOOD : COUNT;

	out[0] = '\0';
	grow(out, 300, some(2) ? some(160) : some(20), pool);
	if (some(40))
		strcat(out, "{code}");
	for (unsigned n = some(some(8) ? 5 : 25); n > 0 && strlen(out) < 380; n--) {
		strcat(out, piece());
		grow(out, 400, some(8), pool);
	}
	grow(out, 400, some(4) ? 0 : some(90), pool);
	if (!some(10))
		strcat(out, "\n@host.example #{code}");
}

static void as_when_measured_whole(void **state)
{
	unsigned verdicts[TEXT_VAR_BAD + 1] = { 0 };

	(void)state;
	for (unsigned i = 0; i < ROUNDS; i++) {
		char text[481], brand[40] = "", a[200] = "", b[40] = "", whole[TEXT_FILLED_CAP], parts[TEXT_FILLED_CAP];
		struct text_measure own;

		make_template(text);
		grow(brand, sizeof(brand), some(12), some(30) ? GOOD : COUNT);
		grow(a, sizeof(a), some(some(4) ? 9 : 80), GOOD - 9);
		grow(b, sizeof(b), some(12), some(30) ? GOOD : COUNT);
		const struct text_var vars[] = { { "b", b, 1, strlen(b) }, { "a", a, 1, strlen(a) } };
		const struct text_template x = { .text = text };
		struct text_fill in = { .x = &x,
			                .brand = brand,
			                .vars = vars,
			                .var_count = some(20) ? 2 : some(3),
			                .code_len = 4 + some(8),
			                .sets = some(16) };
		if (!strstr(text, "{a}") && some(20))
			in.var_count = strstr(text, "{b}") != NULL;

		enum text_fault fault = text_fill(&in, whole, NULL, NULL, NULL);
		if (!text_measure_template(text, brand, &own)) {
			assert_int_not_equal(fault, TEXT_OK);
			continue;
		}
		in.own = &own;
		struct text_vars at;
		assert_int_equal(text_fill(&in, parts, &at, NULL, NULL), fault);
		verdicts[fault]++;
		if (fault)
			continue;
		assert_string_equal(whole, parts);
		for (size_t v = 0; v < at.count; v++) {
			bool is_a = at.len[v] == strlen(a) && memcmp(parts + at.at[v], a, at.len[v]) == 0;
			bool is_b = at.len[v] == strlen(b) && memcmp(parts + at.at[v], b, at.len[v]) == 0;

			assert_true(is_a || is_b);
		}
		assert_int_equal(at.count, in.var_count);
	}
	assert_true(verdicts[TEXT_OK] > ROUNDS / 50 && verdicts[TEXT_TOO_LONG] > ROUNDS / 50);
	assert_true(verdicts[TEXT_VAR_BAD] && verdicts[TEXT_VAR_MISSING] && verdicts[TEXT_VAR_UNUSED]);
}

/* What text_fits renders is bounded in octets of UTF-8 too, which 15 times {minutes} can reach within 160 septets. */
static void minutes_that_render_too_long(void **state)
{
	char text[481] = "a{code}";
	enum text_fault last = TEXT_OK;

	(void)state;
	for (int i = 0; i < 97; i++)
		strcat(text, "\xc3\xa9");
	for (int i = 0; i < 15; i++)
		strcat(text, "{minutes}");
	strcat(text, "\n@a.b #{code}");
	for (int more = 0; more < 8; more++) {
		const struct text_template x = { .text = text };
		struct text_fill in = { .x = &x, .brand = "", .code_len = 10 };
		char whole[TEXT_FILLED_CAP], parts[TEXT_FILLED_CAP];
		struct text_measure own;
		enum text_fault fault = text_fill(&in, whole, NULL, NULL, NULL);

		assert_true(text_measure_template(text, "", &own));
		in.own = &own;
		assert_int_equal(text_fill(&in, parts, NULL, NULL, NULL), fault);
		assert_true(more > 0 || fault == TEXT_OK);
		last = fault;
		memmove(text + 1, text, strlen(text) + 1);
	}
	assert_int_equal(last, TEXT_TOO_LONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_set_as_it_encodes),
		cmocka_unit_test(as_when_measured_whole),
		cmocka_unit_test(minutes_that_render_too_long),
	};

	return cmocka_run_group_tests_name("text_measure", tests, NULL, NULL);
}
