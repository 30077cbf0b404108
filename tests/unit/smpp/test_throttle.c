/*
 * Pause, halving and recovery after 0x58.
 */
#include "smpp/health/throttle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void pauses_double_and_end(void **state)
{
	struct smpp_throttle t;
	(void)state;
	smpp_throttle_init(&t, 100, 1000, 0);
	(void)smpp_throttle_event(&t, 0, 0);
	assert_false(smpp_throttle_event(&t, 10, 10)); /* what was in flight: the same event */
	assert_int_equal(smpp_throttle_wait_ms(&t, 0), 1000);
	assert_true(t.now == 50);
	assert_false(smpp_throttle_take(&t, 999));
	assert_true(smpp_throttle_take(&t, 1000));
	assert_false(smpp_throttle_event(&t, -1, 1000)); /* and so is what a slow SMSC answers after the pause */
	assert_int_equal(smpp_throttle_pause_left_ms(&t, 1000), 0);
	assert_true(smpp_throttle_event(&t, 1001, 1001));
	assert_int_equal(smpp_throttle_pause_left_ms(&t, 1001), 2000);
	assert_true(t.now == 25);
	smpp_throttle_accepted(&t, 1000); /* written before the pause */
	(void)smpp_throttle_event(&t, 4000, 4000);
	assert_int_equal(smpp_throttle_pause_left_ms(&t, 4000), 4000);
	smpp_throttle_accepted(&t, 9000);
	(void)smpp_throttle_event(&t, 9001, 9001);
	assert_int_equal(smpp_throttle_pause_left_ms(&t, 9001), 1000);
	for (int64_t now = 20000; now < 2000000; now += 100000)
		(void)smpp_throttle_event(&t, now, now);
	assert_int_equal(smpp_throttle_pause_left_ms(&t, 1920000), 60000);
	assert_true(t.now >= 5);
}

static void the_rate_comes_back_slowly(void **state)
{
	struct smpp_throttle t;
	(void)state;
	smpp_throttle_init(&t, 100, 1000, 0);
	(void)smpp_throttle_event(&t, 0, 0);
	(void)smpp_throttle_wait_ms(&t, 5000);
	assert_true(t.now == 50);
	(void)smpp_throttle_wait_ms(&t, 7000);
	assert_true(t.now > 59.9 && t.now < 60.1);
	(void)smpp_throttle_wait_ms(&t, 15000);
	assert_true(t.now == 100);
	(void)smpp_throttle_wait_ms(&t, 60000);
	assert_true(t.now == 100);
}

/* congestion_state of SMPP 5.0: near 100 less, in between no more, below as ever. */
static void congestion_eases(void **state)
{
	struct smpp_throttle t;
	(void)state;
	smpp_throttle_init(&t, 100, 1000, 0);
	smpp_throttle_congestion(&t, -1, 1000);
	smpp_throttle_congestion(&t, 79, 1000);
	smpp_throttle_congestion(&t, 89, 1000);
	assert_true(t.now == 100);
	for (int64_t now = 1000; now < 2000; now += 100)
		smpp_throttle_congestion(&t, 95, now);
	assert_true(t.now > 69.9 && t.now < 70.1);
	assert_true(smpp_throttle_pause_left_ms(&t, 2000) == 0);
	smpp_throttle_congestion(&t, 90, 2000);
	assert_true(t.now > 48.9 && t.now < 49.1);
	for (int64_t now = 3000; now < 20000; now += 1000) {
		smpp_throttle_congestion(&t, 85, now);
		(void)smpp_throttle_wait_ms(&t, now);
	}
	assert_true(t.now > 48.9 && t.now < 49.1);
	(void)smpp_throttle_wait_ms(&t, 26000);
	assert_true(t.now > 58.9 && t.now < 59.1 + 5);
	for (int64_t now = 30000; now < 90000; now += 1000)
		smpp_throttle_congestion(&t, 100, now);
	assert_true(t.now >= 5);
}

/* A reload in the middle of it takes nothing back, but for a rate that is lower still; the floor holds from then on. */
static void other_options_keep_what_it_learned(void **state)
{
	struct smpp_throttle t;
	(void)state;
	smpp_throttle_init(&t, 100, 1000, 0);
	(void)smpp_throttle_event(&t, 0, 0);
	smpp_throttle_set(&t, 90, 5000, 10);
	assert_true(t.now == 50);
	assert_int_equal(smpp_throttle_pause_left_ms(&t, 10), 990);
	(void)smpp_throttle_event(&t, 2000, 2000);
	assert_int_equal(smpp_throttle_pause_left_ms(&t, 2000), 5000);
	assert_true(t.now == 25);
	smpp_throttle_set(&t, 20, 5000, 8000);
	assert_true(t.now == 20);
	smpp_throttle_set(&t, 200, 5000, 8000);
	assert_true(t.now == 200);
}

/* Half of it after a throttling, and back within half a minute, at the highest rate too. */
static void a_million_a_second(void **state)
{
	struct smpp_throttle t;
	unsigned taken = 0;
	(void)state;
	smpp_throttle_init(&t, 1000000, 1000, 0);
	while (smpp_throttle_take(&t, 0))
		taken++;
	assert_int_equal(taken, 100000); /* a tenth of a second of it */
	assert_int_equal(smpp_throttle_wait_ms(&t, 0), 1);
	assert_true(smpp_throttle_event(&t, 0, 10));
	assert_true(t.now == 500000);
	assert_int_equal(smpp_throttle_wait_ms(&t, 10), 1000);
	assert_int_equal(smpp_throttle_wait_ms(&t, 30000), 0);
	assert_true(t.now == 1000000);
	for (taken = 0; smpp_throttle_take(&t, 30100);)
		taken++;
	assert_int_equal(taken, 100000);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(pauses_double_and_end),
		                            cmocka_unit_test(the_rate_comes_back_slowly),
		                            cmocka_unit_test(congestion_eases), cmocka_unit_test(a_million_a_second),
		                            cmocka_unit_test(other_options_keep_what_it_learned) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
