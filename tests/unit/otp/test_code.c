/*
 * code: made uniformly; and which code, if any, a person's text is for each length and alphabet.
 */
#include "otp/code.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* "6d493027 4*ACD3": length, alphabets (d, l, * for both), code; in the order of the text's candidates. */
static void describe(const struct code_guess *g, char *out, size_t cap)
{
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < g->count; i++) {
		static const char names[] = { '?', 'd', 'l', '*' };
		const struct code_candidate *c = &g->at[i];

		at += (size_t)snprintf(out + at, cap - at, "%s%zu%c%s", i ? " " : "", strlen(c->code.text),
		                       names[c->alphabets & 3], c->code.text);
	}
}

static void expect(const char *text, size_t len, unsigned typed, const char *candidates)
{
	struct code_guess g;
	char got[512];

	memset(&g, 0xa5, sizeof(g));
	code_read(text, len, &g);
	describe(&g, got, sizeof(got));
	if (g.len != typed || strcmp(got, candidates) != 0)
		fail_msg("\"%s\": %u characters, %s; wanted %u, %s", text, g.len, got, typed, candidates);
	code_guess_wipe(&g);
	assert_int_equal(g.count, 0);
	assert_string_equal(g.at[0].code.text, "");
}

struct row {
	const char *text;
	unsigned typed;
	const char *candidates;
};

static void expect_all(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		expect(rows[i].text, strlen(rows[i].text), rows[i].typed, rows[i].candidates);
}

static void made_as_asked(void **state)
{
	struct code c;

	(void)state;
	assert_int_equal(code_make(CODE_DIGITS, 3, &c), ERR_INVALID);
	assert_int_equal(code_make(CODE_DIGITS, 11, &c), ERR_INVALID);
	for (size_t len = CODE_LEN_MIN; len <= CODE_LEN_MAX; len++) {
		struct code_guess g;

		assert_int_equal(code_make(CODE_LETTERS, len, &c), ERR_OK);
		code_read(c.text, len, &g);
		assert_int_equal(g.count, 1);
		assert_true(g.at[0].alphabets & CODE_IS_LETTERS);
		assert_string_equal(g.at[0].code.text, c.text);
		assert_int_equal(code_make(CODE_DIGITS, len, &c), ERR_OK);
		code_read(c.text, len, &g);
		assert_true(g.at[0].alphabets & CODE_IS_DIGITS);
		assert_string_equal(g.at[0].code.text, c.text);
	}
}

static void typed_by_hand(void **state)
{
	static const struct row rows[] = {
		{ "012345", 6, "6d012345" },
		{ " 012-345 ", 6, "6d012345" },
		{ "0123456789", 10, "10d0123456789" },
		{ "01234567891", 11, "" },
		{ "012", 3, "" },
		{ "", 0, "" },
		{ "acd3", 4, "4lACD3" },
		{ "AC03", 4, "" },
		{ "3467", 4, "4*3467" },
		{ "3460", 4, "4d3460" },
		{ "12a456", 6, "" },
		{ "K7F 2QD", 6, "" },
		{ "k7f-3qd", 6, "6lK7F3QD" },
	};

	(void)state;
	expect_all(rows, sizeof(rows) / sizeof(rows[0]));
	expect("123\0"
	       "4",
	       5, 5, "");
}

static void as_pasted(void **state)
{
	static const struct row rows[] = {
		{ "493027\n", 6, "6d493027" },
		{ "493\u00a0027\r\n", 6, "6d493027" },
		{ "٤٩٣٠٢٧", 6, "6d493027" },
		{ "۴۹۳۰۲۷", 6, "6d493027" },
		{ "४९३०२७", 6, "6d493027" },
		{ "４９３０２７", 6, "6d493027" },
		{ "493\u2011027", 6, "6d493027" },
		{ "\u202a493027\u202c", 6, "6d493027" },
		{ "\ufeff49\u200b30\u00ad27", 6, "6d493027" },
		{ "(493) 027", 6, "6d493027" },
		{ "ｋ７ｆ３ＱＤ", 6, "6lK7F3QD" },
	};

	(void)state;
	expect_all(rows, sizeof(rows) / sizeof(rows[0]));
}

static void of_a_pasted_sms(void **state)
{
	static const struct row rows[] = {
		{ "OTP Gateway: kode Anda 493027. Berlaku 5 menit. JANGAN berikan.", 54,
		  "4lANDA 6d493027 6lJANGAN 7lGATEWAY" },
		{ "Kode: 493027!\n\n@example.com #493027", 31, "6d493027" },
		{ "493027 493027", 12, "6d493027" },
		{ "493027 493028", 12, "" },
		{ "493027 493028 493027", 18, "" },
		{ "1234 493027", 10, "10d1234493027 4d1234 6d493027" },
		{ "1234567 / 8901234", 15, "" },
		{ "TAN 3467", 7, "7lTAN3467 4*3467" },
		{ "3467, 9999, x", 11, "" },
		{ "3467: 1234", 9, "4l3467" },
		{ "3467: ACDE", 9, "4d3467" },
		{ "G-493027.", 8, "6d493027" },
		{ "12345678901, 493027", 18, "6d493027" },
		{ "kode493027 x.", 12, "" },
		{ "您的验证码是493027，请勿泄露", 17, "6d493027" },
		{ "ที่493027:", 10, "6d493027" },
		{ "रमज़493027:", 11, "6d493027" },
		{ "Prénom, tanjē, e\u0301tan", 18, "" },
		{ "[493\u200b027]", 8, "6d493027" },
		{ "493027+1/2", 10, "6d493027" },
		{ "7349 7349:", 9, "4*7349" },
	};

	(void)state;
	expect_all(rows, sizeof(rows) / sizeof(rows[0]));
}

static void long_or_unreadable(void **state)
{
	char text[CODE_TYPED_MAX + 1];

	(void)state;
	expect("493027\xff", 7, CODE_LEN_UNKNOWN, "");
	expect("\xe2\x80", 2, CODE_LEN_UNKNOWN, "");
	memset(text, ' ', sizeof(text));
	memcpy(text, "493027", 6);
	expect(text, CODE_TYPED_MAX, 6, "6d493027");
	expect(text, CODE_TYPED_MAX + 1, CODE_LEN_UNKNOWN, "");
	memset(text, '.', sizeof(text));
	expect(text, 254, 254, "");
	expect(text, 255, CODE_LEN_UNKNOWN, "");
	memcpy(text + 300, "493027", 6);
	expect(text, 400, CODE_LEN_UNKNOWN, "6d493027");
}

/* A caller's code is taken as it is, and nothing else is. */
static void given_by_a_caller(void **state)
{
	static const char *const bad[] = {
		"", "49302", "4930275", "49302x", "49 302", " 493027", "49302\xd9", "ACDEFG"
	};
	struct code code;

	(void)state;
	assert_true(code_take("493027", 6, CODE_DIGITS, 6, &code));
	assert_string_equal(code.text, "493027");
	assert_true(code_take("AC34", 4, CODE_LETTERS, 4, &code));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(code_take(bad[i], strlen(bad[i]), CODE_DIGITS, 6, &code));
		assert_string_equal(code.text, "");
	}
	assert_false(code_take("49\0"
	                       "027",
	                       6, CODE_DIGITS, 6, &code));
	assert_false(code_take("ABCDEF", 6, CODE_LETTERS, 6, &code));
	assert_false(code_take("acdefg", 6, CODE_LETTERS, 6, &code));
	assert_false(code_take("493", 3, CODE_DIGITS, 3, &code));
	assert_false(code_take("49302749302", 11, CODE_DIGITS, 11, &code));
}

static void weak_ones(void **state)
{
	static const char *const weak[] = { "000000", "777777", "123456", "654321", "890123", "210987",
		                            "AAAAAA", "ACDEFG", "YXWVUT", "0987",   "3333" };
	static const char *const strong[] = { "493027", "112233", "123457", "135790",
		                              "ACACAC", "ACDEFH", "1235",   "000001" };
	struct code code;

	(void)state;
	for (size_t i = 0; i < sizeof(weak) / sizeof(weak[0]); i++) {
		strcpy(code.text, weak[i]);
		if (!code_is_weak(&code))
			fail_msg("%s is strong", weak[i]);
	}
	for (size_t i = 0; i < sizeof(strong) / sizeof(strong[0]); i++) {
		strcpy(code.text, strong[i]);
		if (code_is_weak(&code))
			fail_msg("%s is weak", strong[i]);
	}
	code_wipe(&code);
	assert_string_equal(code.text, "");
}

static void refs_are_two_letters_of_the_alphabet(void **state)
{
	char ref[CODE_REF_CAP], other[CODE_REF_CAP];
	size_t differ = 0;

	(void)state;
	for (int i = 0; i < 200; i++) {
		code_ref(ref);
		code_ref(other);
		assert_int_equal(strlen(ref), CODE_REF_CAP - 1);
		assert_int_equal(strspn(ref, CODE_LETTERS_SET), CODE_REF_CAP - 1);
		differ += strcmp(ref, other) != 0;
	}
	assert_true(differ > 150);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(made_as_asked),      cmocka_unit_test(typed_by_hand),
		cmocka_unit_test(as_pasted),          cmocka_unit_test(of_a_pasted_sms),
		cmocka_unit_test(long_or_unreadable), cmocka_unit_test(given_by_a_caller),
		cmocka_unit_test(weak_ones),          cmocka_unit_test(refs_are_two_letters_of_the_alphabet),
	};

	return cmocka_run_group_tests_name("code", tests, NULL, NULL);
}
