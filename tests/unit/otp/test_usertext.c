/*
 * usertext: what the value of a VAR may carry: names and amounts of many scripts; every other class and every link is
 * refused, with the first character at fault.
 */
#include "otp/usertext.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void good(void **state)
{
	static const char *const texts[] = {
		"",
		"Toko Budi",
		"Rp 1.250.000",
		"1.250.000.000",
		"50,000.50",
		"AT&T (Asia), Ltd.",
		"O'Neill",
		"O\u2019Neill",
		"\u2018Okina Kai",
		"Jean-Luc",
		"Jean\u2010Luc",
		"A\u2013Z",
		"Jl. Sudirman 12/3",
		"dr. Budi",
		"J.K. Rowling",
		"S.H., M.M.",
		"PT Abadi Tbk.",
		"Muñoz",
		"Mun\u0303oz",
		"J.N\u0303. Az",
		"Αθήνα",
		"Москва",
		"القاهرة، مصر",
		"ירושלים",
		"दिल्ली",
		"กรุงเทพ",
		"東京 太郎",
		"東京、大阪",
		"（株）東京",
		"ジョン・スミス",
		"ＡＢＣ＆Ｄ",
		"Col·legi",
		"٣٤٥",
		"১২",
		"10\u00a0000",
		"1\u202f000",
		"A.1",
		"A.1B",
		"No.12",
		"1.5jt",
		"a.-bc",
		"www",
		"ww.1",
		"wwww.1",
		"www .1",
		"Pt..co",
		".co",
		"256.1.1.1",
		"1.2.3",
		"1.2.3.4.5",
		"1.2.3.4a",
		"Rp1.2.3.4",
		"1.2.3.x",
		"1..2.3.4",
		"3.1234.5.6",
		"A/B",
		"-",
		".",
	};
	uint32_t point = 1;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		enum usertext_fault fault = usertext_check(texts[i], strlen(texts[i]), USERTEXT_ANY, &point);

		if (fault != USERTEXT_OK || point != 0)
			fail_msg("\"%s\": %s, U+%04X", texts[i], usertext_fault_text(fault), point);
	}
}

/* A text, the first character that is refused, and why. */
static const struct {
	const char *text;
	uint32_t point;
	enum usertext_fault fault;
} faults[] = {
	{ "a\nb", '\n', USERTEXT_LINE_END },
	{ "a\rb", '\r', USERTEXT_LINE_END },
	{ "a\xc2\x85", 0x85, USERTEXT_LINE_END },
	{ "a\u2028b", 0x2028, USERTEXT_LINE_END },
	{ "a\u2029b", 0x2029, USERTEXT_LINE_END },
	{ "\x01", 1, USERTEXT_CONTROL },
	{ "\x02", 2, USERTEXT_CONTROL },
	{ "a\tb", '\t', USERTEXT_CONTROL },
	{ "\x7f", 0x7f, USERTEXT_CONTROL },
	{ "\xc2\x9b", 0x9b, USERTEXT_CONTROL },
	{ "a\u202eb", 0x202e, USERTEXT_DIRECTION },
	{ "a\u202ab", 0x202a, USERTEXT_DIRECTION },
	{ "a\u2067b", 0x2067, USERTEXT_DIRECTION },
	{ "a\u2069", 0x2069, USERTEXT_DIRECTION },
	{ "\u200f", 0x200f, USERTEXT_DIRECTION },
	{ "\u061c", 0x61c, USERTEXT_DIRECTION },
	{ "a\u200bb", 0x200b, USERTEXT_INVISIBLE },
	{ "a\u200db", 0x200d, USERTEXT_INVISIBLE },
	{ "a\u00adb", 0xad, USERTEXT_INVISIBLE },
	{ "\ufeff", 0xfeff, USERTEXT_INVISIBLE },
	{ "\u2060", 0x2060, USERTEXT_INVISIBLE },
	{ "\u3164", 0x3164, USERTEXT_INVISIBLE },
	{ "a\ufe0f", 0xfe0f, USERTEXT_INVISIBLE },
	{ "\u034f", 0x34f, USERTEXT_INVISIBLE },
	{ "\U000e0041", 0xe0041, USERTEXT_INVISIBLE },
	{ "\ufff9", 0xfff9, USERTEXT_INVISIBLE },
	{ "a!", '!', USERTEXT_SYMBOL },
	{ "a@b", '@', USERTEXT_SYMBOL },
	{ "a:b", ':', USERTEXT_SYMBOL },
	{ "{x}", '{', USERTEXT_SYMBOL },
	{ "100%", '%', USERTEXT_SYMBOL },
	{ "#1", '#', USERTEXT_SYMBOL },
	{ "\u20ac 5", 0x20ac, USERTEXT_SYMBOL },
	{ "\u2605", 0x2605, USERTEXT_SYMBOL },
	{ "\u2460", 0x2460, USERTEXT_SYMBOL },
	{ "a\u2024com", 0x2024, USERTEXT_SYMBOL },
	{ "\U0001f600", 0x1f600, USERTEXT_SYMBOL },
	{ "\ue000", 0xe000, USERTEXT_SYMBOL },
	{ "\u0378", 0x378, USERTEXT_SYMBOL },
	{ "\uff1a", 0xff1a, USERTEXT_SYMBOL },
	{ "evil.com!", '!', USERTEXT_SYMBOL },
	{ "a\xff", 0, USERTEXT_NOT_UTF8 },
	{ "\xed\xa0\x80", 0, USERTEXT_NOT_UTF8 },
	{ "ok\xe2\x80", 0, USERTEXT_NOT_UTF8 },
};

static void refused_by_class(void **state)
{
	uint32_t point;

	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		enum usertext_fault fault =
		    usertext_check(faults[i].text, strlen(faults[i].text), USERTEXT_ANY, &point);

		if (fault != faults[i].fault || point != faults[i].point)
			fail_msg("\"%s\": %s, U+%04X", faults[i].text, usertext_fault_text(fault), point);
	}
	assert_int_equal(usertext_check("a\0b", 3, USERTEXT_ANY, &point), USERTEXT_CONTROL);
}

static void links(void **state)
{
	static const char *const texts[] = {
		"bit.ly",
		"bit.ly/x1",
		"evil.com/path",
		"Toko evil.example",
		"(evil.com)",
		"x.co, y",
		"a-b.io",
		"EVIL.COM.",
		"dr.Budi",
		"J.K.Rowling",
		"S.Kom",
		"evil\uff0ecom",
		"evil\u3002com",
		"evil\uff61com",
		"пример.рф",
		"例え.テスト",
		"bücher.de",
		"bu\u0308cher.d\u0308e",
		"x.xn--p1ai",
		"भारत.भारत",
		"ｅｖｉｌ.ｃｏｍ",
		"𝐞𝐯𝐢𝐥.𝐜𝐨𝐦",
		"a.b1.cd",
		"1.com",
		"www.1x",
		"WwW.evil",
		"x www.9",
		"45.33.32.156",
		"45.33.32.156/x",
		"(1.2.3.4)",
		"10.0.0.1.",
		"1.250.000.000/x",
		"1.250.000.000／x",
		"1.22.000.000",
	};
	uint32_t point = 1;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		enum usertext_fault fault = usertext_check(texts[i], strlen(texts[i]), USERTEXT_ANY, &point);

		if (fault != USERTEXT_LINK || point != 0)
			fail_msg("\"%s\": %s, U+%04X", texts[i], usertext_fault_text(fault), point);
	}
}

/* A kind is narrower than what any VAR may have; what none may have is told first. */
static void kinds(void **state)
{
	static const struct {
		enum usertext_kind kind;
		const char *text;
		uint32_t point;
		enum usertext_fault fault;
	} rows[] = {
		{ USERTEXT_AMOUNT, "Rp 1.250.000,-", 0, USERTEXT_OK },
		{ USERTEXT_AMOUNT, "1\u202f000,50 Baht", 0, USERTEXT_OK },
		{ USERTEXT_AMOUNT, "\u0661\u0662", 0, USERTEXT_OK },
		{ USERTEXT_AMOUNT, "", 0, USERTEXT_OK },
		{ USERTEXT_AMOUNT, "12 Dollars", 'a', USERTEXT_UNLIKE },
		{ USERTEXT_AMOUNT, "1/2", '/', USERTEXT_UNLIKE },
		{ USERTEXT_AMOUNT, "1'000", '\'', USERTEXT_UNLIKE },
		{ USERTEXT_AMOUNT, "$5", '$', USERTEXT_SYMBOL },
		{ USERTEXT_AMOUNT, "5.co", 0, USERTEXT_LINK },
		{ USERTEXT_NAME, "Jean-Luc O\u2019Neill, S.H.", 0, USERTEXT_OK },
		{ USERTEXT_NAME, "\u30b8\u30e7\u30f3\u30fb\u30b9", 0, USERTEXT_OK },
		{ USERTEXT_NAME, "Budi 2", '2', USERTEXT_UNLIKE },
		{ USERTEXT_NAME, "A&B", '&', USERTEXT_UNLIKE },
		{ USERTEXT_WORD, "Xperia5", 0, USERTEXT_OK },
		{ USERTEXT_WORD, "two words", ' ', USERTEXT_UNLIKE },
		{ USERTEXT_WORD, "a.b", '.', USERTEXT_UNLIKE },
		{ USERTEXT_WORD, "a\u202e", 0x202e, USERTEXT_DIRECTION },
	};
	uint32_t point;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum usertext_fault fault = usertext_check(rows[i].text, strlen(rows[i].text), rows[i].kind, &point);

		if (fault != rows[i].fault || point != rows[i].point)
			fail_msg("\"%s\": %s, U+%04X", rows[i].text, usertext_fault_text(fault), point);
	}
	for (enum usertext_kind k = USERTEXT_ANY; k <= USERTEXT_WORD; k++)
		assert_true(usertext_kind_text(k)[0]);
	assert_string_equal(usertext_kind_text((enum usertext_kind)(USERTEXT_WORD + 1)), "");
}

static void every_fault_has_words(void **state)
{
	(void)state;
	for (enum usertext_fault f = USERTEXT_OK; f <= USERTEXT_LINK; f++)
		assert_string_not_equal(usertext_fault_text(f), "something unknown");
	assert_string_equal(usertext_fault_text((enum usertext_fault)(USERTEXT_LINK + 1)), "something unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good),  cmocka_unit_test(refused_by_class),      cmocka_unit_test(links),
		cmocka_unit_test(kinds), cmocka_unit_test(every_fault_has_words),
	};

	return cmocka_run_group_tests_name("usertext", tests, NULL, NULL);
}
