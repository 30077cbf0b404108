/*
 * test_mark_batch: the marks of a turn go to a server in calls of several, and each is told its own result once,
 * whatever becomes of the call.
 */
#include "scripted.h"

#define MARKS_MAX 16

/* What each mark was told, by its place in the calls of store_mark. */
static struct told {
	struct set *x;
	unsigned times;
	enum err err;
	enum store_marked marked;
} told[MARKS_MAX];
static unsigned asked;    /* marks of the present turn and those before */
static char heads[8][16]; /* of each FCALL: its function and its number of keys, in order */
static unsigned calls;
static const char *replies[8]; /* to them; NULL: results by the number of keys */
static struct loop_task turn;
static bool keeps_its_lease; /* the next mark */

static void on_told(void *arg, enum err err, enum store_marked marked)
{
	struct told *t = arg;

	t->times++;
	t->err = err;
	t->marked = marked;
	count(t->x, err);
}

static const char *function_of(const char *name)
{
	return strrchr(name, '_') + 1;
}

static const char *serve_several(struct server *s, size_t n, char words[][64])
{
	static const char *const results[] = {
		":1\r\n",
		"*2\r\n:0\r\n:1\r\n",
		"*3\r\n:0\r\n:1\r\n:2\r\n",
		"*4\r\n:0\r\n:1\r\n:2\r\n:5\r\n",
		"*5\r\n:0\r\n:1\r\n:2\r\n:5\r\n:1\r\n",
		"*6\r\n:0\r\n:1\r\n:2\r\n:5\r\n:1\r\n:0\r\n",
		"*7\r\n:0\r\n:1\r\n:2\r\n:5\r\n:1\r\n:0\r\n:2\r\n",
		"*8\r\n:0\r\n:1\r\n:2\r\n:5\r\n:1\r\n:0\r\n:2\r\n:1\r\n",
	};

	(void)s;
	(void)n;
	if (strcmp(words[0], "WAIT") == 0)
		return ":1\r\n";
	if (strcmp(words[0], "PSETEX") == 0 || strcmp(words[0], "FUNCTION") == 0)
		return "+OK\r\n";
	if (strcmp(words[0], "FCALL") != 0)
		return NULL;
	snprintf(heads[calls], sizeof(heads[calls]), "%.8s %.2s", function_of(words[1]), words[2]);
	if (replies[calls])
		return replies[calls++];
	calls++;
	return strcmp(function_of(words[1]), "mark") == 0 ? results[atoi(words[2]) / 2 - 1] : ":1\r\n";
}

static void ask_mark(struct set *x)
{
	const struct store_mark m = { .id = { .partition = (uint16_t)asked },
		                      .delivery = DELIVERY_DELIVERED,
		                      .release = !keeps_its_lease };

	told[asked] = (struct told){ .x = x };
	assert_int_equal(store_mark(x->store, &m, on_told, &told[asked]), ERR_OK);
	assert_int_equal(told[asked++].times, 0);
}

static void open_several(struct set *x, bool cluster)
{
	asked = calls = 0;
	keeps_its_lease = false;
	memset(told, 0, sizeof(told));
	memset(replies, 0, sizeof(replies));
	x->a.answer = serve_several;
	open_store(x, cluster);
	run_until(x, has_marks);
}

static bool all_told(struct set *x)
{
	return x->answers == asked;
}

static void assert_told(unsigned i, enum err err, enum store_marked marked)
{
	assert_int_equal(told[i].times, 1);
	assert_int_equal(told[i].err, err);
	assert_int_equal(told[i].marked, marked);
}

/* Which it cannot read, it counts, and answers as one that moved nothing. */
static void test_eight_of_a_turn_are_one_call(void **state)
{
	static const enum store_marked marked[] = { STORE_MARK_STALE,    STORE_MARK_MOVED, STORE_MARK_REROUTED,
		                                    STORE_MARK_STALE,    STORE_MARK_MOVED, STORE_MARK_STALE,
		                                    STORE_MARK_REROUTED, STORE_MARK_MOVED };
	struct set *x = *state;

	open_several(x, false);
	for (int i = 0; i < 9; i++)
		ask_mark(x);
	run_until(x, all_told);
	assert_int_equal(calls, 2);
	assert_string_equal(heads[0], "mark 16");
	assert_string_equal(heads[1], "mark 2");
	for (unsigned i = 0; i < 8; i++)
		assert_told(i, ERR_OK, marked[i]);
	assert_told(8, ERR_OK, STORE_MARK_MOVED);
	assert_int_equal(x->downs, 0);
}

/* The number of keys has one digit up to four marks, and two beyond. */
static void test_any_number_of_a_turn_is_one_call(void **state)
{
	static const char *const of[] = { "mark 2",  "mark 4",  "mark 6",  "mark 8",
		                          "mark 10", "mark 12", "mark 14", "mark 16" };
	struct set *x = *state;

	open_several(x, false);
	for (unsigned n = 1; n <= 8; n++) {
		asked = calls = x->answers = 0;
		for (unsigned i = 0; i < n; i++)
			ask_mark(x);
		run_until(x, all_told);
		assert_int_equal(calls, 1);
		assert_string_equal(heads[0], of[n - 1]);
	}
	assert_int_equal(x->downs, 0);
}

/* A key costs Redis as much as what it does with it. */
static void test_only_what_ends_a_lease_names_its_journal(void **state)
{
	struct set *x = *state;

	open_several(x, false);
	replies[0] = replies[2] = ":1\r\n";
	replies[1] = "*3\r\n:1\r\n:1\r\n:1\r\n";
	keeps_its_lease = true;
	ask_mark(x);
	run_until(x, all_told);
	assert_string_equal(heads[0], "mark 1");
	for (int i = 0; i < 3; i++) {
		keeps_its_lease = i != 1;
		ask_mark(x);
	}
	run_until(x, all_told);
	assert_string_equal(heads[1], "mark 4");
	for (unsigned i = 0; i < 4; i++)
		assert_told(i, ERR_OK, STORE_MARK_MOVED);
}

static void test_one_of_a_turn_is_alone(void **state)
{
	struct set *x = *state;

	open_several(x, false);
	for (unsigned i = 0; i < 2; i++) {
		ask_mark(x);
		run_until(x, all_told);
		assert_told(i, ERR_OK, STORE_MARK_MOVED);
		assert_string_equal(heads[i], "mark 2");
	}
	assert_int_equal(calls, 2);
}

static void test_one_that_is_refused_holds_no_other_back(void **state)
{
	struct set *x = *state;

	open_several(x, false);
	replies[0] = "*3\r\n:1\r\n:-1\r\n:0\r\n";
	for (int i = 0; i < 3; i++)
		ask_mark(x);
	run_until(x, all_told);
	assert_told(0, ERR_OK, STORE_MARK_MOVED);
	assert_told(1, ERR_UNAVAILABLE, STORE_MARK_STALE);
	assert_told(2, ERR_OK, STORE_MARK_STALE);
	assert_int_equal(x->downs, 0);
}

static void test_an_error_is_that_of_all(void **state)
{
	struct set *x = *state;

	open_several(x, false);
	replies[0] = "-OOM command not allowed\r\n";
	for (int i = 0; i < 3; i++)
		ask_mark(x);
	run_until(x, all_told);
	for (unsigned i = 0; i < 3; i++)
		assert_told(i, ERR_UNAVAILABLE, STORE_MARK_STALE);
	assert_int_equal(x->downs, 0);
}

static bool is_other_connection(struct set *x)
{
	return x->a.marks_connections > 1 && has_marks(x);
}

/* A reply that no version gives ends its connection, and each is told once. */
static void test_a_reply_of_another_shape(void **state)
{
	static const char *const shapes[] = { ":1\r\n",
		                              "*1\r\n:1\r\n",
		                              "*3\r\n:1\r\n:1\r\n:1\r\n",
		                              "*2\r\n:1\r\n:6\r\n",
		                              "*2\r\n:-2\r\n:1\r\n",
		                              "*2\r\n:1\r\n$1\r\n1\r\n",
		                              "$-1\r\n" };
	struct set *x = *state;

	open_several(x, false);
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		asked = calls = x->answers = 0;
		x->a.marks_connections = 1;
		replies[0] = shapes[i];
		ask_mark(x);
		ask_mark(x);
		run_until(x, all_told);
		assert_told(0, ERR_UNAVAILABLE, STORE_MARK_STALE);
		assert_told(1, ERR_UNAVAILABLE, STORE_MARK_STALE);
		run_until(x, is_other_connection);
	}
}

/* Alone it has no number for "refused": there Redis answers with an error. */
static void test_alone_the_number_of_a_refused_one_is_no_reply(void **state)
{
	struct set *x = *state;

	open_several(x, false);
	replies[0] = ":-1\r\n";
	ask_mark(x);
	run_until(x, all_told);
	assert_told(0, ERR_UNAVAILABLE, STORE_MARK_STALE);
	run_until(x, is_other_connection);
}

static bool are_two(struct set *x)
{
	(void)x;
	return calls == 2;
}

static void test_what_follows_a_mark_does_not_overtake_it(void **state)
{
	static const struct store_mark unsent = { .unsent = true };
	static const struct store_handed how = { .unsent = true };
	static const struct ident id = { .partition = 3 };
	struct set *x = *state;

	open_several(x, false);
	ask_mark(x);
	store_release(x->store, &id, &how);
	run_until(x, are_two);
	assert_string_equal(heads[0], "mark 2");
	assert_string_equal(heads[1], "release 2");
	run_until(x, all_told);
	calls = 0;
	ask_mark(x);
	told[asked] = (struct told){ .x = x };
	assert_int_equal(store_mark(x->store, &unsent, on_told, &told[asked++]), ERR_OK);
	run_until(x, all_told);
	assert_string_equal(heads[0], "mark 2");
	assert_string_equal(heads[1], "unsent 2");
}

static void test_who_frees_the_store_answers_them(void **state)
{
	struct set *x = *state;

	open_several(x, false);
	for (int i = 0; i < 6; i++)
		ask_mark(x);
	store_free(x->store);
	x->store = NULL;
	assert_int_equal(x->answers, 6);
	for (unsigned i = 0; i < 6; i++)
		assert_told(i, ERR_UNAVAILABLE, STORE_MARK_STALE);
}

static int ends[2]; /* of a pipe */

static void on_cue(void *arg, unsigned events)
{
	static const struct store_mark m = {
		.id = { .partition = 3 }, .smsc_tag = 9, .message_id = "1", .receipt_partition = 4
	};
	struct set *x = arg;
	char octet;

	(void)events;
	assert_int_equal(read(ends[0], &octet, 1), 1);
	assert_int_equal(store_mark(x->store, &m, on_told, &told[asked++]), ERR_OK);
}

/*
 * The receipt map was sent on it, and is lost. On the first connection, which is well, the mark would be done without
 * it, and no receipt would find the message.
 */
static void test_the_connection_ends_between_a_map_and_its_mark(void **state)
{
	struct set *x = *state;

	open_several(x, false);
	assert_int_equal(pipe(ends), 0);
	told[0] = (struct told){ .x = x };
	struct loop_watch *cue = loop_watch_new(x->loop, ends[0], on_cue, x);
	loop_watch_set(cue, LOOP_READ);
	/* Both are ready in the next turn, in this order. */
	assert_int_equal(write(ends[1], "x", 1), 1);
	peer_close(&x->a.marks);
	asked = 0;
	run_until(x, is_answered);
	assert_told(0, ERR_UNAVAILABLE, STORE_MARK_STALE);
	assert_int_equal(calls, 0);
	loop_watch_free(cue);
	close(ends[0]);
	close(ends[1]);
}

static bool written;

static void look_for_the_mark(void *arg)
{
	struct set *x = arg;
	char bytes[4096];
	ssize_t n = recv(x->a.marks.fd, bytes, sizeof(bytes), MSG_PEEK | MSG_DONTWAIT);

	written = n > 0 && memmem(bytes, (size_t)n, "_mark\r\n", 7);
}

static void on_found(void *arg, enum err err, bool found, const struct ident *id)
{
	(void)arg, (void)err, (void)found, (void)id;
}

/* What the turn defers behind the mark writes the submits that its free place in the window allows. */
static void test_it_is_written_before_the_submits_that_follow(void **state)
{
	static const struct store_receipt_req req = { 9, "1", 3 };
	struct set *x = *state;

	open_several(x, false);
	written = false;
	assert_int_equal(store_receipt(x->store, &req, on_found, x), ERR_OK);
	ask_mark(x);
	loop_task_init(&turn, look_for_the_mark, x);
	loop_defer(x->loop, &turn);
	run_until(x, all_told);
	assert_true(written);
}

static void one_master(struct server *s)
{
	snprintf(s->slots, sizeof(s->slots), "*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$9\r\n127.0.0.1\r\n:%u\r\n", s->port);
}

/* Of partitions on several nodes each goes to its own. */
static void test_in_a_cluster_each_goes_alone(void **state)
{
	struct set *x = *state;

	one_master(&x->a);
	open_several(x, true);
	for (int i = 0; i < 4; i++)
		ask_mark(x);
	run_until(x, all_told);
	assert_int_equal(calls, 4);
	for (unsigned i = 0; i < 4; i++) {
		assert_string_equal(heads[i], "mark 2");
		assert_told(i, ERR_OK, STORE_MARK_MOVED);
	}
}

/* One that waits for a replica is held with its reply. */
static void test_several_wait_once_for_a_replica(void **state)
{
	struct set *x = *state;

	x->opts.ack_replica = true;
	open_several(x, false);
	for (int i = 0; i < 4; i++)
		ask_mark(x);
	run_until(x, all_told);
	assert_told(1, ERR_OK, STORE_MARK_MOVED);
	assert_told(2, ERR_OK, STORE_MARK_REROUTED);
	assert_int_equal(x->a.marked, 2);
}

static void test_without_the_function_they_are_sent_again(void **state)
{
	struct set *x = *state;

	open_several(x, false);
	replies[0] = "-ERR Function not found\r\n";
	for (int i = 0; i < 2; i++)
		ask_mark(x);
	run_until(x, all_told);
	assert_int_equal(calls, 2);
	assert_string_equal(heads[1], "mark 4");
	assert_told(0, ERR_OK, STORE_MARK_STALE);
	assert_told(1, ERR_OK, STORE_MARK_MOVED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_eight_of_a_turn_are_one_call, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_any_number_of_a_turn_is_one_call, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_only_what_ends_a_lease_names_its_journal, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_one_of_a_turn_is_alone, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_one_that_is_refused_holds_no_other_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_an_error_is_that_of_all, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_reply_of_another_shape, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_alone_the_number_of_a_refused_one_is_no_reply, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_what_follows_a_mark_does_not_overtake_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_who_frees_the_store_answers_them, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_the_connection_ends_between_a_map_and_its_mark, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_it_is_written_before_the_submits_that_follow, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_in_a_cluster_each_goes_alone, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_several_wait_once_for_a_replica, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_without_the_function_they_are_sent_again, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
