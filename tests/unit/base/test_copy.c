/*
 * copy: what fits is copied whole, what does not is cut, and the rest of the array stays.
 */
#include "base/copy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void texts(void **state)
{
	char out[6] = "xxxxx";

	(void)state;
	copy_text(out, 4, "abc");
	assert_memory_equal(out, "abc\0x", 6);
	copy_text(out, 4, "123456");
	assert_memory_equal(out, "123\0x", 6);
	copy_text(out, 1, "a");
	assert_memory_equal(out, "\00023\0x", 6);
	copy_text(out, 4, NULL);
	assert_string_equal(out, "");
	copy_text(out, sizeof(out), "12345");
	assert_string_equal(out, "12345");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts),
	};

	return cmocka_run_group_tests_name("copy", tests, NULL, NULL);
}
