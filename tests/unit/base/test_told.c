/*
 * told: each text at once, the same seldom, however they alternate.
 */
#include "base/told.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void each_at_once_and_then_seldom(void **state)
{
	struct told t = { .oldest = 0 };

	(void)state;
	assert_int_equal(told_level(&t, "closed"), LOG_LEVEL_WARN);
	assert_int_equal(told_level(&t, "Connection refused"), LOG_LEVEL_WARN);
	for (int i = 0; i < 100; i++) {
		assert_int_equal(told_level(&t, "closed"), LOG_LEVEL_DEBUG);
		assert_int_equal(told_level(&t, "Connection refused"), LOG_LEVEL_DEBUG);
	}
	told_forget(&t);
	assert_int_equal(told_level(&t, "closed"), LOG_LEVEL_WARN);
}

/* The oldest makes room. */
static void so_many_are_remembered(void **state)
{
	static const char *const texts[] = { "a", "b", "c", "d", "e" };
	struct told t = { .oldest = 0 };

	(void)state;
	for (size_t i = 0; i < TOLD_TEXTS + 1; i++)
		assert_int_equal(told_level(&t, texts[i]), LOG_LEVEL_WARN);
	for (size_t i = 1; i < TOLD_TEXTS + 1; i++)
		assert_int_equal(told_level(&t, texts[i]), LOG_LEVEL_DEBUG);
	assert_int_equal(told_level(&t, ""), LOG_LEVEL_WARN);
	assert_int_equal(told_level(&t, "b"), LOG_LEVEL_WARN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_at_once_and_then_seldom),
		cmocka_unit_test(so_many_are_remembered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
