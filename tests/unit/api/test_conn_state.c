/*
 * conn_state: which moves a client's connection may make, and that no other is made.
 */
#include "api/conn.h"
#include "base/invariant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* A row per state it comes from, a mark per state it goes to, both in the order of the enum. */
static const char *const moves[API_CONN_STATES] = {
	[API_CONN_OPEN] = ".xxxx.",    [API_CONN_DRAINING] = "..xxx.", [API_CONN_READ_OUT] = "...xx.",
	[API_CONN_CLOSING] = "....x.", [API_CONN_FAILED] = ".....x",   [API_CONN_CLOSED] = "......",
};

static void only_the_moves_of_the_table_are_made(void **state)
{
	(void)state;
	for (int from = 0; from < API_CONN_STATES; from++) {
		for (int to = 0; to < API_CONN_STATES; to++) {
			struct api_conn c = { .state = (enum api_conn_state)from };
			bool may = moves[from][to] == 'x';

			assert_int_equal(api_conn_may_move(c.state, (enum api_conn_state)to), may);
			if (!may && INVARIANT_ABORTS)
				continue;
			api_conn_move(&c, (enum api_conn_state)to);
			assert_int_equal(c.state, may ? to : from);
		}
	}
	assert_int_equal(invariant_count(), INVARIANT_ABORTS ? 0 : 25);
}

static void what_is_served_is_at_most_what_was_read(void **state)
{
	(void)state;
	assert_true(api_conn_reads(API_CONN_OPEN) && api_conn_serves(API_CONN_OPEN));
	assert_true(api_conn_reads(API_CONN_DRAINING) && api_conn_serves(API_CONN_DRAINING));
	assert_true(!api_conn_reads(API_CONN_READ_OUT) && api_conn_serves(API_CONN_READ_OUT));
	for (int s = API_CONN_CLOSING; s < API_CONN_STATES; s++)
		assert_true(!api_conn_reads((enum api_conn_state)s) && !api_conn_serves((enum api_conn_state)s));
}

static void what_is_late_depends_on_the_state(void **state)
{
	(void)state;
	assert_int_equal(api_conn_late(API_CONN_OPEN), API_CLOSE_REQUEST_TIMEOUT);
	assert_int_equal(api_conn_late(API_CONN_DRAINING), API_CLOSE_REQUEST_TIMEOUT);
	assert_int_equal(api_conn_late(API_CONN_READ_OUT), API_CLOSE_COUNT);
	assert_int_equal(api_conn_late(API_CONN_CLOSING), API_CLOSE_STALLED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_moves_of_the_table_are_made),
		cmocka_unit_test(what_is_served_is_at_most_what_was_read),
		cmocka_unit_test(what_is_late_depends_on_the_state),
	};

	return cmocka_run_group_tests_name("test_conn_state", tests, NULL, NULL);
}
