/*
 * route_queue: what can be sent before its deadline, by whom; places and shares are given back; the parts of the queue.
 */
#include "flow/deliver/route_queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define NOW 1000000
#define CAP 10000

static const int flood, modest; /* two tenants, by their addresses */

struct scene {
	struct route_queue *l;
	struct route_queue_place places[CAP];
	size_t held;
};

static struct scene scene;

static int setup(void **state)
{
	(void)state;
	scene = (struct scene){ .l = route_queue_new(CAP) };
	return scene.l ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	route_queue_free(scene.l);
	return 0;
}

static struct route_queue_ask ask(const void *tenant, uint64_t client, int64_t in_ms, double per_s)
{
	return (struct route_queue_ask){
		.who = { tenant, client }, .deadline_ms = NOW + in_ms, .places = CAP, .pace = { per_s, 0 }
	};
}

/* Holds as many as are let in; returns the reason why no more are. */
static enum overload_reason fill(const struct route_queue_ask *a, int64_t *retry_ms)
{
	enum overload_reason reason;

	while ((reason = route_queue_judge(scene.l, a, NOW, retry_ms)) == OVERLOAD_NONE && scene.held < CAP)
		scene.places[scene.held++] = route_queue_hold(scene.l, &a->who, a->deadline_ms, NOW);
	return reason;
}

static void what_is_too_late_is_refused(void **state)
{
	const struct route_queue_ask a = ask(NULL, 0, 10000, 10);
	int64_t retry_ms;

	(void)state;
	assert_int_equal(fill(&a, &retry_ms), OVERLOAD_DEADLINE);
	/* Nine tenths of ten seconds at ten a second. */
	assert_int_equal(scene.held, 90);
	assert_int_equal(retry_ms, 1000);
	struct route_queue_ask slower = ask(NULL, 0, 10000, 5);
	assert_int_equal(route_queue_judge(scene.l, &slower, NOW, &retry_ms), OVERLOAD_DEADLINE);
	assert_int_equal(retry_ms, 9000);
	route_queue_drop(scene.l, &scene.places[0]);
	assert_int_equal(route_queue_judge(scene.l, &a, NOW, &retry_ms), OVERLOAD_NONE);
}

static void what_is_due_later_keeps_its_time(void **state)
{
	const struct route_queue_ask late = ask(NULL, 0, 60000, 10), soon = ask(NULL, 0, 5000, 10);
	int64_t retry_ms;

	(void)state;
	while (scene.held < 500)
		scene.places[scene.held++] = route_queue_hold(scene.l, &late.who, late.deadline_ms, NOW);
	/* But what goes before must leave it its time: 540 in all. */
	assert_int_equal(fill(&soon, &retry_ms), OVERLOAD_DEADLINE);
	assert_int_equal(scene.held, 540);
	for (int i = 0; i < 20; i++)
		route_queue_drop(scene.l, &scene.places[i]);
	/* And of what is soon no more than fits. */
	assert_int_equal(fill(&soon, &retry_ms), OVERLOAD_DEADLINE);
	assert_int_equal(scene.held, 545);
}

static void a_pause_takes_time_away(void **state)
{
	struct route_queue_ask a = ask(NULL, 0, 10000, 10);
	int64_t retry_ms;

	(void)state;
	a.pace.pause_ms = 5000;
	fill(&a, &retry_ms);
	assert_int_equal(scene.held, 40);
	a.pace.pause_ms = 60000;
	assert_int_equal(route_queue_judge(scene.l, &a, NOW, &retry_ms), OVERLOAD_DEADLINE);
	assert_true(retry_ms > 40000);
}

static void one_a_minute_is_still_one(void **state)
{
	const struct route_queue_ask a = ask(&flood, 1, 10000, 1.0 / 60);
	int64_t retry_ms;

	(void)state;
	assert_int_equal(fill(&a, &retry_ms), OVERLOAD_DEADLINE);
	assert_int_equal(scene.held, 1);
}

static void no_place_is_no_place(void **state)
{
	struct route_queue_ask a = ask(&flood, 1, 10000, 10);
	int64_t retry_ms;

	(void)state;
	a.places = 0;
	assert_int_equal(route_queue_judge(scene.l, &a, NOW, &retry_ms), OVERLOAD_QUEUE);
}

static void a_flood_leaves_room(void **state)
{
	const struct route_queue_ask a = ask(&flood, 1, 10000, 100), b = ask(&flood, 2, 10000, 100),
				     c = ask(&modest, 3, 10000, 100);
	int64_t retry_ms;

	(void)state;
	assert_int_equal(fill(&a, &retry_ms), OVERLOAD_SHARE);
	assert_in_range(scene.held, 630, 720);
	assert_int_equal(route_queue_judge(scene.l, &b, NOW, &retry_ms), OVERLOAD_NONE);
	assert_int_equal(fill(&b, &retry_ms), OVERLOAD_SHARE);
	assert_int_equal(route_queue_judge(scene.l, &c, NOW, &retry_ms), OVERLOAD_NONE);
	assert_int_equal(fill(&c, &retry_ms), OVERLOAD_SHARE);
	while (scene.held)
		route_queue_drop(scene.l, &scene.places[--scene.held]);
	assert_int_equal(fill(&c, &retry_ms), OVERLOAD_SHARE);
	assert_in_range(scene.held, 630, 720);
}

/* What may be put before all that waits: the tightest deadline decides. */
static void spare_time_is_the_least_of_all(void **state)
{
	const struct route_queue_who nobody = { NULL, 0 };
	const struct smpp_pace ten = { 10, 0 }, paused = { 10, 2000 };

	(void)state;
	assert_int_equal(route_queue_spare(scene.l, &ten, NOW), CAP);
	for (int i = 0; i < 100; i++)
		scene.places[i] = route_queue_hold(scene.l, &nobody, NOW + 30000, NOW);
	assert_int_equal(route_queue_spare(scene.l, &ten, NOW), 200);
	for (int i = 100; i < 140; i++)
		scene.places[i] = route_queue_hold(scene.l, &nobody, NOW + 5000, NOW);
	assert_int_equal(route_queue_spare(scene.l, &ten, NOW), 10);
	assert_int_equal(route_queue_spare(scene.l, &paused, NOW), 0);
	for (int i = 100; i < 140; i++)
		route_queue_drop(scene.l, &scene.places[i]);
	assert_int_equal(route_queue_spare(scene.l, &paused, NOW), 180);
	scene.places[100] = route_queue_hold(scene.l, &nobody, 0, NOW);
	assert_int_equal(route_queue_spare(scene.l, &paused, NOW), 0);
}

static void places_are_given_back_once(void **state)
{
	const struct route_queue_ask a = ask(&flood, 1, 10000, 10);
	struct route_queue_place p = route_queue_hold(scene.l, &a.who, a.deadline_ms, NOW);
	int64_t retry_ms;

	(void)state;
	route_queue_drop(scene.l, &p);
	route_queue_drop(scene.l, &p);
	assert_int_equal(p.slot, 0);
	const struct route_queue_ask anybody = ask(NULL, 0, 10000, 10);
	fill(&anybody, &retry_ms);
	assert_int_equal(scene.held, 90);
}

/* A machine just started, and deadlines outside of what is counted by their time. */
static void any_time_has_its_slot(void **state)
{
	const struct route_queue_who who = { NULL, 0 };
	const int64_t deadlines[] = { -50000, 0, 400000, 4000000 };
	int64_t retry_ms;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		scene.places[i] = route_queue_hold(scene.l, &who, deadlines[i], 3000);
	struct route_queue_ask a = { .deadline_ms = 5000, .places = CAP, .pace = { 1, 0 } };
	assert_int_equal(route_queue_judge(scene.l, &a, 3000, &retry_ms), OVERLOAD_DEADLINE);
	route_queue_drop(scene.l, &scene.places[0]);
	assert_int_equal(route_queue_judge(scene.l, &a, 3000, &retry_ms), OVERLOAD_NONE);
}

/* --- parts --- */

/* avoid: bits of the first SMSCs, and again of the last: no part of the set may be left out of account. */
static void push(struct queue_entry *e, uint32_t avoid)
{
	const struct smsc_set set = { { avoid & 1, 0, 0, (uint64_t)(avoid >> 1) << 32 } };

	assert_int_equal(route_queue_push(scene.l, e, &set), ERR_OK);
}

static void a_way_that_is_stuck_stops_no_other(void **state)
{
	struct queue_entry refused = { .deadline_ms = 1 }, behind = { .deadline_ms = 2 }, other = { .deadline_ms = 3 },
			   plain = { .deadline_ms = 4 }, first = { .deadline_ms = 9 };

	(void)state;
	push(&plain, 0);
	push(&behind, 1);
	push(&refused, 1);
	push(&other, 2);
	assert_int_equal(route_queue_len(scene.l), 4);
	assert_ptr_equal(route_queue_first(scene.l, 0), &refused);
	uint32_t stuck = route_queue_part(scene.l, &refused);
	assert_ptr_equal(route_queue_first(scene.l, stuck), &other);
	stuck |= route_queue_part(scene.l, &other);
	assert_ptr_equal(route_queue_first(scene.l, stuck), &plain);
	assert_null(route_queue_first(scene.l, stuck | route_queue_part(scene.l, &plain)));
	route_queue_remove(&refused);
	assert_ptr_equal(route_queue_first(scene.l, 0), &behind);
	/* What has waited in another life goes before all, on whatever way. */
	plain.priority = behind.priority = other.priority = 1;
	push(&first, 2);
	assert_ptr_equal(route_queue_first(scene.l, 0), &first);
	route_queue_remove(&first);
	route_queue_remove(&plain);
	route_queue_remove(&other);
	route_queue_remove(&behind);
	assert_int_equal(route_queue_len(scene.l), 0);
	assert_null(route_queue_first(scene.l, 0));
}

static void any_number_of_ways_is_taken(void **state)
{
	static struct queue_entry e[64];
	uint32_t seen = 0;

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (uint32_t i = 0; i < 64; i++) {
			e[i].deadline_ms = i;
			push(&e[i], (uint32_t)round * 64 + i);
			seen |= route_queue_part(scene.l, &e[i]);
			assert_true((route_queue_part(scene.l, &e[i]) == 1) == (round == 0 && i == 0));
		}
		for (uint32_t i = 0; i < 64; i++) {
			assert_ptr_equal(route_queue_first(scene.l, 0), &e[i]);
			route_queue_remove(&e[i]);
		}
		assert_int_equal(seen, 0xFF);
	}
}

#define IN_SCENE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SCENE(what_is_too_late_is_refused),    IN_SCENE(what_is_due_later_keeps_its_time),
		IN_SCENE(a_pause_takes_time_away),        IN_SCENE(one_a_minute_is_still_one),
		IN_SCENE(no_place_is_no_place),           IN_SCENE(a_flood_leaves_room),
		IN_SCENE(spare_time_is_the_least_of_all), IN_SCENE(places_are_given_back_once),
		IN_SCENE(any_time_has_its_slot),          IN_SCENE(a_way_that_is_stuck_stops_no_other),
		IN_SCENE(any_number_of_ways_is_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
