/*
 * admit: the limit follows what answers take; bursts do not move it; shares leave room.
 */
#include "otp/admit.h"

#include "base/invariant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct admit_opts bounds = { .floor = 10, .ceiling = 1000, .start = 1000, .target_ms = 50 };

/* A tenth of a second of answers: the quickest and the slowest alternate. Returns the time after it. */
static int64_t interval(struct admit *a, int64_t now_us, int64_t quick_us, int64_t slow_us)
{
	for (int i = 0; i < 10; i++)
		admit_answered(a, i % 2 ? slow_us : quick_us, now_us + i * 10000);
	return now_us + 100000;
}

/* As many are open as the limit allows. */
static void fill(struct admit *a)
{
	while (admit_free(a) >= 1)
		admit_enter(a);
}

static void bounds_what_is_open(void **state)
{
	const struct admit_opts two = { .floor = 2, .ceiling = 2, .start = 2, .target_ms = 50 };
	struct admit a;

	(void)state;
	admit_init(&a, &two, 0);
	admit_enter(&a);
	admit_enter(&a);
	assert_true(admit_free(&a) == 0);
	/* What follows from a request that was let in is never refused. */
	admit_enter(&a);
	assert_true(admit_free(&a) == 0);
	admit_leave(&a);
	admit_leave(&a);
	assert_true(admit_free(&a) == 1);
}

static void it_starts_where_it_is_told(void **state)
{
	struct admit_opts o = bounds;
	struct admit a;

	(void)state;
	o.start = 500;
	admit_init(&a, &o, 0);
	assert_int_equal(admit_limit(&a), 500);
	o.start = 1;
	admit_init(&a, &o, 0);
	assert_int_equal(admit_limit(&a), o.floor);
	o.start = 5000;
	admit_init(&a, &o, 0);
	assert_int_equal(admit_limit(&a), o.ceiling);
}

static void a_standing_queue_shrinks_it(void **state)
{
	struct admit a;
	int64_t now = 0;

	(void)state;
	admit_init(&a, &bounds, 0);
	now = interval(&a, now, 1000, 2000);
	uint32_t before = admit_limit(&a);
	fill(&a);
	now = interval(&a, now, 62500, 90000);
	now = interval(&a, now, 62500, 90000);
	assert_int_equal(admit_limit(&a), before);
	now = interval(&a, now, 62500, 90000);
	/* 50 of 62.5: the limit falls by what it was over. */
	assert_in_range(admit_limit(&a), before * 79 / 100, before * 81 / 100);
	for (int i = 0; i < 40; i++)
		now = interval(&a, now, 10000000, 10000000);
	assert_int_equal(admit_limit(&a), bounds.floor);
}

/* Another kind of request makes Redis slow: whoever uses little of its own limit keeps it. */
static void a_limit_that_is_not_used_stays(void **state)
{
	struct admit a;
	int64_t now = 0;

	(void)state;
	admit_init(&a, &bounds, 0);
	uint32_t before = admit_limit(&a);
	for (uint32_t i = 0; i < before / 2 - 1; i++)
		admit_enter(&a);
	now = interval(&a, now, 1000, 2000);
	for (int i = 0; i < 20; i++)
		now = interval(&a, now, 500000, 500000);
	assert_int_equal(admit_limit(&a), before);
	admit_enter(&a);
	for (int i = 0; i < 3; i++)
		now = interval(&a, now, 500000, 500000);
	assert_true(admit_limit(&a) < before);
}

static void a_burst_does_not(void **state)
{
	struct admit a;
	int64_t now = 0;

	(void)state;
	admit_init(&a, &bounds, 0);
	uint32_t before = admit_limit(&a);
	for (int i = 0; i < 20; i++)
		now = interval(&a, now, 1000, 900000);
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
		now = interval(&a, now, 30000, 110000);
	for (int i = 0; i < 20; i++)
		now = interval(&a, now, 110000, 110000);
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
	now = interval(&a, now, 1000, 1000);
	/* A slow moment: from now on it is known about where the limit belongs. */
	now = interval(&a, now, 60000, 60000);
	now = interval(&a, now, 1000, 1000);
	admit_press(&a);
	now = interval(&a, now, 1000, 1000);
	now = interval(&a, now, 1000, 1000);
	assert_in_range(admit_limit(&a), before + before / 65, before + before / 63);
	for (int i = 0; i < 100; i++) {
		admit_press(&a);
		now = interval(&a, now, 1000, 1000);
	}
	assert_int_equal(admit_limit(&a), bounds.ceiling);
}

static void a_low_start_is_soon_left(void **state)
{
	struct admit_opts o = bounds;
	struct admit a;
	int64_t now = 0;

	(void)state;
	o.start = 250;
	admit_init(&a, &o, 0);
	now = interval(&a, now, 1000, 1000);
	for (int i = 0; i < 8; i++) {
		admit_press(&a);
		now = interval(&a, now, 1000, 1000);
	}
	assert_int_equal(admit_limit(&a), bounds.ceiling);
	/* Not while answers are late. */
	admit_init(&a, &o, now);
	now = interval(&a, now, 1000, 1000);
	now = interval(&a, now, 60000, 60000);
	for (int i = 0; i < 7; i++) {
		admit_press(&a);
		now = interval(&a, now, 60000, 60000);
	}
	assert_true(admit_limit(&a) <= 250);
}

/* Under pressure the standing queue must not become what is believed natural. */
static void pressure_teaches_no_patience(void **state)
{
	struct admit a;
	int64_t now = 0;

	(void)state;
	admit_init(&a, &bounds, 0);
	fill(&a);
	now = interval(&a, now, 20000, 20000);
	for (int i = 0; i < 400; i++) {
		admit_press(&a);
		now = interval(&a, now, 100000, 100000);
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

/* Each of many members takes what it can, in turn; one more that holds nothing finds a place. */
static void a_crowd_leaves_a_place_to_a_newcomer(void **state)
{
	enum { MEMBERS = 40, ROUNDS = 20 };
	double held[MEMBERS] = { 0 }, all = 0;
	const double limit = 100;

	(void)state;
	for (int i = 0; i < MEMBERS * ROUNDS; i++) {
		if (!admit_fair(limit - all, all, held[i % MEMBERS]))
			continue;
		held[i % MEMBERS]++;
		all++;
	}
	assert_in_range((int)all, 70, 80);
	assert_true(admit_fair(limit - all, all, 0));
}

/* The limit fell below what a flood holds: another group need not wait for the flood's answers. */
static void a_fallen_limit_shuts_out_who_filled_it(void **state)
{
	struct admit a;
	int64_t now = 0;

	(void)state;
	admit_init(&a, &bounds, 0);
	for (uint32_t i = 0; i < bounds.ceiling / 5 * 4; i++)
		admit_enter(&a);
	now = interval(&a, now, 1000, 1000);
	for (int i = 0; i < 40; i++)
		now = interval(&a, now, 900000, 900000);
	assert_true(admit_free(&a) == 0);
	assert_true(admit_modest(&a, 0));
	assert_false(admit_modest(&a, 1));
	a.opts.ceiling = a.open;
	assert_false(admit_modest(&a, 0));
}

/* In a release: one who leaves twice leaves no place too many. */
static void none_leaves_twice(void **state)
{
	struct admit a;
	uint64_t before = invariant_count();

	(void)state;
	if (INVARIANT_ABORTS)
		skip();
	admit_init(&a, &(struct admit_opts){ .floor = 4, .start = 4, .ceiling = 4 }, 0);
	admit_enter(&a);
	admit_leave(&a);
	admit_leave(&a);
	assert_int_equal(invariant_count(), before + 1);
	assert_true(admit_free(&a) == 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bounds_what_is_open),
		cmocka_unit_test(it_starts_where_it_is_told),
		cmocka_unit_test(a_standing_queue_shrinks_it),
		cmocka_unit_test(a_limit_that_is_not_used_stays),
		cmocka_unit_test(a_burst_does_not),
		cmocka_unit_test(a_slow_redis_is_not_a_queue),
		cmocka_unit_test(refusals_with_quick_answers_raise_it),
		cmocka_unit_test(a_low_start_is_soon_left),
		cmocka_unit_test(pressure_teaches_no_patience),
		cmocka_unit_test(shares_leave_room),
		cmocka_unit_test(a_fallen_limit_shuts_out_who_filled_it),
		cmocka_unit_test(a_crowd_leaves_a_place_to_a_newcomer),
		cmocka_unit_test(none_leaves_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
