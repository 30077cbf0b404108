/*
 * turn in virtual time: a tenant's connections share its slice, tenants do not wait for one another.
 * fakes: clock loop
 */
#include "../../fakes/loop.h"
#include "api/conn.h"
#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { CONNS = 6 };

static struct loop *loop;
static struct api_turns turns;
static struct api_tenant busy, other;
static struct api_conn conns[CONNS];
static char said[256];
static int64_t work_ms[CONNS]; /* what one serving takes; 1 ms is more than a slice */
static bool again[CONNS];      /* it has more to serve */

static void serve(struct api_conn *c)
{
	size_t i = (size_t)(c - conns);

	said[strlen(said)] = (char)('a' + i);
	fake_clock_set(clock_mono_ms() + work_ms[i]);
	if (again[i])
		api_turn_wait(&turns, c);
}

/* A readable socket. */
static void arrive(size_t i)
{
	if (!api_turn_begin(&turns, &conns[i]))
		return;
	serve(&conns[i]);
	api_turn_end(&turns, conns[i].tenant);
}

static int setup(void **state)
{
	(void)state;
	memset(conns, 0, sizeof(conns));
	memset(said, 0, sizeof(said));
	memset(again, 0, sizeof(again));
	busy = other = (struct api_tenant){ .clients = 1 };
	TAILQ_INIT(&busy.waiting);
	TAILQ_INIT(&other.waiting);
	for (size_t i = 0; i < CONNS; i++) {
		conns[i].tenant = i < CONNS - 1 ? &busy : &other;
		work_ms[i] = 1;
	}
	loop = loop_new();
	return !loop || api_turns_init(&turns, loop, serve) ? -1 : 0;
}

static int teardown(void **state)
{
	(void)state;
	for (size_t i = 0; i < CONNS; i++)
		api_turn_forget(&conns[i]);
	assert_true(LIST_EMPTY(&turns.waiting));
	api_turns_clear(&turns);
	loop_free(loop);
	return 0;
}

static void one_slice_a_turn(void **state)
{
	(void)state;
	for (size_t i = 0; i < CONNS; i++)
		arrive(i);
	/* The slice of the busy tenant was used up by its first; the other tenant's is its own. */
	assert_string_equal(said, "af");
	fake_loop_turn(loop);
	for (int i = 0; i < 4; i++) {
		assert_true(fake_loop_step(loop, clock_mono_ms() + 10));
		fake_loop_turn(loop);
	}
	assert_string_equal(said, "afbcde");
	assert_false(fake_loop_step(loop, clock_mono_ms() + 10));
}

static void who_waits_longest_is_first(void **state)
{
	(void)state;
	memset(again, true, CONNS - 1);
	for (size_t i = 0; i < CONNS - 1; i++)
		arrive(i);
	fake_loop_turn(loop);
	for (int i = 0; i < 8; i++) {
		/* The other tenant comes in each turn, and never waits. */
		arrive(CONNS - 1);
		assert_true(fake_loop_step(loop, clock_mono_ms() + 10));
		fake_loop_turn(loop);
	}
	/* The first used the slice up; those after it waited before it came back. */
	assert_string_equal(said, "afafbfcfdfefafbfc");
}

static void those_who_take_no_time_are_all_served(void **state)
{
	(void)state;
	memset(work_ms, 0, sizeof(work_ms));
	memset(again, true, CONNS - 1);
	for (size_t i = 0; i < CONNS - 1; i++)
		arrive(i);
	/* Each that was not served in this turn passes those that were. */
	assert_string_equal(said, "abcde");
	fake_loop_turn(loop);
	arrive(0);
	assert_string_equal(said, "abcde");
	assert_true(fake_loop_step(loop, clock_mono_ms() + 10));
	/* Once each in a turn, however quick. */
	assert_string_equal(said, "abcdeabcde");
	fake_loop_turn(loop);
}

static void the_last_to_leave_ends_the_waiting(void **state)
{
	(void)state;
	for (size_t i = 0; i < CONNS - 1; i++)
		arrive(i);
	api_turn_forget(&conns[2]);
	api_turn_forget(&conns[1]);
	api_turn_forget(&conns[4]);
	api_turn_forget(&conns[4]);
	fake_loop_turn(loop);
	assert_true(fake_loop_step(loop, clock_mono_ms() + 10));
	assert_string_equal(said, "ad");
	assert_true(LIST_EMPTY(&turns.waiting));
}

static void a_slice_is_over_by_the_clock(void **state)
{
	(void)state;
	assert_true(api_turn_begin(&turns, &conns[0]));
	assert_false(api_turn_over(&turns, &busy));
	fake_clock_set(clock_mono_ms() + 1);
	assert_true(api_turn_over(&turns, &busy));
	api_turn_end(&turns, &busy);
	assert_false(api_turn_begin(&turns, &conns[1]));
	assert_false(api_turn_begin(&turns, &conns[1]));
	fake_loop_turn(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_slice_a_turn, setup, teardown),
		cmocka_unit_test_setup_teardown(who_waits_longest_is_first, setup, teardown),
		cmocka_unit_test_setup_teardown(those_who_take_no_time_are_all_served, setup, teardown),
		cmocka_unit_test_setup_teardown(the_last_to_leave_ends_the_waiting, setup, teardown),
		cmocka_unit_test_setup_teardown(a_slice_is_over_by_the_clock, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
