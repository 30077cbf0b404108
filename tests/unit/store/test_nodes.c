/*
 * test_nodes: answers that wait for a replica, and commands that a cluster sends elsewhere.
 */
#include "scripted.h"

static bool all_answered(struct set *x)
{
	return x->answers == 100;
}

/* --- answers that wait for a replica --- */

static int replicas;

static const char *say_created(struct server *s, size_t n, char words[][64])
{
	(void)s;
	(void)n;
	if (strcmp(words[0], "WAIT") == 0)
		return replicas < 0 ? NULL : replicas ? ":1\r\n" : ":0\r\n";
	return ":7011\r\n";
}

static void test_one_wait_for_a_turn(void **state)
{
	struct set *x = *state;

	replicas = 1;
	x->a.answer = say_created;
	x->opts.ack_replica = true;
	open_store(x, false);
	assert_int_equal(store_durability(x->store), STORE_DUR_FAILOVER);
	for (int i = 0; i < 100; i++)
		issue(x);
	run_until(x, all_answered);
	assert_int_equal(x->unavailable, 0);
	assert_int_equal(x->a.calls, 100);
	assert_int_equal(x->a.waits, 1);
}

static void test_no_replica_in_time(void **state)
{
	struct set *x = *state;

	replicas = 0;
	x->a.answer = say_created;
	x->opts.ack_replica = true;
	open_store(x, false);
	for (int i = 0; i < 100; i++)
		issue(x);
	run_until(x, all_answered);
	assert_int_equal(x->unavailable, 100);
	/* The server itself is well: it stays. */
	assert_int_equal(x->downs, 0);
	replicas = 1;
	x->answers = x->unavailable = 0;
	issue(x);
	run_until(x, is_answered);
	assert_int_equal(x->unavailable, 0);
}

static bool is_held(struct set *x)
{
	return x->a.waits > 0;
}

static void test_a_server_that_dies_before_the_replica_has_it(void **state)
{
	struct set *x = *state;

	replicas = -1;
	x->a.answer = say_created;
	x->opts.ack_replica = true;
	open_store(x, false);
	issue(x);
	run_until(x, is_held);
	assert_int_equal(x->answers, 0);
	hang_up(&x->a);
	run_until(x, is_answered);
	assert_int_equal(x->answers, 1);
	assert_int_equal(x->unavailable, 1);
}

/* Silent at the first WAIT, which is refused before the next answer, as a connection has them in order. */
static const char *refuse_the_wait(struct server *s, size_t n, char words[][64])
{
	(void)n;
	if (strcmp(words[0], "WAIT") == 0)
		return s->waits == 1 ? NULL : ":1\r\n";
	return s->waits == 0 ? ":7011\r\n" : "-ERR not now\r\n:7011\r\n";
}

static bool both_answered(struct set *x)
{
	return x->answers == 2;
}

static void test_a_refused_wait_is_followed_by_the_next(void **state)
{
	struct set *x = *state;

	x->a.answer = refuse_the_wait;
	x->opts.ack_replica = true;
	open_store(x, false);
	issue(x);
	run_until(x, is_held);
	issue(x);
	run_until(x, both_answered);
	/* Whom the refused one was for nobody knows; the next had its own. */
	assert_int_equal(x->unavailable, 1);
	assert_int_equal(x->a.waits, 2);
	assert_int_equal(x->downs, 0);
}

/* --- a cluster --- */

static char redirect[96];
static unsigned redirects;

static const char *send_elsewhere(struct server *s, size_t n, char words[][64])
{
	(void)s;
	(void)n;
	if (strcmp(words[0], "FCALL") != 0)
		return "+OK\r\n";
	if (redirects == 0)
		return ":7011\r\n";
	redirects--;
	return redirect;
}

static void one_master(struct server *s, const struct server *master)
{
	snprintf(s->slots, sizeof(s->slots), "*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$9\r\n127.0.0.1\r\n:%u\r\n",
	         master->port);
}

/* {0} lies in slot 13907. */
static void follow(struct set *x, const char *word, unsigned times)
{
	redirects = times;
	x->a.answer = send_elsewhere;
	x->b.answer = say_created;
	one_master(&x->a, &x->a);
	open_store(x, true);
	/* What is moved is the other's from now on, in the map of both. */
	one_master(&x->a, strcmp(word, "MOVED") == 0 ? &x->b : &x->a);
	one_master(&x->b, strcmp(word, "MOVED") == 0 ? &x->b : &x->a);
	snprintf(redirect, sizeof(redirect), "-%s 13907 127.0.0.1:%u\r\n", word, x->b.port);
	issue(x);
	run_until(x, is_answered);
	assert_int_equal(x->answers, 1);
	assert_int_equal(x->unavailable, 0);
}

static void test_moved_is_followed_and_remembered(void **state)
{
	struct set *x = *state;

	follow(x, "MOVED", 1000);
	assert_int_equal(x->b.calls, 1);
	assert_int_equal(x->b.askings, 0);
	x->answers = 0;
	issue(x);
	run_until(x, is_answered);
	assert_int_equal(x->b.calls, 2);
}

static void test_ask_is_followed_once(void **state)
{
	struct set *x = *state;

	follow(x, "ASK", 1);
	assert_int_equal(x->b.calls, 1);
	assert_int_equal(x->b.askings, 1);
	x->answers = 0;
	issue(x);
	run_until(x, is_answered);
	assert_int_equal(x->a.calls, 2);
	assert_int_equal(x->b.calls, 1);
}

static void test_try_again_is_tried_again(void **state)
{
	struct set *x = *state;

	follow(x, "TRYAGAIN", 5);
	assert_int_equal(x->a.calls, 6);
	assert_int_equal(x->b.calls, 0);
}

static const char *send_back(struct server *s, size_t n, char words[][64])
{
	(void)s;
	(void)n;
	return strcmp(words[0], "FCALL") == 0 ? redirect : "+OK\r\n";
}

/* A node that names itself: an end is found, and told. */
static void test_a_node_that_sends_in_circles(void **state)
{
	struct set *x = *state;

	x->a.answer = x->b.answer = send_back;
	one_master(&x->a, &x->a);
	open_store(x, true);
	snprintf(redirect, sizeof(redirect), "-ASK 13907 127.0.0.1:%u\r\n", x->a.port);
	issue(x);
	run_until(x, is_answered);
	assert_int_equal(x->unavailable, 1);
	assert_true(x->a.calls <= 10);
}

static bool is_whole(struct set *x)
{
	return store_whole(x->store);
}

static bool is_torn(struct set *x)
{
	return !store_whole(x->store);
}

/* After reshardings a map may have more elements than any other reply. */
static void test_a_map_of_many_ranges(void **state)
{
	struct set *x = *state;
	size_t n = (size_t)snprintf(x->a.slots, sizeof(x->a.slots), "*2048\r\n");

	for (unsigned first = 0; first < 16384; first += 8) {
		n += (size_t)snprintf(x->a.slots + n, sizeof(x->a.slots) - n,
		                      "*3\r\n:%u\r\n:%u\r\n*2\r\n$9\r\n127.0.0.1\r\n:%u\r\n", first, first + 7,
		                      x->a.port);
	}
	assert_true(n < sizeof(x->a.slots));
	open_store(x, true);
	run_until(x, is_whole);
	assert_int_equal(x->downs, 0);
}

/* No connection ends by it, so nothing else would ask. */
static void test_a_map_with_a_hole_is_asked_for_again_soon(void **state)
{
	struct set *x = *state;

	one_master(&x->a, &x->a);
	open_store(x, true);
	run_until(x, is_whole);
	snprintf(x->a.slots, sizeof(x->a.slots), "*1\r\n*3\r\n:0\r\n:8000\r\n*2\r\n$9\r\n127.0.0.1\r\n:%u\r\n",
	         x->a.port);
	run_until(x, is_torn);
	one_master(&x->a, &x->a);
	int64_t since_ms = clock_mono_ms();
	run_until(x, is_whole);
	assert_true(clock_mono_ms() - since_ms < 2500);
	assert_int_equal(x->downs, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_one_wait_for_a_turn, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_replica_in_time, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_server_that_dies_before_the_replica_has_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_refused_wait_is_followed_by_the_next, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_moved_is_followed_and_remembered, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_ask_is_followed_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_try_again_is_tried_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_node_that_sends_in_circles, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_map_of_many_ranges, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_map_with_a_hole_is_asked_for_again_soon, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
