/*
 * text and charset together: filling, faults, the one-segment bound, what a VAR may not carry.
 */
#include "otp/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static enum text_fault fill(const char *text, const char *value, char *out, size_t *which)
{
	struct text_var var = { "shop", value, 4, value ? strlen(value) : 0 };
	const struct text_template x = { .text = text };
	struct text_fill in = { &x, "Toko", &var, value ? 1 : 0, 6, 0, NULL };
	char missing[TEXT_NAME_CAP] = "";
	enum text_fault fault = text_fill(&in, out, NULL, which, missing);

	if (fault == TEXT_VAR_MISSING)
		assert_string_equal(missing, "shop");
	return fault;
}

static enum err render(const char *filled, const char *code, unsigned minutes, char *out, size_t cap)
{
	return text_render(filled, &(struct text_holes){ code, "r1", minutes }, out, cap);
}

static void fills_and_renders(void **state)
{
	char filled[TEXT_FILLED_CAP], out[TEXT_FILLED_CAP];
	size_t which;

	(void)state;
	assert_int_equal(fill("{brand} {{x} {shop}: {code} {minutes} {ref}", "A", filled, &which), TEXT_OK);
	assert_int_equal(render(filled, "012345", 0, out, sizeof(out)), ERR_OK);
	assert_string_equal(out, "Toko {x} A: 012345 1 r1");
	assert_int_equal(render(filled, "012345", 5, out, strlen("Toko {x} A: 012345 1 r1")), ERR_TOOBIG);
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
	static const char *const bad[] = { "http://x", "WwW.evil", "a\nb",     "\x01",    "\x02",
		                           "\xff",     "bit.ly/x", "a\u202eb", "a\u200b", "evil.com" };
	char filled[TEXT_FILLED_CAP];
	size_t which;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(fill("{code}{shop}", bad[i], filled, &which), TEXT_VAR_BAD);
}

/* No VAR makes a link with what stands beside it. */
static void links_with_their_neighbours(void **state)
{
	static const struct {
		const char *text, *value;
		enum text_fault fault;
	} rows[] = {
		{ "{code} evil.{shop}", "com", TEXT_VAR_BAD },
		{ "{code} {shop}.com", "evil", TEXT_VAR_BAD },
		{ "{code} {shop}{brand}", "evil.", TEXT_VAR_BAD },
		{ "{code} www.{shop} x", "x1", TEXT_VAR_BAD },
		{ "{code} 45.33.{shop}", "32.156", TEXT_VAR_BAD },
		{ "{code} www.shop.id {shop}", "Ani", TEXT_OK },
		{ "{code} www.shop.id/{shop}", "Ani", TEXT_OK },
		{ "{code} {shop}.", "Ani", TEXT_OK },
		{ "{shop}.{code}", "Ani", TEXT_OK },
		{ "{code} {shop}, {brand}.", "dr. Budi", TEXT_OK },
	};
	static const struct text_var two[] = { { "a", "evil.", 1, 5 }, { "b", "com", 1, 3 } };
	struct text_template x = { .text = "{code} {a} {b}" };
	struct text_fill in = { &x, "B", two, 2, 6, 0, NULL };
	char filled[TEXT_FILLED_CAP];
	size_t which = 9;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (fill(rows[i].text, rows[i].value, filled, &which) != rows[i].fault)
			fail_msg("%s with %s", rows[i].text, rows[i].value);
	}
	assert_int_equal(text_fill(&in, filled, NULL, &which, NULL), TEXT_OK);
	x.text = "{code} {a}{b}";
	assert_int_equal(text_fill(&in, filled, NULL, &which, NULL), TEXT_VAR_BAD);
	assert_int_equal(which, 0);
}

static void brands_and_missing_parts(void **state)
{
	static const struct text_var many[TEXT_VARS_MAX + 1] = {
		{ "a", "", 1, 0 },
		{ "b", "1", 1, 1 },
		{ "bb", "2", 2, 1 },
	};
	struct text_template x = { .text = "{code} {bb}{a}" };
	struct text_fill in = { &x, NULL, many, 3, 6, 0, NULL };
	char filled[TEXT_FILLED_CAP], out[TEXT_FILLED_CAP], long_text[TEXT_FILLED_CAP + 8], name[TEXT_NAME_CAP + 8];
	size_t which = 9;

	(void)state;
	assert_int_equal(text_fill(&in, filled, NULL, &which, NULL), TEXT_VAR_UNUSED);
	assert_int_equal(which, 1);
	x.text = "{brand}{ref}{code} {bb}{a}{b}";
	assert_int_equal(text_fill(&in, filled, NULL, NULL, NULL), TEXT_OK);
	assert_int_equal(render(filled, "123456", 5, out, sizeof(out)), ERR_OK);
	assert_string_equal(out, "r1123456 21");
	in.var_count = TEXT_VARS_MAX + 1;
	assert_int_equal(text_fill(&in, filled, NULL, &which, NULL), TEXT_VAR_UNUSED);
	assert_int_equal(which, TEXT_VARS_MAX);
	in.var_count = 0;
	assert_int_equal(text_fill(&in, filled, NULL, NULL, NULL), TEXT_VAR_MISSING);
	x.text = "{code}{brand}";
	in.brand = "a\tb";
	assert_int_equal(text_fill(&in, filled, NULL, NULL, NULL), TEXT_NOT_ENCODABLE);
	x.text = "{code}";
	in.code_len = 11;
	assert_int_equal(text_fill(&in, filled, NULL, NULL, NULL), TEXT_TOO_LONG);
	memset(long_text, 'a', sizeof(long_text));
	memcpy(long_text, "{code}", 6);
	long_text[sizeof(long_text) - 1] = '\0';
	assert_int_equal(text_check(long_text, "", 6, 0), TEXT_TOO_LONG);
	memset(name, 'n', sizeof(name));
	name[0] = '{';
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(text_check(name, "", 6, 0), TEXT_BAD_BRACE);
	assert_int_equal(text_check("{code}{shop}{SHOP}", "", 6, 0), TEXT_BAD_BRACE);
	assert_int_equal(text_check("{code} {a_b-9} {}", "", 6, 0), TEXT_BAD_BRACE);
	assert_int_equal(text_check("{code} {a:b}", "", 6, 0), TEXT_BAD_BRACE);
	assert_int_equal(text_check("{code} {{", "", 6, 0), TEXT_OK);
}

/* A second {code} stands in the last line that phones read, and nowhere else. */
static void a_line_for_autofill(void **state)
{
	static const char *const good[] = {
		"Kode {code}\n@example.com #{code}",
		"{brand}: {code}.\n\n@otp.shop-1.example.co.id #{code}",
		"{code}\n@a.b #{code} FA+9qCX9VSu",
		"{code}\n@a.b #{code}\nFA/9qCX9VSu",
		"Kode #1 {code}\n@example.com #{code}",
		"@example.com #{code}",
		"x @example.com #{code}",
		"{code}\n@example.com #{{code}",
	};
	static const char *const bad[] = {
		"{code} {code}",
		"{code}\n{code}",
		"{code} @example.com #{code}",
		"{code}\n@example.com #{code}.",
		"{code}\n@example.com #{code}\n",
		"{code}\n@example.com {code}",
		"{code}\n@example.com  #{code}",
		"{code}\n@ example.com #{code}",
		"{code}\nexample.com #{code}",
		"{code}\n@ #{code}",
		"{code}\n@example #{code}",
		"{code}\n@example. #{code}",
		"{code}\n@.example #{code}",
		"{code}\n@ex..ample #{code}",
		"{code}\n@-a.example #{code}",
		"{code}\n@a-.example #{code}",
		"{code}\n@ex_a.mple #{code}",
		"{code}\n@{brand}.example #{code}",
		"{code}\n@example.com #{code} #1",
		"{code}\n@example.com #{code} FA+9qCX9VS",
		"{code}\n@example.com #{code} FA+9qCX9VSu1",
		"{code}\n@example.com #{code} FA-9qCX9VSu",
		"{code}\n@example.com #{code}FA+9qCX9VSu",
		"{code}{code}\n@a.b #{code}",
		"{code}\n@example.com #{code}\n\nFA+9qCX9VSu",
		"#{code}{code}",
		" #{code}{code}",
		"\n#{code}{code}",
		"{code}\n #{code}",
		"{code}\n@example.com ##{code}",
	};
	char host[320], filled[TEXT_FILLED_CAP], out[TEXT_FILLED_CAP];
	size_t which;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (text_check(good[i], "B", 6, 0) != TEXT_OK)
			fail_msg("refused: %s", good[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (text_check(bad[i], "B", 6, 0) != TEXT_NO_CODE)
			fail_msg("taken: %s", bad[i]);
	}
	assert_int_equal(fill(good[0], NULL, filled, &which), TEXT_OK);
	assert_int_equal(render(filled, "493027", 5, out, sizeof(out)), ERR_OK);
	assert_string_equal(out, "Kode 493027\n@example.com #493027");
	/* A label has at most 63 characters, a name 253. */
	memset(host, 'a', sizeof(host));
	memcpy(host, "{code}\n@", 8);
	strcpy(host + 8 + 63, ".b #{code}");
	assert_int_equal(text_check(host, "", 6, 0), TEXT_OK);
	strcpy(host + 8, "a.");
	memset(host + 10, 'a', 64);
	strcpy(host + 10 + 64, " #{code}");
	assert_int_equal(text_check(host, "", 6, 0), TEXT_NO_CODE);
}

/* The length counts both codes; a text that is filled already may be asked about with another length. */
static void both_codes_count(void **state)
{
	static const char line[] = "\n@a.b #{code}";
	char text[256] = "{code}", filled[TEXT_FILLED_CAP];
	const struct text_template x = { .text = text };
	struct text_fill in = { &x, "", NULL, 0, 6, 0, NULL };
	size_t letters = 160 - 2 * 6 - strlen("\n@a.b #");

	(void)state;
	memset(text + 6, 'a', letters);
	strcpy(text + 6 + letters, line);
	assert_int_equal(text_fill(&in, filled, NULL, NULL, NULL), TEXT_OK);
	assert_int_equal(text_fits(filled, 6, 0), TEXT_OK);
	assert_int_equal(text_fits(filled, 4, 0), TEXT_OK);
	assert_int_equal(text_fits(filled, 7, 0), TEXT_TOO_LONG);
	assert_int_equal(text_fits(filled, 6, 1U << CHARSET_LATIN1), TEXT_TOO_LONG);
	assert_int_equal(text_fits(filled, 11, 0), TEXT_TOO_LONG);
	assert_int_equal(text_fits("\xff", 6, 0), TEXT_NOT_ENCODABLE);
	strcpy(text + 6 + letters, "a");
	strcpy(text + 6 + letters + 1, line);
	assert_int_equal(text_fill(&in, filled, NULL, NULL, NULL), TEXT_TOO_LONG);
	memset(filled, 2, sizeof(filled) - 1);
	filled[sizeof(filled) - 1] = '\0';
	assert_int_equal(text_fits(filled, 6, 0), TEXT_TOO_LONG);
	assert_int_equal(render("", "1", 1, text, 0), ERR_TOOBIG);
}

/* What the template says of a VAR holds for it, and for no other. */
static void kinds_of_vars(void **state)
{
	static const struct text_kind kinds[] = { { "sum", USERTEXT_AMOUNT }, { "shop", USERTEXT_NAME } };
	const struct text_template x = { .text = "{code} {sum}{shop}{sho}", .kinds = kinds, .kind_count = 2 };
	struct text_var vars[] = { { "sum", "Rp 5.000", 3, 8 }, { "shop", "Budi", 4, 4 }, { "sho", "A/1", 3, 3 } };
	const struct text_fill in = { &x, "", vars, 3, 6, 0, NULL };
	char filled[TEXT_FILLED_CAP];
	size_t which = 9;

	(void)state;
	assert_int_equal(text_fill(&in, filled, NULL, &which, NULL), TEXT_OK);
	vars[1] = (struct text_var){ "shop", "A/1", 4, 3 };
	assert_int_equal(text_fill(&in, filled, NULL, &which, NULL), TEXT_VAR_BAD);
	assert_int_equal(which, 1);
	vars[0] = (struct text_var){ "sum", "seratus", 3, 7 };
	assert_int_equal(text_fill(&in, filled, NULL, &which, NULL), TEXT_VAR_BAD);
	assert_int_equal(which, 0);
	assert_true(text_has_var(x.text, "sho"));
	assert_false(text_has_var(x.text, "sh"));
	assert_false(text_has_var(x.text, "code"));
	assert_false(text_has_var("{minutes}{brand}{ref} shop {{shop}", "shop"));
	assert_false(text_has_var("{minutes}{brand}{ref}", "minutes"));
	assert_false(text_has_var("{minutes}{brand}{ref}", "brand"));
	assert_false(text_has_var("{minutes}{brand}{ref}", "ref"));
	assert_false(text_has_var("{x {shop}", "shop"));
}

/* What is said of a text that is too long: as a template with its words, and filled. */
static void said_of(const char *text, const struct text_var *var, unsigned sets, const char *words)
{
	const struct text_template x = { .text = text };
	const struct text_fill in = { &x, "Bank", var, var ? 1 : 0, 6, sets, NULL };
	char filled[TEXT_FILLED_CAP], said[TEXT_SIZE_WORDS_CAP];
	struct text_size size;

	assert_int_equal(text_fill(&in, filled, NULL, NULL, NULL), TEXT_TOO_LONG);
	text_fill_size(&in, &size);
	text_size_words(&size, sets, said);
	assert_string_equal(said, words);
	if (strstr(words, "UTF-8") || (var && var->value_len > 200))
		return;
	text_fits_size(filled, 6, &size);
	text_size_words(&size, sets, said);
	assert_string_equal(said, words);
}

static void why_it_is_too_long(void **state)
{
	static const char wide[] = "{brand}: {code} {minutes} {shop} {ref}";
	char a[300], text[320];
	struct text_var shop = { "shop", a, 4, 0 };

	(void)state;
	memset(a, 'a', sizeof(a) - 1);
	a[sizeof(a) - 1] = '\0';
	shop.value_len = 150;
	said_of(wide, &shop, 0, "it has 169 characters and one SMS takes 160 of the GSM alphabet");
	shop.value_len = 250;
	said_of(wide, &shop, 0, "it has 269 characters and one SMS takes 160 of the GSM alphabet");
	memcpy(a, "\xe4\xb8\xad", 3);
	shop.value_len = 80;
	said_of(wide, &shop, 0, "it has 97 characters and one SMS takes 70, since U+4E2D is not in the GSM alphabet");
	snprintf(text, sizeof(text), "`%.64s{code}{{", a + 3);
	said_of(text, NULL, 0,
	        "it has 72 characters and one SMS takes 70, since U+0060 (`) is not in the GSM alphabet");
	/* Beyond the BMP it counts twice. */
	snprintf(text, sizeof(text), "\xf0\x9f\x94\x92%.64s{code}", a + 3);
	said_of(text, NULL, 0, "it has 72 characters and one SMS takes 70, since U+1F512 is not in the GSM alphabet");
	snprintf(text, sizeof(text), "%.140s{code}", a + 3);
	said_of(text, NULL, 1U << CHARSET_LATIN1,
	        "it has 146 characters and one SMS takes 140 of the Latin 1 alphabet");
	snprintf(text, sizeof(text), "%.70s{code}", a + 3);
	said_of(text, NULL, 1U << CHARSET_UCS2, "it has 76 characters and one SMS takes 70 of the UCS-2 alphabet");
	snprintf(text, sizeof(text), "%.70s\xc3\xa9{code}", a + 3);
	said_of(text, NULL, 1U << CHARSET_LATIN1 | 1U << CHARSET_ASCII,
	        "it has 77 characters and one SMS takes 70, since U+00E9 is not in the ASCII alphabet");
	/* Each of two octets: there is room in the SMS, and none for the text. */
	for (size_t i = 0; i < 150; i++)
		memcpy(a + 2 * i, "\xc3\xa9", i < 149 ? 2 : 1);
	snprintf(text, sizeof(text), "%.298s{code}", a);
	said_of(text, NULL, 0, "it has more than 223 octets of UTF-8");
}

/* What is no UTF-8 counts nothing, and the count goes on behind it. */
static void broken_octets_count_nothing(void **state)
{
	struct text_size size = { { 0 }, { 0 } };

	(void)state;
	text_size_add(&size,
	              "\xff"
	              "a\xe4",
	              3);
	assert_int_equal(size.octets[CHARSET_GSM], 1);
	assert_int_equal(size.octets[CHARSET_UCS2], 2);
}

static void names_of_faults(void **state)
{
	(void)state;
	for (enum text_fault f = TEXT_OK; f <= TEXT_VAR_BAD; f++)
		assert_string_not_equal(text_fault_name(f), "unknown");
	assert_string_equal(text_fault_name((enum text_fault)(TEXT_VAR_BAD + 1)), "unknown");
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
	assert_true(text_risky("{code} {", &point));
	assert_int_equal(point, '{');
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
		cmocka_unit_test(fills_and_renders),
		cmocka_unit_test(faults),
		cmocka_unit_test(links_with_their_neighbours),
		cmocka_unit_test(bad_values),
		cmocka_unit_test(brands_and_missing_parts),
		cmocka_unit_test(a_line_for_autofill),
		cmocka_unit_test(both_codes_count),
		cmocka_unit_test(names_of_faults),
		cmocka_unit_test(why_it_is_too_long),
		cmocka_unit_test(broken_octets_count_nothing),
		cmocka_unit_test(kinds_of_vars),
		cmocka_unit_test(one_segment),
		cmocka_unit_test(risky),
		cmocka_unit_test(charset),
		cmocka_unit_test(alphabets_of_smscs),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
