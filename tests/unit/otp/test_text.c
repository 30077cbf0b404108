/*
 * text and charset together: filling, faults, the one-segment bound, what a VAR may not carry.
 */
#include "otp/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static enum text_fault fill(const char *text, const char *value, char *out, size_t *which)
{
	struct text_var var = { "shop", value, 4, value ? strlen(value) : 0 };
	struct text_fill in = { text, "Toko", "r1", &var, value ? 1 : 0, 6, 0 };
	char missing[TEXT_NAME_CAP] = "";
	enum text_fault fault = text_fill(&in, out, which, missing);

	if (fault == TEXT_VAR_MISSING)
		assert_string_equal(missing, "shop");
	return fault;
}

static void fills_and_renders(void **state)
{
	char filled[TEXT_FILLED_CAP], out[TEXT_FILLED_CAP];
	size_t which;

	(void)state;
	assert_int_equal(fill("{brand} {{x} {shop}: {code} {minutes} {ref}", "A", filled, &which), TEXT_OK);
	assert_int_equal(text_render(filled, "012345", 0, out, sizeof(out)), ERR_OK);
	assert_string_equal(out, "Toko {x} A: 012345 1 r1");
	assert_int_equal(text_render(filled, "012345", 5, out, strlen("Toko {x} A: 012345 1 r1")), ERR_TOOBIG);
}

static void faults(void **state)
{
	char filled[TEXT_FILLED_CAP];
	size_t which = 9;

	(void)state;
	assert_int_equal(fill("no", NULL, filled, &which), TEXT_NO_CODE);
	assert_int_equal(fill("{code}{code}", NULL, filled, &which), TEXT_NO_CODE);
	assert_int_equal(fill("{code} {", NULL, filled, &which), TEXT_BAD_BRACE);
	assert_int_equal(fill("{code} {Bad}", NULL, filled, &which), TEXT_BAD_BRACE);
	assert_int_equal(fill("{code}\x01", NULL, filled, &which), TEXT_NOT_ENCODABLE);
	assert_int_equal(fill("{code}\xc0\xaf", NULL, filled, &which), TEXT_NOT_ENCODABLE);
	assert_int_equal(fill("{code}{shop}", NULL, filled, &which), TEXT_VAR_MISSING);
	assert_int_equal(fill("{code}", "A", filled, &which), TEXT_VAR_UNUSED);
	assert_int_equal(which, 0);
}

static void bad_values(void **state)
{
	static const char *const bad[] = { "http://x", "WwW.evil", "a\nb", "\x01", "\x02", "\xff" };
	char filled[TEXT_FILLED_CAP];
	size_t which;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(fill("{code}{shop}", bad[i], filled, &which), TEXT_VAR_BAD);
}

static void one_segment(void **state)
{
	char text[256] = "{code}";

	(void)state;
	memset(text + 6, 'a', 154);
	assert_int_equal(text_check(text, "", 6, 0), TEXT_OK);
	assert_int_equal(text_check(text, "", 7, 0), TEXT_TOO_LONG);
	assert_int_equal(text_check(text, "", 6, 1U << CHARSET_GSM | 1U << CHARSET_ASCII), TEXT_OK);
	assert_int_equal(text_check(text, "", 6, 1U << CHARSET_GSM | 1U << CHARSET_LATIN1), TEXT_TOO_LONG);
	strcpy(text + 6 + 152, "[");
	assert_int_equal(text_check(text, "", 6, 0), TEXT_OK);
	strcpy(text + 6 + 153, "[");
	text[6 + 152] = 'a';
	assert_int_equal(text_check(text, "", 6, 0), TEXT_TOO_LONG);
	memset(text + 6, 0, sizeof(text) - 6);
	memset(text + 6, 'a', 134);
	assert_int_equal(text_check(text, "", 6, 1U << CHARSET_LATIN1), TEXT_OK);
	assert_int_equal(text_check(text, "", 7, 1U << CHARSET_LATIN1), TEXT_TOO_LONG);
	memset(text + 6, 0, sizeof(text) - 6);
	memset(text + 6, 'a', 64);
	assert_int_equal(text_check(text, "", 6, 1U << CHARSET_UCS2), TEXT_OK);
	assert_int_equal(text_check(text, "", 7, 1U << CHARSET_UCS2), TEXT_TOO_LONG);
	assert_int_equal(text_check(text, "", 7, 0), TEXT_OK);
	strcpy(text + 6 + 64, "\xc3\xa9");
	assert_int_equal(text_check(text, "", 6, 1U << CHARSET_GSM | 1U << CHARSET_LATIN1), TEXT_OK);
	assert_int_equal(text_check(text, "", 6, 1U << CHARSET_GSM | 1U << CHARSET_ASCII), TEXT_TOO_LONG);
	strcpy(text + 6 + 63, "\xc3\xa9");
	assert_int_equal(text_check(text, "", 6, 1U << CHARSET_ASCII), TEXT_OK);
}

/* What is sure to arrive as it is: smpp.md, "Message building"; all of it, and nothing else of ASCII. */
static void risky(void **state)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	                           " \n.,:;-()?!/+%&*'\"<>=";
	char text[] = "ok {code} ?";
	uint32_t point = 0;

	(void)state;
	assert_false(text_risky(safe, &point));
	for (int c = 1; c < 128; c++) {
		if (c == '{' || strchr(safe, c))
			continue;
		text[sizeof(text) - 2] = (char)c;
		assert_true(text_risky(text, &point));
		assert_int_equal(point, c);
	}
	assert_false(text_risky("{code} {brand} {a_name}", &point));
	assert_true(text_risky("{code} {{", &point));
	assert_int_equal(point, '{');
	assert_true(text_risky("{code} \xe2\x82\xac @", &point));
	assert_int_equal(point, 0x20ac);
	assert_true(text_risky("{code} \xc3\xa9", &point));
	assert_int_equal(point, 0xe9);
}

static void charset(void **state)
{
	static const char all[] = "@\xc2\xa3_[\xe2\x82\xac";
	static const uint8_t septets[] = { 0x00, 0x01, 0x11, 0x1b, 0x3c, 0x1b, 0x65 };
	uint8_t out[16];
	size_t units, len;
	enum charset set;

	(void)state;
	assert_int_equal(charset_measure(all, strlen(all), &set, &units), ERR_OK);
	assert_int_equal(set, CHARSET_GSM);
	assert_int_equal(units, 7);
	len = sizeof(out);
	assert_int_equal(charset_encode(CHARSET_GSM, all, strlen(all), out, &len), ERR_OK);
	assert_int_equal(len, sizeof(septets));
	assert_memory_equal(out, septets, len);
	len = 6;
	assert_int_equal(charset_encode(CHARSET_GSM, all, strlen(all), out, &len), ERR_TOOBIG);
	assert_int_equal(charset_measure("\xf0\x9f\x98\x80", 4, &set, &units), ERR_OK);
	assert_int_equal(set, CHARSET_UCS2);
	assert_int_equal(units, 2);
	len = 16;
	assert_int_equal(charset_encode(CHARSET_UCS2, "\xf0\x9f\x98\x80", 4, out, &len), ERR_OK);
	assert_memory_equal(out, "\xd8\x3d\xde\x00", 4);
	assert_int_equal(charset_measure("\xed\xa0\x80", 3, &set, &units), ERR_INVALID);
	assert_int_equal(charset_measure("\xe2\x82", 2, &set, &units), ERR_INVALID);
	assert_int_equal(charset_measure("a\0b", 3, &set, &units), ERR_INVALID);
}

static void alphabets_of_smscs(void **state)
{
	static const struct {
		enum charset set;
		const char *utf8, *octets;
		size_t len;
	} rows[] = {
		{ CHARSET_LATIN1, "a@\xc3\xbf\xc2\xa3", "a@\xff\xa3", 4 },
		{ CHARSET_ASCII, "a@[~$", "a@[~$", 5 },
		{ CHARSET_LATIN1, "\xe2\x82\xac", NULL, 0 },
		{ CHARSET_LATIN1, "\xc4\x80", NULL, 0 },
		{ CHARSET_ASCII, "\xc3\xa9", NULL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t out[16];
		size_t len = sizeof(out);
		enum err err = charset_encode(rows[i].set, rows[i].utf8, strlen(rows[i].utf8), out, &len);

		assert_int_equal(err, rows[i].octets ? ERR_OK : ERR_INVALID);
		if (!rows[i].octets)
			continue;
		assert_int_equal(len, rows[i].len);
		assert_memory_equal(out, rows[i].octets, len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fills_and_renders), cmocka_unit_test(faults),  cmocka_unit_test(bad_values),
		cmocka_unit_test(one_segment),       cmocka_unit_test(risky), cmocka_unit_test(charset),
		cmocka_unit_test(alphabets_of_smscs),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
