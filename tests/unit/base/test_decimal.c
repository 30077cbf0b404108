/*
 * decimal: writes what printf writes.
 */
#include "base/decimal.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void same_as_printf(int64_t v)
{
	char right[32], text[DECIMAL_CAP + 1];
	size_t len = decimal_put_signed(text, v);

	text[len] = '\0';
	snprintf(right, sizeof(right), "%" PRId64, v);
	assert_string_equal(text, right);
	text[decimal_put(text, (uint64_t)v)] = '\0';
	snprintf(right, sizeof(right), "%" PRIu64, (uint64_t)v);
	assert_string_equal(text, right);
}

static void numbers(void **state)
{
	(void)state;
	for (int64_t v = -1100; v <= 1100; v++)
		same_as_printf(v);
	for (int64_t v = 1; v <= INT64_MAX / 10; v *= 10)
		for (int64_t d = -1; d <= 1; d++) {
			same_as_printf(v + d);
			same_as_printf(-v - d);
		}
	same_as_printf(INT64_MAX);
	same_as_printf(INT64_MIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
	};

	return cmocka_run_group_tests_name("decimal", tests, NULL, NULL);
}
