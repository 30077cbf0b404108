/*
 * Every octet: which are hexadecimal digits, and their values.
 */
#include "base/hex.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void each_octet(void **state)
{
	static const char lower[] = "0123456789abcdef", upper[] = "0123456789ABCDEF";

	(void)state;
	for (int c = CHAR_MIN; c <= CHAR_MAX; c++) {
		const char *at = c ? strchr(lower, c) : NULL, *up = c ? strchr(upper, c) : NULL;
		int want = at ? (int)(at - lower) : up ? (int)(up - upper) : -1;

		assert_int_equal(hex_digit((char)c), want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(each_octet) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
