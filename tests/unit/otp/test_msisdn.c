/*
 * msisdn: the accepted spellings, every reason, masks; with Indonesia's plan as the configuration would give it.
 */
#include "otp/msisdn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static char mobile[][8] = { "81", "82", "83", "85", "86", "87", "88", "89" };
static struct msisdn_range ranges[] = {
	{ "811", "813", "Telkomsel" }, { "821", "823", "Telkomsel" }, { "851", "853", "Telkomsel" },
	{ "814", "816", "Indosat" },   { "855", "858", "Indosat" },   { "817", "819", "XL" },
	{ "859", "859", "XL" },        { "877", "879", "XL" },        { "831", "833", "Axis" },
	{ "838", "838", "Axis" },      { "881", "889", "Smartfren" }, { "895", "899", "Tri" },
};
static struct msisdn_country countries[] = {
	{ "ID", "62", "0", 9, 12, mobile, 8, ranges, sizeof(ranges) / sizeof(ranges[0]) },
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
		"+62 812-3456-7890", "0812 3456 7890", "6281234567890",  "006281234567890", "+62 081234567890",
		"626281234567890",   "(0812) 3456.7890", "81234567890", "+62/812/34567890", " +6281234567890 ",
	};
	struct msisdn m;

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		assert_int_equal(parse(same[i], &m, NULL), MSISDN_OK);
		assert_string_equal(m.digits, "6281234567890");
	}
}

static void reasons(void **state)
{
	static const struct {
		const char *text;
		enum msisdn_reason reason;
	} cases[] = {
		{ "081234567", MSISDN_TOO_SHORT },           { "0812345678", MSISDN_OK },
		{ "0812345678901", MSISDN_OK },              { "08123456789012", MSISDN_TOO_LONG },
		{ "08", MSISDN_TOO_SHORT },                  { "0211234567", MSISDN_NOT_MOBILE },
		{ "084123456789", MSISDN_NOT_MOBILE },       { "081012345678", MSISDN_UNASSIGNED_PREFIX },
		{ "+626221234567", MSISDN_NOT_MOBILE },      { "62626281234567890", MSISDN_EXTRA_COUNTRY_CODE },
		{ "06281234567890", MSISDN_EXTRA_COUNTRY_CODE }, { "", MSISDN_NOT_A_NUMBER },
		{ "+", MSISDN_NOT_A_NUMBER },                { "62+81234567890", MSISDN_NOT_A_NUMBER },
		{ "++6281234567890", MSISDN_NOT_A_NUMBER },  { "0812345678a0", MSISDN_NOT_A_NUMBER },
		{ "0812\xd9\xa1" "4567890", MSISDN_NOT_A_NUMBER }, { "0812\t34567890", MSISDN_NOT_A_NUMBER },
		{ "+14155550100", MSISDN_COUNTRY_NOT_SERVED }, { "+81234567890", MSISDN_COUNTRY_NOT_SERVED },
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
	assert_int_equal(msisdn_parse(&plan, "0812\0" "34567890", 13, &m, NULL), MSISDN_NOT_A_NUMBER);
	assert_int_equal(msisdn_parse(&plan, "081234567890999", 12, &m, NULL), MSISDN_OK);
	assert_string_equal(m.digits, "6281234567890");
}

static void operators(void **state)
{
	static const char *const pairs[][2] = {
		{ "081312345678", "Telkomsel" }, { "085812345678", "Indosat" },   { "085912345678", "XL" },
		{ "083812345678", "Axis" },      { "088112345678", "Smartfren" }, { "089912345678", "Tri" },
	};
	struct msisdn_info info;
	struct msisdn m;

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		assert_int_equal(parse(pairs[i][0], &m, &info), MSISDN_OK);
		assert_string_equal(info.operator_name, pairs[i][1]);
		assert_ptr_equal(info.country, &countries[0]);
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
		{ "6281234567890", true, true }, { "+6281234567890", true, true },
		{ "006281234567890", true, true }, { "081234567890", true, true },
		{ "81234567890", true, true }, { "+62 812-3456-7890", true, true },
		{ "34567890", true, true }, { "4567890", true, true },
		{ "567890", true, true }, { "99006281234567890", true, true },
		{ "6281234567891", true, false }, { "6281214567890", true, false },
		{ "5281134567890", true, true }, { "6281235567890", true, false },
		{ "567891", true, false }, { "67890", false, false },
		{ "00067890", false, false }, { "", false, false },
		{ "OTP", false, false }, { "62812****890", false, false },
		{ "sip:6281234567890", false, false }, { "6+281234567890", false, false },
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
		cmocka_unit_test(operators),
		cmocka_unit_test(mask_and_prefix),
		cmocka_unit_test(tails),
	};

	return cmocka_run_group_tests_name("msisdn", tests, NULL, NULL);
}
