/*
 * msisdn: the accepted spellings, every reason, masks; with Indonesia's plan as the configuration would give it.
 */
#include "otp/msisdn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct msisdn_mobile mobile[] = { { "81", "83", 0 }, { "85", "89", 0 } };
static struct msisdn_range ranges[] = {
	{ "811", "813", "Telkomsel", "Telkomsel" }, { "814", "816", "IM3", "Indosat" },
	{ "817", "819", "XL", "XLSmart" },          { "821", "823", "Telkomsel", "Telkomsel" },
	{ "831", "833", "Axis", "XLSmart" },        { "838", "838", "Axis", "XLSmart" },
	{ "851", "851", "by.U", "Telkomsel" },      { "852", "853", "Telkomsel", "Telkomsel" },
	{ "855", "858", "IM3", "Indosat" },         { "859", "859", "XL", "XLSmart" },
	{ "877", "879", "XL", "XLSmart" },          { "881", "889", "Smartfren", "XLSmart" },
	{ "895", "899", "Tri", "Indosat" },
};
static const char *grouped[] = { "xxx-xxx-xxx", "xxx-xxxx-xxx", "xxx-xxxx-xxxx", "xxx-xxxx-xxxxx" };
static struct msisdn_country countries[] = {
	{ "ID", "62", "0", 9, 12, mobile, 2, ranges, sizeof(ranges) / sizeof(ranges[0]), true, grouped, 4 },
};
static const struct msisdn_plan plan = { countries, 1, 0, "00" };

static enum msisdn_reason parse(const char *text, struct msisdn *out, struct msisdn_info *info)
{
	memset(out, 0, sizeof(*out));
	return msisdn_parse(&plan, text, strlen(text), out, info);
}

static void spellings(void **state)
{
	static const char *const same[] = {
		"+62 812-3456-7890", "0812 3456 7890",   "6281234567890", "006281234567890",  "+62 081234567890",
		"626281234567890",   "(0812) 3456.7890", "81234567890",   "+62/812/34567890", " +6281234567890 ",
	};
	struct msisdn m;

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		assert_int_equal(parse(same[i], &m, NULL), MSISDN_OK);
		assert_string_equal(m.digits, "6281234567890");
	}
}

static void sources(void **state)
{
	static const struct {
		const char *address;
		unsigned ton;
		const char *number; /* NULL: none */
	} cases[] = {
		{ "6281234567890", 1, "6281234567890" },
		{ "+6281234567890", 1, "6281234567890" },
		{ "6281234567890", 0, "6281234567890" },
		{ "+6281234567890", 0, "6281234567890" },
		{ "006281234567890", 0, "6281234567890" },
		{ "081234567890", 0, "6281234567890" },
		{ "081234567890", 1, "6281234567890" },
		{ "081234567890", 2, "6281234567890" },
		{ "81234567890", 2, "6281234567890" },
		/* A mobile number of Japan, whose digits a person at home could mean without the code. */
		{ "819012345678", 1, NULL },
		{ "819012345678", 0, NULL },
		{ "+819012345678", 2, NULL },
		/* Nothing is left out of what a network gives, as is of what people type. */
		{ "626281234567890", 1, NULL },
		{ "62081234567890", 1, NULL },
		{ "6281234567890", 2, NULL },
		{ "00081234567890", 0, NULL },
		{ "+081234567890", 1, NULL },
		{ "62 81234567890", 1, NULL },
		{ "62812345678901234", 1, NULL },
		/* Network-specific, subscriber, alphanumeric, abbreviated. */
		{ "6281234567890", 3, NULL },
		{ "6281234567890", 4, NULL },
		{ "6281234567890", 5, NULL },
		{ "6281234567890", 6, NULL },
		{ "95000", 0, NULL },
		{ "BANK", 5, NULL },
		{ "", 0, NULL },
		{ "+", 1, NULL },
		{ "0", 2, NULL },
	};
	const struct msisdn_plan no_home = { countries, 1, 1, "00" };
	struct msisdn m;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(msisdn_of_source(&plan, cases[i].address, cases[i].ton, &m), cases[i].number != NULL);
		if (cases[i].number)
			assert_string_equal(m.digits, cases[i].number);
	}
	assert_true(msisdn_of_source(&no_home, "6281234567890", 1, &m));
	assert_false(msisdn_of_source(&no_home, "81234567890", 2, &m));
	assert_false(msisdn_of_source(&no_home, "081234567890", 0, &m));
}

static void reasons(void **state)
{
	static const struct {
		const char *text;
		enum msisdn_reason reason;
	} cases[] = {
		{ "081234567", MSISDN_TOO_SHORT },
		{ "0812345678", MSISDN_OK },
		{ "0812345678901", MSISDN_OK },
		{ "08123456789012", MSISDN_TOO_LONG },
		{ "08", MSISDN_TOO_SHORT },
		{ "0211234567", MSISDN_NOT_MOBILE },
		{ "084123456789", MSISDN_NOT_MOBILE },
		{ "081012345678", MSISDN_UNASSIGNED_PREFIX },
		{ "+626221234567", MSISDN_NOT_MOBILE },
		{ "62626281234567890", MSISDN_EXTRA_COUNTRY_CODE },
		{ "06281234567890", MSISDN_EXTRA_COUNTRY_CODE },
		{ "", MSISDN_NOT_A_NUMBER },
		{ "+", MSISDN_NOT_A_NUMBER },
		{ "62+81234567890", MSISDN_NOT_A_NUMBER },
		{ "++6281234567890", MSISDN_NOT_A_NUMBER },
		{ "0812345678a0", MSISDN_NOT_A_NUMBER },
		{ "+14155550100", MSISDN_COUNTRY_NOT_SERVED },
		{ "+81234567890", MSISDN_COUNTRY_NOT_SERVED },
		{ "0014155550100", MSISDN_COUNTRY_NOT_SERVED },
		{ "000000000000000000000000000000000000000000000000000000000000000000", MSISDN_NOT_A_NUMBER },
	};
	struct msisdn m;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum msisdn_reason got = parse(cases[i].text, &m, NULL);

		if (got != cases[i].reason)
			fail_msg("case %zu: %s, wanted %s", i, msisdn_reason_name(got),
			         msisdn_reason_name(cases[i].reason));
		if (got != MSISDN_OK)
			assert_string_equal(m.digits, "");
	}
	assert_int_equal(msisdn_parse(&plan,
	                              "0812\0"
	                              "34567890",
	                              13, &m, NULL),
	                 MSISDN_NOT_A_NUMBER);
	assert_int_equal(msisdn_parse(&plan, "081234567890999", 12, &m, NULL), MSISDN_OK);
	assert_string_equal(m.digits, "6281234567890");
}

/* As pasted from contacts, web pages, office files and chats, in the digits of several scripts. */
static void as_pasted(void **state)
{
	static const char *const same[] = {
		"٠٨١٢٣٤٥٦٧٨٩٠",
		"۰۸۱۲۳۴۵۶۷۸۹۰",
		"०८१२३४५६७८९०",
		"０８１２-３４５６-７８９０",
		"＋６２（８１２）３４５６．７８９０",
		"+62\u00a0812\u20113456\u20117890",
		"0812\u20093456\u202f7890",
		"0812\u20133456\u20147890",
		"+62\u2212812\u22123456\u22127890",
		"\u202a+62 812-3456-7890\u202c",
		"\u202d0812 3456 7890\u202c",
		"\u20660812\u200f 3456\u200e 7890\u2069\u061c",
		"\ufeff0812\u200b3456\u200c78\u200d90\u2060",
		"0812\u00ad3456\u180e7890",
		"\t0812\v3456\f7890\r\n",
		"0812\u20283456\xc2\x85\u20297890",
		"\u30000812\u30003456\u30007890",
		"tel:+6281234567890",
		" \u202aTEL:+62-812-3456-7890",
		"Tel: 0812 3456 7890",
		"+62 (0)812 3456 7890",
		"(+62) 812 3456 7890",
		"0812.3456.7890",
		"(0812).3456.7890",
		"08.12.34.56.78.90",
		"0812/3456/7890",
		"0812 . 3456 . 7890",
	};
	struct msisdn m;

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		enum msisdn_reason got = parse(same[i], &m, NULL);

		if (got != MSISDN_OK || strcmp(m.digits, "6281234567890") != 0)
			fail_msg("%s: %s %s", same[i], msisdn_reason_name(got), m.digits);
	}
}

/* What carries a meaning that is not read: never another number. */
static void never_another_number(void **state)
{
	static const char *const texts[] = {
		"6281234567890.0",
		"628123456789.00",
		"6281234567.000",
		"6281234567,00",
		"6.28123456789E+12",
		"6281234567e3",
		"081234567890x9",
		"081234567890 ext 9",
		"081234567890,9",
		"081234567890;9",
		"081234567890#9",
		"081234567890*9",
		"tel:+6281234567890;ext=9",
		"tel:tel:0812345678",
		"tel:",
		"te:081234567890",
		"tel081234567890",
		"tel://081234567890",
		"0812345678+90",
		"0812345678＋90",
		"++6281234567890",
		"+62+81234567890",
		"081234567890/1",
		"0/81234567890",
		"0.81234567890",
		"0812..34567890",
		"0812./34567890",
		"081234567890.",
		".081234567890",
		"0812. 3 4567890",
		"/081234567890",
		"0812 3 .4567890",
		"0812~34567890",
		"08123456789O",
		"08123456789O0",
		"o81234567890",
		"08123456789½",
		"081234567⁸90",
		"0812③34567890",
		"零八一二三四五六",
		"0812\u202e34567890",
		"0812\u206334567890",
		"0812\u206434567890",
		"0812é34567890",
		"0812е34567890",
		"0812\u030134567890",
		"0812\37734567890",
		"0812\xe2\x80",
		"\331081234567890",
		"0812\00134567890",
		"%2B6281234567890",
		"0812,34567890",
		"0812_34567890",
		"0812:34567890",
		"08123456789٫0",
		"٠٨١٢٣٤٥٦٧٨٩.٠",
	};
	char wide[256] = "";
	struct msisdn m;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		enum msisdn_reason got = parse(texts[i], &m, NULL);

		if (got != MSISDN_NOT_A_NUMBER)
			fail_msg("%s: %s %s", texts[i], msisdn_reason_name(got), m.digits);
	}
	/* 128 octets are read, not one more. */
	memset(wide, ' ', 129);
	memcpy(wide, "081234567890", 12);
	assert_int_equal(msisdn_parse(&plan, wide, 128, &m, NULL), MSISDN_OK);
	assert_int_equal(msisdn_parse(&plan, wide, 129, &m, NULL), MSISDN_NOT_A_NUMBER);
}

/* A plan without a home, trunk, lists or dialling prefix; one that longest code wins; numbers of 15 digits and more. */
static void other_plans(void **state)
{
	static struct msisdn_country some[] = {
		{ .region = "CC", .len_min = 5, .len_max = 6 },
		{ .region = "AA", .code = "1", .len_min = 9, .len_max = 14 },
		{ .region = "BB", .code = "12", .len_min = 5, .len_max = 6 },
	};
	static const struct msisdn_plan abroad = { some, 3, 3, "" }, none = { some, 0, 0, "00" };
	static struct msisdn_mobile of_home[] = { { "7", "7", 0 } };
	static struct msisdn_range unnamed[] = { { "7", "7", NULL, NULL } };
	static struct msisdn_country home[] = {
		{ "EE", "4", "", 5, 15, of_home, 1, NULL, 0, false, NULL, 0 },
		{ "DD", "44", "", 5, 6, of_home, 1, unnamed, 1, false, NULL, 0 },
	};
	static const struct msisdn_plan at_home = { home, 2, 1, "00" };
	static const struct {
		const struct msisdn_plan *plan;
		const char *text, *digits;
		enum msisdn_reason reason;
	} rows[] = {
		{ &abroad, "12345678", "12345678", MSISDN_OK },
		{ &abroad, "1345678901", "1345678901", MSISDN_OK },
		{ &abroad, "13456789012345", "13456789012345", MSISDN_OK },
		{ &abroad, "345678901", "", MSISDN_COUNTRY_NOT_SERVED },
		{ &none, "0012345678", "", MSISDN_COUNTRY_NOT_SERVED },
		{ &at_home, "712345", "44712345", MSISDN_OK },
		{ &at_home, "+712345", "", MSISDN_COUNTRY_NOT_SERVED },
		{ &at_home, "4712345", "4712345", MSISDN_OK },
		{ &at_home, "4712345678901234", "", MSISDN_TOO_LONG },
		{ &at_home, "512345", "", MSISDN_COUNTRY_NOT_SERVED },
	};
	struct msisdn_info info;
	struct msisdn m;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&m, 0, sizeof(m));
		enum msisdn_reason got = msisdn_parse(rows[i].plan, rows[i].text, strlen(rows[i].text), &m, &info);

		if (got != rows[i].reason || strcmp(m.digits, rows[i].digits) != 0)
			fail_msg("%s: %s %s", rows[i].text, msisdn_reason_name(got), m.digits);
		assert_string_equal(info.brand, "");
		assert_string_equal(info.network, "");
	}
}

static void names_and_sentences(void **state)
{
	(void)state;
	for (enum msisdn_reason r = MSISDN_OK; r <= MSISDN_COUNTRY_NOT_SERVED; r++) {
		assert_string_not_equal(msisdn_reason_name(r), "unknown");
		assert_true(msisdn_reason_text(r)[0]);
	}
	assert_string_equal(msisdn_reason_name((enum msisdn_reason)(MSISDN_COUNTRY_NOT_SERVED + 1)), "unknown");
	assert_string_equal(msisdn_reason_text((enum msisdn_reason)(MSISDN_COUNTRY_NOT_SERVED + 1)), "");
}

static void operators(void **state)
{
	static const char *const rows[][3] = {
		{ "081312345678", "Telkomsel", "Telkomsel" }, { "085812345678", "IM3", "Indosat" },
		{ "085912345678", "XL", "XLSmart" },          { "083812345678", "Axis", "XLSmart" },
		{ "088112345678", "Smartfren", "XLSmart" },   { "089912345678", "Tri", "Indosat" },
		{ "085112345678", "by.U", "Telkomsel" },
	};
	struct msisdn_info info;
	struct msisdn m;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(parse(rows[i][0], &m, &info), MSISDN_OK);
		assert_string_equal(info.brand, rows[i][1]);
		assert_string_equal(info.network, rows[i][2]);
		assert_ptr_equal(info.country, &countries[0]);
	}
}

/* Grouped as the country says for so many digits, or else in threes and fours. */
static void display(void **state)
{
	static const struct {
		const char *digits, *id, *none;
	} rows[] = {
		{ "6281234567890", "+62 812-3456-7890", "+62 812 3456 7890" },
		{ "628123456789", "+62 812-3456-789", "+62 812 345 6789" },
		{ "62812345678", "+62 812-345-678", "+62 812 345 678" },
		{ "62812345678901", "+62 812-3456-78901", "+62 8123 4567 8901" },
		{ "6281234567", "+62 8123 4567", "+62 8123 4567" },
		{ "628", "+62 8", "+62 8" },
		{ "62", "+62 ", "+62 " },
		{ "628123456789012", "+62 812 345 678 9012", "+62 812 345 678 9012" },
	};
	struct msisdn_country none = countries[0];
	char out[MSISDN_DISPLAY_CAP];

	(void)state;
	none.display_count = 0;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct msisdn m = { "" };

		memcpy(m.digits, rows[i].digits, strlen(rows[i].digits));
		msisdn_display(&countries[0], &m, out);
		assert_string_equal(out, rows[i].id);
		msisdn_display(&none, &m, out);
		assert_string_equal(out, rows[i].none);
	}
}

static void mask_and_prefix(void **state)
{
	struct msisdn m = { "6281234567890" };
	char out[MSISDN_MASK_CAP];

	(void)state;
	msisdn_mask(&m, out);
	assert_string_equal(out, "+62812****890");
	assert_true(msisdn_has_prefix(&m, "62812"));
	assert_true(msisdn_has_prefix(&m, ""));
	assert_false(msisdn_has_prefix(&m, "62813"));
	msisdn_mask(&(struct msisdn){ "29821123" }, out);
	assert_string_equal(out, "+29****23");
	msisdn_wipe(&m);
	assert_string_equal(m.digits, "");
	msisdn_mask(&m, out);
	assert_string_equal(out, "+****");
}

/* How SMSCs write 6281234567890, and what is not it. */
static void tails(void **state)
{
	static const struct {
		const char *written;
		bool number, ours;
	} rows[] = {
		{ "6281234567890", true, true },
		{ "+6281234567890", true, true },
		{ "006281234567890", true, true },
		{ "081234567890", true, true },
		{ "81234567890", true, true },
		{ "+62 812-3456-7890", true, true },
		{ "34567890", true, true },
		{ "4567890", true, true },
		{ "567890", true, true },
		{ "99006281234567890", true, true },
		{ "6281234567891", true, false },
		{ "6281214567890", true, false },
		{ "5281134567890", true, true },
		{ "6281235567890", true, false },
		{ "567891", true, false },
		{ "67890", false, false },
		{ "00067890", false, false },
		{ "", false, false },
		{ "OTP", false, false },
		{ "62812****890", false, false },
		{ "sip:6281234567890", false, false },
		{ "6+281234567890", false, false },
	};
	const struct msisdn m = { "6281234567890" }, small = { "298211234" };
	char tail[MSISDN_TAIL_CAP];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool number = msisdn_tail(rows[i].written, tail), ours = number && msisdn_ends(&m, tail);

		if (number != rows[i].number || ours != rows[i].ours)
			print_error("%s\n", rows[i].written);
		assert_int_equal(number, rows[i].number);
		assert_int_equal(ours, rows[i].ours);
	}
	/* A number of 6 digits behind its country code, with and without a trunk zero; one shorter than the tail. */
	assert_true(msisdn_tail("211234", tail) && msisdn_ends(&small, tail));
	assert_true(msisdn_tail("0211234", tail) && msisdn_ends(&small, tail));
	assert_true(msisdn_tail("00298211234", tail) && msisdn_ends(&(struct msisdn){ "8211234" }, tail));
	assert_true(msisdn_tail("00298211234", tail) && !msisdn_ends(&(struct msisdn){ "11234" }, tail));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spellings),
		cmocka_unit_test(reasons),
		cmocka_unit_test(as_pasted),
		cmocka_unit_test(never_another_number),
		cmocka_unit_test(sources),
		cmocka_unit_test(other_plans),
		cmocka_unit_test(names_and_sentences),
		cmocka_unit_test(operators),
		cmocka_unit_test(display),
		cmocka_unit_test(mask_and_prefix),
		cmocka_unit_test(tails),
	};

	return cmocka_run_group_tests_name("msisdn", tests, NULL, NULL);
}
