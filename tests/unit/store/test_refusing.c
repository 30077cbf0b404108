/*
 * refusing: which errors the next write would get too, and until when that is believed.
 */
#include "store/refusing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void a_full_memory_is_over_with_the_first_write(void **state)
{
	struct refusing r = { 0 };

	(void)state;
	assert_string_equal(refusing_word(&r, 1000), "");
	refusing_taken(&r);
	assert_string_equal(refusing_note(&r, "OOM command not allowed when used memory > 'maxmemory'.", 1000), "OOM");
	assert_null(refusing_note(&r, "OOM again", 1001));
	assert_string_equal(refusing_word(&r, 2000), "OOM");
	refusing_taken(&r);
	assert_string_equal(refusing_word(&r, 2000), "");
	assert_string_equal(refusing_note(&r, "OOM", 2001), "OOM");
}

/* A write that needs no such right says nothing of it: it is believed for a while. */
static void a_right_that_lacks_is_believed_for_a_while(void **state)
{
	struct refusing r = { 0 };

	(void)state;
	assert_string_equal(refusing_note(&r, "NOPERM this user has no permissions", 1000), "NOPERM");
	refusing_taken(&r);
	assert_string_equal(refusing_word(&r, 5999), "NOPERM");
	assert_null(refusing_note(&r, "NOPERM", 5999));
	assert_string_equal(refusing_word(&r, 10998), "NOPERM");
	assert_string_equal(refusing_word(&r, 10999), "");
	assert_string_equal(refusing_note(&r, "NOAUTH Authentication required.", 11000), "NOAUTH");
}

/* Redis 7.0 has another word for it where a function called the command. */
static void a_right_that_a_function_lacks_is_one_too(void **state)
{
	struct refusing r = { 0 };

	(void)state;
	assert_string_equal(refusing_note(&r,
	                                  "ERR The user executing the script can't run this command or subcommand "
	                                  "script: x, on @user_function:2.",
	                                  1000),
	                    "NOPERM");
	assert_string_equal(refusing_word(&r, 1001), "NOPERM");
	refusing_permitted(&r);
	assert_string_equal(refusing_word(&r, 1002), "");
	assert_string_equal(refusing_note(&r, "OOM", 1003), "OOM");
	refusing_permitted(&r);
	assert_string_equal(refusing_word(&r, 1004), "OOM");
}

static void other_errors_say_nothing(void **state)
{
	struct refusing r = { 0 };

	(void)state;
	assert_null(refusing_note(&r, "WRONGTYPE Operation against a key", 1000));
	assert_null(refusing_note(&r, "OOMPH", 1000));
	assert_null(refusing_note(&r, "", 1000));
	assert_string_equal(refusing_word(&r, 1000), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_memory_is_over_with_the_first_write),
		cmocka_unit_test(a_right_that_lacks_is_believed_for_a_while),
		cmocka_unit_test(a_right_that_a_function_lacks_is_one_too),
		cmocka_unit_test(other_errors_say_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
