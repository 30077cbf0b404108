/*
 * Pause, halving and recovery after 0x58.
 */
#include "smpp/throttle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void pauses_double_and_end(void **state)
{
	struct smpp_throttle t;
	(void)state;
	smpp_throttle_init(&t, 100, 1000, 0);
	smpp_throttle_event(&t, 0);
	smpp_throttle_event(&t, 10); /* what was in flight: the same event */
	assert_int_equal(smpp_throttle_wait_ms(&t, 0), 1000);
	assert_true(t.now == 50);
	assert_false(smpp_throttle_take(&t, 999));
	assert_true(smpp_throttle_take(&t, 1000));
	smpp_throttle_event(&t, 1001);
	assert_int_equal(smpp_throttle_pause_left_ms(&t, 1001), 2000);
	assert_true(t.now == 25);
	smpp_throttle_accepted(&t, 2000); /* written before the pause */
	smpp_throttle_event(&t, 4000);
	assert_int_equal(smpp_throttle_pause_left_ms(&t, 4000), 4000);
	smpp_throttle_accepted(&t, 9000);
	smpp_throttle_event(&t, 9001);
	assert_int_equal(smpp_throttle_pause_left_ms(&t, 9001), 1000);
	for (int64_t now = 20000; now < 2000000; now += 100000)
		smpp_throttle_event(&t, now);
	assert_int_equal(smpp_throttle_pause_left_ms(&t, 1920000), 60000);
	assert_true(t.now >= 5);
}

static void the_rate_comes_back_slowly(void **state)
{
	struct smpp_throttle t;
	(void)state;
	smpp_throttle_init(&t, 100, 1000, 0);
	smpp_throttle_event(&t, 0);
	(void)smpp_throttle_wait_ms(&t, 5000);
	assert_true(t.now == 50);
	(void)smpp_throttle_wait_ms(&t, 7000);
	assert_true(t.now > 59.9 && t.now < 60.1);
	(void)smpp_throttle_wait_ms(&t, 15000);
	assert_true(t.now == 100);
	(void)smpp_throttle_wait_ms(&t, 60000);
	assert_true(t.now == 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(pauses_double_and_end),
	                                   cmocka_unit_test(the_rate_comes_back_slowly)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
