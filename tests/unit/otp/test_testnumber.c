/*
 * testnumber: what the configuration may say of test numbers, and which numbers are in a group, and until when.
 */
#include "otp/testnumber.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define DAY_MS INT64_C(86400000)

static void ranges(void **state)
{
	static const struct {
		const char *text;
		enum testnumber_fault fault;
		uint64_t first, last;
	} rows[] = {
		{ "6281100000000", TESTNUMBER_GOOD, 6281100000000, 6281100000000 },
		{ "+6281100000000", TESTNUMBER_GOOD, 6281100000000, 6281100000000 },
		{ "6281100000000-6281100000099", TESTNUMBER_GOOD, 6281100000000, 6281100000099 },
		{ "+6281100000000-+6281100000099", TESTNUMBER_GOOD, 6281100000000, 6281100000099 },
		{ "6281100000000-6281100009999", TESTNUMBER_GOOD, 6281100000000, 6281100009999 },
		{ "6281100000000-6281100010000", TESTNUMBER_WIDE, 0, 0 },
		{ "1-999999999999999", TESTNUMBER_REVERSED, 0, 0 },
		{ "100000000000000-999999999999999", TESTNUMBER_WIDE, 0, 0 },
		{ "6281100000099-6281100000000", TESTNUMBER_REVERSED, 0, 0 },
		{ "6281100000000-62811000000000", TESTNUMBER_REVERSED, 0, 0 },
		{ "", TESTNUMBER_UNREADABLE, 0, 0 },
		{ "-", TESTNUMBER_UNREADABLE, 0, 0 },
		{ "+", TESTNUMBER_UNREADABLE, 0, 0 },
		{ "081100000000", TESTNUMBER_UNREADABLE, 0, 0 },
		{ "6281100000000-", TESTNUMBER_UNREADABLE, 0, 0 },
		{ "-6281100000000", TESTNUMBER_UNREADABLE, 0, 0 },
		{ "6281100000000-6281100000001-6281100000002", TESTNUMBER_UNREADABLE, 0, 0 },
		{ "6281100000000..99", TESTNUMBER_UNREADABLE, 0, 0 },
		{ "62811 00000000", TESTNUMBER_UNREADABLE, 0, 0 },
		{ "6281100000000000", TESTNUMBER_UNREADABLE, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct testnumber_range r;

		assert_int_equal(testnumber_read_range(rows[i].text, &r), rows[i].fault);
		if (rows[i].fault != TESTNUMBER_GOOD) {
			assert_true(strlen(testnumber_fault_text(rows[i].fault)) > 8);
			continue;
		}
		assert_int_equal(r.first, rows[i].first);
		assert_int_equal(r.last, rows[i].last);
	}
}

static void overlaps(void **state)
{
	const struct testnumber_range a = { 10, 19 };

	(void)state;
	assert_true(testnumber_overlap(&a, &(struct testnumber_range){ 19, 30 }));
	assert_true(testnumber_overlap(&a, &(struct testnumber_range){ 5, 10 }));
	assert_true(testnumber_overlap(&a, &(struct testnumber_range){ 12, 12 }));
	assert_true(testnumber_overlap(&a, &(struct testnumber_range){ 1, 100 }));
	assert_false(testnumber_overlap(&a, &(struct testnumber_range){ 20, 30 }));
	assert_false(testnumber_overlap(&a, &(struct testnumber_range){ 1, 9 }));
}

static void outcomes(void **state)
{
	static const char *const wrong[] = { "",        "OK",      "ok:1",    "late",      "late:",      "late:0",
		                             "late:-1", "late:1x", "late: 1", "late:3601", "late:00001", "late:45s",
		                             "lost ",   "okay",    "none",    "l",         "undelivered" };
	struct testnumber_play p;

	(void)state;
	for (int o = TESTNUMBER_OK; o < TESTNUMBER_OUTCOMES; o++) {
		if (o == TESTNUMBER_LATE)
			continue;
		assert_true(testnumber_read_play(testnumber_outcome_name((enum testnumber_outcome)o), &p));
		assert_int_equal(p.outcome, o);
		assert_int_equal(p.late_s, 0);
	}
	assert_true(testnumber_read_play("late:45", &p));
	assert_int_equal(p.outcome, TESTNUMBER_LATE);
	assert_int_equal(p.late_s, 45);
	assert_true(testnumber_read_play("late:3600", &p));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(testnumber_read_play(wrong[i], &p));
}

static void days(void **state)
{
	static const char *const wrong[] = { "",           "2027-1-1",    "2027-02-29", "2027-13-01", "2027-00-10",
		                             "2027-04-31", "2027/01/01",  "27-01-01",   "never",      "2100-02-29",
		                             "2027-01-00", "2027-01-01 ", "2019-01-01", "20x7-01-01", "2027-01- 1" };
	int64_t end;

	(void)state;
	assert_true(testnumber_read_day("2020-01-01", &end));
	assert_int_equal(end, INT64_C(1577923200000)); /* 2020-01-02 00:00 UTC */
	assert_true(testnumber_read_day("2027-01-01", &end));
	assert_int_equal(end, INT64_C(1798848000000)); /* 2027-01-02 00:00 UTC */
	assert_true(testnumber_read_day("2028-02-29", &end));
	assert_int_equal(end, INT64_C(1835481600000)); /* 2028-03-01 00:00 UTC */
	assert_true(testnumber_read_day("2027-12-31", &end));
	assert_int_equal(end % DAY_MS, 0);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(testnumber_read_day(wrong[i], &end));
}

static void codes(void **state)
{
	(void)state;
	assert_true(testnumber_code_fits("000000", CODE_DIGITS, 6));
	assert_false(testnumber_code_fits("000000", CODE_LETTERS, 6)); /* 0 looks like O */
	assert_true(testnumber_code_fits("347966", CODE_LETTERS, 6));
	assert_true(testnumber_code_fits("ACDEF3", CODE_LETTERS, 6));
	assert_false(testnumber_code_fits("ACDEF3", CODE_DIGITS, 6));
	assert_false(testnumber_code_fits("acdef3", CODE_LETTERS, 6));
	assert_false(testnumber_code_fits("000000", CODE_DIGITS, 5));
	assert_false(testnumber_code_fits("00 000", CODE_DIGITS, 5));
	assert_false(testnumber_code_fits("kode 123456", CODE_DIGITS, 6));
	assert_false(testnumber_code_fits("", CODE_DIGITS, 0));
}

static void a_number_is_found_until_its_day_is_over(void **state)
{
	const struct testnumber_range first[] = { { 6281100000000, 6281100000099 }, { 6281100000500, 6281100000500 } };
	const struct testnumber_range second[] = { { 6281200000000, 6281200000000 } };
	const struct testnumber_group groups[] = { { .ranges = first, .range_count = 2, .end_ms = 1000 },
		                                   { .ranges = second, .range_count = 1, .end_ms = 2000 } };
	struct msisdn n = { "6281100000099" };

	(void)state;
	assert_ptr_equal(testnumber_find(groups, 2, &n, 999), &groups[0]);
	assert_null(testnumber_find(groups, 2, &n, 1000));
	assert_null(testnumber_find(groups, 0, &n, 0));
	assert_int_equal(testnumber_count(&groups[0]), 101);
	testnumber_digits(6281100000100, &n);
	assert_string_equal(n.digits, "6281100000100");
	assert_null(testnumber_find(groups, 2, &n, 0));
	testnumber_digits(6281100000500, &n);
	assert_ptr_equal(testnumber_find(groups, 2, &n, 0), &groups[0]);
	testnumber_digits(6281200000000, &n);
	assert_ptr_equal(testnumber_find(groups, 2, &n, 1999), &groups[1]);
	assert_null(testnumber_find(groups, 2, &(struct msisdn){ "628110000009" }, 0));
	assert_null(testnumber_find(groups, 2, &(struct msisdn){ "" }, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges),   cmocka_unit_test(overlaps),
		cmocka_unit_test(outcomes), cmocka_unit_test(days),
		cmocka_unit_test(codes),    cmocka_unit_test(a_number_is_found_until_its_day_is_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
