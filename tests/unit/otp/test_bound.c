/*
 * bound: the figure that --check prints. lua/test_bound.py plays guessers against the scripts and holds them to it.
 */
#include "otp/bound.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct policy_purpose shipped(const char *name)
{
	return (struct policy_purpose){ .name = name,
		                        .code_len = 6,
		                        .guesses = 5,
		                        .hard_s = 600,
		                        .number_sends_short = { 5, 600 },
		                        .number_sends_long = { 10, 86400 },
		                        .number_sends_known = { 10, 600 },
		                        .number_fails_short = { 10, 3600 },
		                        .number_fails_long = { 20, 86400 } };
}

static struct bound of(const struct policy_purpose *p, size_t n, bool known)
{
	const struct policy_tenant tenant = { .name = "web", .known = known };
	const struct policy_opts o = { .purposes = p, .purpose_count = n, .tenants = &tenant, .tenant_count = 1 };

	return bound_of(&o);
}

static void as_shipped(void **state)
{
	const struct policy_purpose p = shipped("login");
	struct bound b = of(&p, 1, false);

	(void)state;
	/* 19 may have been judged when the last one is opened; five are open in ten minutes, and three that were given
	 * back. */
	assert_int_equal(b.guesses, 19 + 8 * 5);
	assert_int_equal(b.returned, 3 * 5);
	assert_int_equal(b.known, 0);
	assert_true(b.odds > 5.8e-5 && b.odds < 6.0e-5);
	assert_ptr_equal(b.weakest, &p);
	b = of(&p, 1, true);
	assert_int_equal(b.known, 19 + 13 * 5);
	assert_int_equal(b.guesses, 19 + 8 * 5 + b.known);
	assert_string_equal(b.key, "purposes.sends_known");
}

/* The odds grow with the codes that are valid at a time: the last three and one on its way, or the old and the new one.
 */
static void several_codes_at_a_time(void **state)
{
	struct policy_purpose p = shipped("login");
	double odds = of(&p, 1, false).odds;

	(void)state;
	p.resends = 3;
	assert_true(of(&p, 1, false).odds == odds);
	p.resend = POLICY_RESEND_OVERLAP;
	assert_true(of(&p, 1, false).odds > 3.99 * odds && of(&p, 1, false).odds < 4.01 * odds);
	p.resend = POLICY_RESEND_REPLACE;
	assert_true(of(&p, 1, false).odds > 1.99 * odds && of(&p, 1, false).odds < 2.01 * odds);
	p.resends = 0;
	assert_true(of(&p, 1, false).odds == odds);
}

static void purposes_of_unlike_windows(void **state)
{
	struct policy_purpose p[] = { shipped("login"), shipped("three") };

	(void)state;
	p[1].number_sends_short = p[1].number_sends_long = (struct policy_rate){ 5, 3 };
	struct bound b = of(p, 2, false);
	/* 200 windows of three seconds in a life of ten minutes, of five sends each; three given back in each. */
	assert_int_equal(b.guesses, 19 + (5 + 3) * 200 * 5);
	assert_true(b.odds > BOUND_ODDS_HIGH);
	/* Where wrong codes are soon forgotten, what can be opened in a day is the bound. */
	p[0].number_fails_short = p[0].number_fails_long = (struct policy_rate){ 255, 1 };
	p[0].number_sends_short = p[0].number_sends_long = (struct policy_rate){ 1, 43200 };
	assert_int_equal(of(p, 1, false).guesses, (2 * (1 + 3) + (1 + 3)) * 5);
	p[0] = shipped("login");
	p[1] = shipped("payment");
	p[1].guesses = 3;
	assert_int_equal(of(p, 2, false).guesses, 19 + 8 * 5);
}

static void the_key_that_helps_most(void **state)
{
	struct policy_purpose p = shipped("login");

	(void)state;
	assert_string_equal(of(&p, 1, false).key, "purposes.guesses");
	p.guesses = 3;
	assert_string_equal(of(&p, 1, false).key, "purposes.sends_short");
	/* All codes of the life of one code: 5 sends and 3 given back, 3 guesses each. */
	p.number_fails_long.count = 8 * 3;
	assert_string_equal(of(&p, 1, false).key, "purposes.sends_short");
	p.number_fails_long.count = 8 * 3 + 1;
	assert_string_equal(of(&p, 1, false).key, "purposes.fails_long");
	p.number_fails_long.count = 60;
	assert_string_equal(of(&p, 1, false).key, "purposes.fails_long");
	p.number_fails_long.window_s = 3600;
	assert_string_equal(of(&p, 1, false).key, "purposes.fails_long");
	p.code_len = 4;
	struct bound b = of(&p, 1, false);
	assert_string_equal(b.key, "purposes.length");
	assert_true(b.odds > 1e-2);
	p.alphabet = CODE_LETTERS;
	assert_true(of(&p, 1, false).odds < b.odds / 38 && of(&p, 1, false).odds > b.odds / 40);
}

static void a_check_digit_changes_no_odds(void **state)
{
	struct policy_purpose p = shipped("login");
	struct bound plain = of(&p, 1, false);

	(void)state;
	p.check_digit = true;
	struct bound checked = of(&p, 1, false);
	assert_int_equal(checked.guesses, plain.guesses);
	assert_memory_equal(&checked.odds, &plain.odds, sizeof(plain.odds));
	assert_int_equal(policy_code_len(&p), 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_shipped),
		cmocka_unit_test(several_codes_at_a_time),
		cmocka_unit_test(purposes_of_unlike_windows),
		cmocka_unit_test(the_key_that_helps_most),
		cmocka_unit_test(a_check_digit_changes_no_odds),
	};

	return cmocka_run_group_tests_name("test_bound", tests, NULL, NULL);
}
