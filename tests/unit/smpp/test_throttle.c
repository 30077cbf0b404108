/*
 * Pause, halving and recovery after 0x58; the window's numbers and tombstones; the table of statuses.
 */
#include "smpp/status.h"
#include "smpp/throttle.h"
#include "smpp/window.h"

#include <setjmp.h>
#include <stdarg.h>

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

static void the_window_finds_by_number(void **state)
{
	struct smpp_window *w = smpp_window_new();
	struct smpp_slot *slots[SMPP_WINDOW_MAX];
	(void)state;
	for (unsigned i = 0; i < SMPP_WINDOW_MAX; i++) {
		slots[i] = smpp_window_take(w, smpp_window_sequence(w));
		assert_int_equal(slots[i]->sequence, i + 1);
	}
	assert_null(smpp_window_take(w, 5000));
	smpp_window_release(w, smpp_window_find(w, 500));
	assert_null(smpp_window_find(w, 500));
	assert_ptr_equal(smpp_window_find(w, 501), slots[500]);
	smpp_window_release(w, slots[0]);
	assert_ptr_equal(smpp_window_oldest(w), slots[1]);
	assert_int_equal(smpp_window_used(w), SMPP_WINDOW_MAX - 2);
	smpp_window_bury(w, 500);
	assert_true(smpp_window_exhume(w, 500));
	assert_false(smpp_window_exhume(w, 500));
	assert_false(smpp_window_exhume(w, 0));
	smpp_window_free(w);
}

static void statuses(void **state)
{
	static const struct {
		uint32_t status;
		enum smpp_outcome outcome;
	} rows[] = {{0, SMPP_ACCEPTED}, {0x58, SMPP_LATER}, {4, SMPP_LATER}, {0x0C, SMPP_REFUSED}, {0x14, SMPP_OTHER},
	            {0x0B, SMPP_OTHER}, {0x45, SMPP_OTHER}, {34, SMPP_OTHER}, {0x94, SMPP_OTHER}, {0x55F, SMPP_OTHER},
	            {0x4A1, SMPP_OTHER}, {UINT32_MAX, SMPP_OTHER}};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(smpp_class_outcome(smpp_status_class(rows[i].status)), rows[i].outcome);
	assert_int_equal(smpp_status_class(0x55F), SMPP_CLASS_VENDOR);
	assert_int_equal(smpp_status_class(0x62), SMPP_CLASS_EXPIRY);
	assert_int_equal(smpp_status_bind(5), SMPP_BIND_ALREADY);
	assert_int_equal(smpp_status_bind(0x0E), SMPP_BIND_CREDENTIALS);
	assert_int_equal(smpp_status_bind_delay_ms(SMPP_BIND_ALREADY, 9), 120000);
	assert_int_equal(smpp_status_bind_delay_ms(SMPP_BIND_CREDENTIALS, 0), 60000);
	assert_int_equal(smpp_status_bind_delay_ms(SMPP_BIND_CREDENTIALS, 1), 300000);
	assert_int_equal(smpp_status_bind_delay_ms(SMPP_BIND_CREDENTIALS, 7), 900000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(pauses_double_and_end), cmocka_unit_test(the_rate_comes_back_slowly),
	                                   cmocka_unit_test(the_window_finds_by_number), cmocka_unit_test(statuses)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
