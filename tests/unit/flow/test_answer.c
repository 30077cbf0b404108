/*
 * answer: a wait in seconds, whatever a clock or a record makes of it.
 */
#include "flow/ask/answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void seconds_are_rounded_up(void **state)
{
	(void)state;
	assert_int_equal(answer_seconds(0), 0);
	assert_int_equal(answer_seconds(1), 1);
	assert_int_equal(answer_seconds(1000), 1);
	assert_int_equal(answer_seconds(1001), 2);
}

static void no_wait_is_too_long_or_negative(void **state)
{
	(void)state;
	assert_int_equal(answer_seconds(INT64_MAX), INT64_MAX / 1000 + 1);
	assert_int_equal(answer_seconds(-1), 0);
	assert_int_equal(answer_seconds(INT64_MIN), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seconds_are_rounded_up),
		cmocka_unit_test(no_wait_is_too_long_or_negative),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
