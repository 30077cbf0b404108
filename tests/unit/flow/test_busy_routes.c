/*
 * busy_routes: each route that was added is found, in order, until it is removed.
 */
#include "flow/deliver/busy_routes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void what_was_added_is_found(void **state)
{
	static const int routes[] = { 0, 63, 64, 65, 200, 255, 256, 299 };
	const size_t n = sizeof(routes) / sizeof(routes[0]);
	struct busy_routes b;

	(void)state;
	assert_int_equal(busy_routes_init(&b, 300), ERR_OK);
	assert_int_equal(busy_routes_next(&b, 0), -1);
	for (size_t i = n; i-- > 0;)
		busy_routes_add(&b, routes[i]);
	int at = -1;
	for (size_t i = 0; i < n; i++)
		assert_int_equal(at = busy_routes_next(&b, at + 1), routes[i]);
	assert_int_equal(busy_routes_next(&b, at + 1), -1);
	assert_int_equal(busy_routes_next(&b, 66), 200);
	assert_int_equal(busy_routes_next(&b, 300), -1);
	busy_routes_remove(&b, 64);
	busy_routes_remove(&b, 299);
	assert_int_equal(busy_routes_next(&b, 64), 65);
	assert_int_equal(busy_routes_next(&b, 257), -1);
	busy_routes_clear(&b);
}

static void the_last_of_any_number_is_found(void **state)
{
	(void)state;
	for (int n = 1; n < 200; n++) {
		struct busy_routes b;

		assert_int_equal(busy_routes_init(&b, (size_t)n), ERR_OK);
		busy_routes_add(&b, n - 1);
		assert_int_equal(busy_routes_next(&b, 0), n - 1);
		assert_int_equal(busy_routes_next(&b, n), -1);
		busy_routes_clear(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_added_is_found),
		cmocka_unit_test(the_last_of_any_number_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
