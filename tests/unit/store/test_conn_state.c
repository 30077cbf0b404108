/*
 * test_conn_state: which state of a connection may follow which: each pair, and no other.
 */
#include "../../../daemon/store/conn_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Row: from; column: to; in the order of the enum. */
static const bool legal[CONN_STATES][CONN_STATES] = {
	[CONN_IDLE] = { true, true, true, false, false, false },
	[CONN_RESOLVING] = { true, false, true, false, false, false },
	[CONN_CONNECTING] = { true, false, false, true, false, true },
	[CONN_GREETING] = { true, false, false, false, true, true },
	[CONN_UP] = { true, false, false, false, false, true },
	[CONN_CLOSING] = { true, false, false, false, false, false },
};

static void test_the_legal_moves_and_no_others(void **state)
{
	(void)state;
	for (int from = 0; from < CONN_STATES; from++) {
		for (int to = 0; to < CONN_STATES; to++)
			assert_int_equal(conn_state_may((enum conn_state)from, (enum conn_state)to), legal[from][to]);
	}
}

static void test_the_connect_timeout_covers_a_try(void **state)
{
	(void)state;
	for (int s = 0; s < CONN_STATES; s++)
		assert_int_equal(conn_state_timed((enum conn_state)s), s == CONN_RESOLVING || s == CONN_CONNECTING);
}

static void test_each_has_a_name(void **state)
{
	(void)state;
	for (int s = 0; s < CONN_STATES; s++)
		assert_true(conn_state_name((enum conn_state)s)[0] != '\0');
	assert_string_equal(conn_state_name(CONN_GREETING), "greeting");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_legal_moves_and_no_others),
		cmocka_unit_test(test_the_connect_timeout_covers_a_try),
		cmocka_unit_test(test_each_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
