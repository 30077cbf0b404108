/*
 * library: its text begins with its name, and its functions have that name in theirs.
 */
#include "../../../daemon/store/library.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void functions_carry_the_name_of_the_library(void **state)
{
	static const char head[] = "#!lua name=";
	char name[64] = "";
	size_t len;
	const char *text = library_text_of(&len);

	(void)state;
	assert_true(len > 1000 && memchr(text, 0, len) == NULL);
	assert_memory_equal(text, head, strlen(head));
	assert_int_equal(sscanf(text + strlen(head), "%63[a-z0-9_]", name), 1);
	assert_int_equal(strlen(name), strlen("otpgwd_0123456789abcdef"));
	for (int f = 0; f < LIBRARY_COUNT; f++) {
		const char *function = library_function_name((enum library_function)f);

		assert_memory_equal(function, name, strlen(name));
		assert_int_equal(function[strlen(name)], '_');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(functions_carry_the_name_of_the_library),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
