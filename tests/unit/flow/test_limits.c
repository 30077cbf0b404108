/*
 * limits: a purpose's knobs as the store takes them.
 */
#include "flow/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct policy_purpose purposes[] = {
	{ .name = "login",
	  .number_sends_short = { 5, 600 },
	  .number_sends_long = { 10, 86400 },
	  .number_fails_short = { 10, 3600 },
	  .number_fails_long = { 20, 86400 },
	  .number_sends_known = { 12, 700 } },
	{ .name = "signup", .number_sends_known = { 1, 3 } },
};

static void a_number_is_limited_by_its_purpose(void **state)
{
	struct store_limits l = limits_of(&purposes[0], false);

	(void)state;
	assert_int_equal(l.sends_short.count, 5);
	assert_int_equal(l.sends_short.window_s, 600);
	assert_int_equal(l.sends_long.count, 10);
	assert_int_equal(l.fails_short.window_s, 3600);
	assert_int_equal(l.fails_long.count, 20);
}

static void known_devices_have_one_limit_of_sends(void **state)
{
	struct store_limits l = limits_of(&purposes[0], true);

	(void)state;
	assert_int_equal(l.sends_short.count, 12);
	assert_int_equal(l.sends_short.window_s, 700);
	assert_int_equal(l.sends_long.count, 0);
	assert_int_equal(l.fails_long.count, 20);
}

static void a_purpose_that_went_is_the_default_one(void **state)
{
	struct policy_opts o = { .purposes = purposes, .purpose_count = 2, .default_purpose = "signup" };

	(void)state;
	assert_string_equal(limits_purpose(&o, "login")->name, "login");
	assert_string_equal(limits_purpose(&o, "signup")->name, "signup");
	assert_string_equal(limits_purpose(&o, "gone")->name, "signup");
	o.default_purpose = "gone too";
	assert_string_equal(limits_purpose(&o, "gone")->name, "login");
}

static void what_holds_whatever_the_purpose(void **state)
{
	struct policy_opts o = { .purposes = purposes, .purpose_count = 2, .tombstone_s = 7200 };

	(void)state;
	assert_int_equal(limits_numbers(&o).keep_s, 86400);
	assert_int_equal(limits_numbers(&o).tombstone_ms, 7200000);
	assert_int_equal(limits_numbers(&o).sends.count, 0);
	o.number_sends = (struct policy_rate){ 30, 172800 };
	assert_int_equal(limits_numbers(&o).keep_s, 172800);
	assert_int_equal(limits_numbers(&o).sends.count, 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_is_limited_by_its_purpose),
		cmocka_unit_test(known_devices_have_one_limit_of_sends),
		cmocka_unit_test(a_purpose_that_went_is_the_default_one),
		cmocka_unit_test(what_holds_whatever_the_purpose),
	};

	return cmocka_run_group_tests_name("test_limits", tests, NULL, NULL);
}
