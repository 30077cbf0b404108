/*
 * typed: what every character of Unicode is to numbers and codes: counted over all of them, and each kind by example.
 */
#include "otp/typed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static size_t encode(uint32_t c, char out[4])
{
	size_t n = c < 0x80 ? 1 : (c < 0x800 ? 2 : (c < 0x10000 ? 3 : 4));
	static const unsigned char head[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	for (size_t i = n; i-- > 1; c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)(head[n] | c);
	return n;
}

static struct typed sort(uint32_t point)
{
	char text[4];
	size_t at = 0, len = encode(point, text);
	struct typed c;

	assert_true(typed_next(text, len, &at, &c));
	assert_int_equal(at, len);
	return c;
}

static void kinds(void **state)
{
	static const struct {
		enum typed_kind kind;
		char ascii;
		uint32_t points[32];
	} rows[] = {
		{ TYPED_DIGIT, '7', { '7', 0x667, 0x6f7, 0x96d, 0xe57, 0xff17, 0x1d7d5 } },
		{ TYPED_LATIN, 'Q', { 'q', 'Q', 0xff31, 0xff51 } },
		{ TYPED_LETTER, 0, { 0xe9, 0x451, 0x3b1, 0x1c5 } },
		{ TYPED_MARK, 0, { 0x301, 0xe48, 0x20e3 } },
		{ TYPED_SEPARATOR, 0, { ' ',    '\t',   '\n',   '\v',   '\f',   '\r',   0x85,   0xa0,
		                        0x1680, 0x2002, 0x2009, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000,
		                        '-',    0x58a,  0x5be,  0x2010, 0x2011, 0x2012, 0x2013, 0x2014,
		                        0x2015, 0x2212, 0xfe63, 0xff0d, '(',    ')',    0xff08, 0xff09 } },
		{ TYPED_INVISIBLE,
		  0,
		  { 0xad, 0x61c, 0x180e, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x2060,
		    0x2066, 0x2067, 0x2068, 0x2069, 0xfeff } },
		{ TYPED_DOT, 0, { '.', 0xff0e } },
		{ TYPED_SLASH, 0, { '/', 0xff0f } },
		{ TYPED_PLUS, 0, { '+', 0xff0b } },
		{ TYPED_OTHER, 0, { 1,     0x7f,  '@',    '[',    '`',    '{',    '*',    '#',    ',',
		                    ':',   '~',   0x202e, 0x2063, 0x2074, 0x2460, 0xbd,   0x3002, 0x4e00,
		                    0x5d0, 0x627, 0xe01,  0x30fc, 0xff00, 0xff5f, 0xe000, 0x378,  0x1f600 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (size_t k = 0; k < 32 && rows[i].points[k]; k++) {
			struct typed c = sort(rows[i].points[k]);

			if (c.kind != rows[i].kind || c.ascii != rows[i].ascii)
				fail_msg("U+%04X: kind %d, wanted %d", rows[i].points[k], c.kind, rows[i].kind);
		}
	}
	assert_int_equal(sort(0).kind, TYPED_OTHER);
}

/* Digits come in tens, 0 to 9 in order; letters are those of ASCII, twice. */
static void over_all_of_unicode(void **state)
{
	unsigned digits = 0, letters = 0;

	(void)state;
	for (uint32_t point = 0; point <= 0x10ffff; point++) {
		if (point >= 0xd800 && point <= 0xdfff)
			continue;
		struct typed c = sort(point);
		if (c.kind == TYPED_DIGIT)
			assert_int_equal(c.ascii, '0' + digits++ % 10);
		else if (c.kind == TYPED_LATIN)
			letters++;
		else
			assert_int_equal(c.ascii, 0);
	}
	assert_true(digits >= 650 && digits % 10 == 0);
	assert_int_equal(letters, 4 * 26);
}

static void no_utf8(void **state)
{
	static const char *const texts[] = {
		"\x80", "\xc0\xb0", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x80", "\xff"
	};
	struct typed c;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		size_t at = 0;

		assert_false(typed_next(texts[i], strlen(texts[i]), &at, &c));
		assert_int_equal(at, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds),
		cmocka_unit_test(over_all_of_unicode),
		cmocka_unit_test(no_utf8),
	};

	return cmocka_run_group_tests_name("typed", tests, NULL, NULL);
}
