/*
 * test_marks: what tells a server that a message was accepted does not wait behind the requests, on a connection of its
 * own; and what becomes of it while that connection is away.
 */
#include "scripted.h"

static bool silent_map;

static void on_marked(void *arg, enum err err, enum store_marked marked)
{
	(void)marked;
	count(arg, err);
}

static const char *serve(struct server *s, size_t n, char words[][64])
{
	(void)s;
	(void)n;
	if (strcmp(words[0], "WAIT") == 0)
		return ":1\r\n";
	if (strcmp(words[0], "PSETEX") == 0)
		return silent_map ? NULL : "+OK\r\n";
	if (strcmp(words[0], "FCALL") == 0 && strstr(words[1], "_mark"))
		return ":1\r\n";
	return NULL;
}

static void mark(struct set *x)
{
	static const struct store_mark m = {
		.id = { .partition = 3 }, .smsc_tag = 9, .message_id = "1", .receipt_partition = 4, .release = true
	};

	assert_int_equal(store_mark(x->store, &m, on_marked, x), ERR_OK);
}

static void open_with_marks(struct set *x, bool cluster)
{
	silent_map = false;
	x->a.answer = serve;
	open_store(x, cluster);
	run_until(x, has_marks);
}

static void test_a_mark_waits_behind_no_request(void **state)
{
	struct set *x = *state;

	open_with_marks(x, false);
	for (int i = 0; i < 100; i++)
		issue(x);
	mark(x);
	run_until(x, is_answered);
	assert_int_equal(x->answers, 1);
	assert_int_equal(x->unavailable, 0);
	assert_int_equal(x->a.marked, 2);
}

static void test_requests_leave_room_for_marks(void **state)
{
	static const struct store_issue_req req = { .guesses = 5 };
	struct set *x = *state;

	x->opts.max_in_flight = 10;
	open_with_marks(x, false);
	for (int i = 0; i < 10; i++)
		issue(x);
	assert_int_equal(store_issue(x->store, &req, on_issued, x), ERR_BUSY);
	mark(x);
	run_until(x, is_answered);
	assert_int_equal(x->unavailable, 0);
}

static bool has_none(struct set *x)
{
	return !has_marks(x);
}

/* It goes behind the requests, which is late, but not lost; and ahead of them again when there is a connection. */
static void test_without_its_connection_a_mark_goes_on_the_first(void **state)
{
	struct set *x = *state;

	open_with_marks(x, false);
	peer_close(&x->a.marks);
	run_until(x, has_none);
	assert_true(store_up(x->store));
	mark(x);
	run_until(x, is_answered);
	assert_int_equal(x->unavailable, 0);
	assert_int_equal(x->a.marked, 0);
	run_until(x, has_marks);
	x->answers = 0;
	mark(x);
	run_until(x, is_answered);
	assert_int_equal(x->a.marked, 2);
	assert_int_equal(x->downs, 0);
}

static bool is_down(struct set *x)
{
	return x->downs > 0;
}

/* Both are of one server, and which one that is, the first connection knows. */
static void test_both_end_with_the_first(void **state)
{
	struct set *x = *state;

	open_with_marks(x, false);
	peer_close(&x->a.first);
	run_until(x, is_down);
	assert_false(has_marks(x));
	run_until(x, has_marks);
	assert_int_equal(x->a.connections, 2);
	assert_int_equal(x->a.marks_connections, 2);
}

static void test_a_mark_has_its_own_wait(void **state)
{
	struct set *x = *state;

	x->opts.ack_replica = true;
	open_with_marks(x, false);
	mark(x);
	run_until(x, is_answered);
	assert_int_equal(x->unavailable, 0);
	assert_int_equal(x->a.marked, 3);
	assert_int_equal(x->a.waits, 0);
}

static void one_master(struct server *s)
{
	snprintf(s->slots, sizeof(s->slots), "*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$9\r\n127.0.0.1\r\n:%u\r\n", s->port);
}

static bool is_marked(struct set *x)
{
	return x->a.marked == 2;
}

/* Between the two answers nothing is owed by this process alone. */
static void test_in_a_cluster_map_and_mark_leave_together(void **state)
{
	struct set *x = *state;

	one_master(&x->a);
	open_with_marks(x, true);
	silent_map = true;
	mark(x);
	run_until(x, is_marked);
	assert_int_equal(x->answers, 0);
	hang_up(&x->a);
	run_until(x, is_answered);
	assert_int_equal(x->answers, 1);
	assert_int_equal(x->unavailable, 1);
}

static char redirect[96];

static const char *send_elsewhere(struct server *s, size_t n, char words[][64])
{
	if (strcmp(words[0], "FCALL") == 0)
		return redirect;
	return serve(s, n, words);
}

/* ASKING and the mark follow each other on one connection of the other node. */
static void test_a_mark_is_redirected(void **state)
{
	struct set *x = *state;

	one_master(&x->a);
	open_with_marks(x, true);
	x->a.answer = send_elsewhere;
	x->b.answer = serve;
	one_master(&x->b);
	snprintf(redirect, sizeof(redirect), "-ASK 1 127.0.0.1:%u\r\n", x->b.port);
	mark(x);
	run_until(x, is_answered);
	assert_int_equal(x->unavailable, 0);
	assert_int_equal(x->b.calls + x->b.marked, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_mark_waits_behind_no_request, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_requests_leave_room_for_marks, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_without_its_connection_a_mark_goes_on_the_first, set_up,
		                                tear_down),
		cmocka_unit_test_setup_teardown(test_both_end_with_the_first, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_mark_has_its_own_wait, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_in_a_cluster_map_and_mark_leave_together, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_mark_is_redirected, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
