/*
 * admit: the limit follows what answers take; bursts do not move it; shares leave room.
 */
#include "otp/admit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct admit_opts bounds = { .floor = 10, .ceiling = 1000, .target_ms = 50 };

/* Half a second of answers: the quickest and the slowest alternate. Returns the time after it. */
static int64_t half_second(struct admit *a, int64_t now_us, int64_t quick_us, int64_t slow_us)
{
	for (int i = 0; i < 10; i++)
		admit_answered(a, i % 2 ? slow_us : quick_us, now_us + i * 50000);
	return now_us + 500000;
}

static void bounds_what_is_open(void **state)
{
	const struct admit_opts two = { .floor = 2, .ceiling = 2, .target_ms = 50 };
	struct admit a;

	(void)state;
	admit_init(&a, &two, 0);
	assert_true(admit_take(&a));
	assert_true(admit_take(&a));
	assert_false(admit_take(&a));
	assert_true(admit_free(&a) == 0);
	admit_leave(&a);
	assert_true(admit_free(&a) == 1);
	assert_true(admit_take(&a));
}

static void a_standing_queue_shrinks_it(void **state)
{
	struct admit a;
	int64_t now = 0;

	(void)state;
	admit_init(&a, &bounds, 0);
	now = half_second(&a, now, 1000, 2000);
	uint32_t before = admit_limit(&a);
	now = half_second(&a, now, 62500, 90000);
	now = half_second(&a, now, 62500, 90000);
	assert_int_equal(admit_limit(&a), before);
	now = half_second(&a, now, 62500, 90000);
	/* 50 of 62.5: the limit falls by what it was over. */
	assert_in_range(admit_limit(&a), before * 79 / 100, before * 81 / 100);
	for (int i = 0; i < 40; i++)
		now = half_second(&a, now, 10000000, 10000000);
	assert_int_equal(admit_limit(&a), bounds.floor);
}

static void a_burst_does_not(void **state)
{
	struct admit a;
	int64_t now = 0;

	(void)state;
	admit_init(&a, &bounds, 0);
	uint32_t before = admit_limit(&a);
	for (int i = 0; i < 20; i++)
		now = half_second(&a, now, 1000, 900000);
	assert_int_equal(admit_limit(&a), before);
}

static void a_slow_redis_is_not_a_queue(void **state)
{
	struct admit a;
	int64_t now = 0;

	(void)state;
	admit_init(&a, &bounds, 0);
	uint32_t before = admit_limit(&a);
	for (int i = 0; i < 20; i++)
		now = half_second(&a, now, 30000, 110000);
	for (int i = 0; i < 20; i++)
		now = half_second(&a, now, 110000, 110000);
	assert_int_equal(admit_limit(&a), before);
}

static void refusals_with_quick_answers_raise_it(void **state)
{
	struct admit a;
	int64_t now = 0;

	(void)state;
	admit_init(&a, &bounds, 0);
	a.limit = 500;
	uint32_t before = admit_limit(&a);
	now = half_second(&a, now, 1000, 1000);
	admit_press(&a);
	now = half_second(&a, now, 1000, 1000);
	now = half_second(&a, now, 1000, 1000);
	assert_in_range(admit_limit(&a), before + before / 17, before + before / 15);
	for (int i = 0; i < 100; i++) {
		admit_press(&a);
		now = half_second(&a, now, 1000, 1000);
	}
	assert_int_equal(admit_limit(&a), bounds.ceiling);
}

/* Under pressure the standing queue must not become what is believed natural. */
static void pressure_teaches_no_patience(void **state)
{
	struct admit a;
	int64_t now = 0;

	(void)state;
	admit_init(&a, &bounds, 0);
	now = half_second(&a, now, 20000, 20000);
	for (int i = 0; i < 400; i++) {
		admit_press(&a);
		now = half_second(&a, now, 100000, 100000);
	}
	assert_int_equal(admit_limit(&a), bounds.floor);
}

static void shares_leave_room(void **state)
{
	double flood = 0, crowd = 0;
	const double all = 100;

	(void)state;
	while (admit_fair(all - flood, flood, flood))
		flood++;
	assert_in_range((int)flood, 70, 80);
	/* Another connection of the same tenant, then another tenant, still find room. */
	assert_true(admit_fair(all - flood, flood, 0));
	while (admit_fair(all - flood - crowd, flood + crowd, crowd))
		crowd++;
	assert_in_range((int)crowd, 3, 10);
	assert_true(admit_fair(all - flood - crowd, 0, 0));
	assert_false(admit_fair(0, 0, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bounds_what_is_open),
		cmocka_unit_test(a_standing_queue_shrinks_it),
		cmocka_unit_test(a_burst_does_not),
		cmocka_unit_test(a_slow_redis_is_not_a_queue),
		cmocka_unit_test(refusals_with_quick_answers_raise_it),
		cmocka_unit_test(pressure_teaches_no_patience),
		cmocka_unit_test(shares_leave_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
