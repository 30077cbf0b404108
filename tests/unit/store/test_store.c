/*
 * test_store: the door of Redis before a server that says what no Redis should, says nothing, or takes no writes: each
 * request is answered once, and the connection comes back by itself.
 */
#include "scripted.h"

static bool is_down(struct set *x)
{
	return x->downs > 0;
}

static void on_cancelled(void *arg, enum err err, const struct store_cancel_rep *rep)
{
	(void)rep;
	count(arg, err);
}

static void on_queried(void *arg, enum err err, const struct store_query_rep *rep)
{
	(void)rep;
	count(arg, err);
}

static void on_claimed(void *arg, enum err err, const struct store_claim_rep *rep)
{
	(void)rep;
	count(arg, err);
}

static bool was_found;

static void on_receipt(void *arg, enum err err, bool found, const struct ident *id)
{
	(void)id;
	was_found = found;
	count(arg, err);
}

static void on_marked(void *arg, enum err err, enum store_marked marked)
{
	(void)marked;
	count(arg, err);
}

static void on_verified(void *arg, enum err err, const struct store_verify_rep *rep)
{
	(void)rep;
	count(arg, err);
}

/* --- one server --- */

static const char *rubbish;

static const char *say_rubbish(struct server *s, size_t n, char words[][64])
{
	(void)s;
	(void)n;
	(void)words;
	return rubbish;
}

static void ask_one(struct set *x, int which)
{
	static const struct ident id = { .partition = 3 };
	static const struct store_mark mark = { .smsc_tag = 0 };
	static const struct store_verify_req verify = { .id = { .partition = 3 } };
	static const struct store_cancel_req cancel = { .id = { .partition = 3 } };
	const struct store_claim_req claim = { .partition = 3, .max = 4 };
	const struct store_receipt_req receipt = { 9, "1", 3 };
	enum err err = ERR_OK;

	if (which == 0)
		issue(x);
	else if (which == 1)
		err = store_cancel(x->store, &cancel, on_cancelled, x);
	else if (which == 2)
		err = store_query(x->store, &id, 0, on_queried, x);
	else if (which == 3)
		err = store_claim(x->store, &claim, on_claimed, x);
	else if (which == 4)
		err = store_receipt(x->store, &receipt, on_receipt, x);
	else if (which == 5)
		err = store_mark(x->store, &mark, on_marked, x);
	else if (which == 6)
		err = store_verify(x->store, &verify, on_verified, x);
	else if (which == 7)
		err = store_look(x->store, &id, on_queried, x);
	else
		err = store_renew(x->store, &id, 1, on_claimed, x);
	assert_int_equal(err, ERR_OK);
}

/* A value that cannot be read is content, not shape: its request is answered, and the connection stays. */
static bool is_content(int which, const char *kind)
{
	if (which == 0)
		return strcmp(kind, "*2\r\n:1\r\n$1\r\nx\r\n") == 0;
	return (which == 2 || which == 4 || which == 7) && (kind[0] == '$' || kind[0] == '+');
}

static bool is_of_marks(int which)
{
	return which == 4 || which == 5 || which == 8;
}

static bool is_other_marks_connection(struct set *x)
{
	return x->a.marks_connections > 1 && has_marks(x);
}

/* The connection on which the answer came ends. */
static void await_other_connection(struct set *x, int which)
{
	if (!is_of_marks(which))
		run_until(x, is_down);
	run_until(x, is_of_marks(which) ? is_other_marks_connection : has_marks);
}

static void test_answers_of_the_wrong_type(void **state)
{
	static const char *const kinds[] = {
		"+HELLO\r\n",          "$3\r\nabc\r\n",           "*0\r\n",        "*1\r\n*0\r\n",
		"*2\r\n:99\r\n:1\r\n", "*2\r\n:1\r\n$1\r\nx\r\n", "*1\r\n:-1\r\n",
	};
	struct set *x = *state;

	x->a.answer = say_rubbish;
	open_store(x, false);
	run_until(x, has_marks);
	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		for (int which = 0; which < 9; which++) {
			/* To a claim this says that so many entries went, and none came. */
			if (which == 3 && kinds[k][0] == '*' && kinds[k][4] == ':' && kinds[k][5] != '-')
				continue;
			rubbish = kinds[k];
			x->answers = x->unavailable = x->downs = 0;
			x->a.marks_connections = 1;
			ask_one(x, which);
			run_until(x, is_answered);
			assert_int_equal(x->answers, 1);
			if (is_content(which, kinds[k])) {
				assert_int_equal(x->unavailable, which == 0);
				assert_true(store_up(x->store));
				continue;
			}
			assert_int_equal(x->unavailable, 1);
			await_other_connection(x, which);
		}
	}
}

/* A claim asked for a few: no count in its answer is worked off that is larger. */
static void test_counts_beyond_what_was_asked(void **state)
{
	static const char *const kinds[] = { "*2\r\n:0\r\n:9223372036854775807\r\n", "*2\r\n:33\r\n:0\r\n",
		                             "*2\r\n:0\r\n:-1\r\n" };
	struct set *x = *state;

	x->a.answer = say_rubbish;
	open_store(x, false);
	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		rubbish = kinds[k];
		x->answers = x->unavailable = x->downs = 0;
		ask_one(x, 3);
		run_until(x, is_answered);
		assert_int_equal(x->unavailable, 1);
		run_until(x, is_down);
		run_until(x, is_up);
	}
}

static void test_freed_with_requests_in_flight(void **state)
{
	struct set *x = *state;

	open_store(x, false);
	for (int i = 0; i < 100; i++)
		issue(x);
	store_free(x->store);
	x->store = NULL;
	assert_int_equal(x->answers, 100);
	assert_int_equal(x->unavailable, 100);
}

static void test_silence_ends_at_the_timeout(void **state)
{
	struct set *x = *state;
	int64_t start = clock_mono_ms();

	open_store(x, false);
	issue(x);
	run_until(x, is_answered);
	assert_int_equal(x->unavailable, 1);
	assert_true(clock_mono_ms() - start >= 1000);
	assert_int_equal(x->downs, 1);
}

static const char *say_readonly(struct server *s, size_t n, char words[][64])
{
	(void)n;
	(void)words;
	s->probe = "-READONLY You can't write against a read only replica.\r\n";
	return s->probe;
}

static bool is_refused_again(struct set *x)
{
	return x->a.greetings >= 4;
}

/* Away until it takes writes again, however often it is greeted meanwhile. */
static void test_a_server_that_takes_no_writes(void **state)
{
	struct set *x = *state;

	x->a.answer = say_readonly;
	open_store(x, false);
	issue(x);
	run_until(x, is_down);
	assert_int_equal(x->unavailable, 1);
	run_until(x, is_refused_again);
	assert_false(store_up(x->store));
	assert_int_equal(x->ups, 1);
	x->a.probe = ":0\r\n";
	run_until(x, is_up);
}

static const char *map_answer;

static const char *say_map(struct server *s, size_t n, char words[][64])
{
	(void)s;
	(void)n;
	(void)words;
	return map_answer;
}

/* A changed octet names a partition that there is not: the value is counted, and leads nowhere. */
static void test_a_receipt_map_of_no_partition(void **state)
{
	static const char *const rows[] = { "$28\r\n\x01\x01xxxxxxxxxxxxxxxxxxxxxxxxxx\r\n",
		                            "$28\r\n\x0f\xffxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n",
		                            "$27\r\n\x01xxxxxxxxxxxxxxxxxxxxxxxxxx\r\n" };
	const struct store_receipt_req receipt = { 9, "1", 3 };
	struct set *x = *state;

	x->a.answer = say_map;
	open_store(x, false);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		map_answer = rows[i];
		x->answers = 0;
		was_found = true;
		assert_int_equal(store_receipt(x->store, &receipt, on_receipt, x), ERR_OK);
		run_until(x, is_answered);
		assert_false(was_found);
	}
	assert_int_equal(x->unavailable, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_answers_of_the_wrong_type, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_counts_beyond_what_was_asked, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_freed_with_requests_in_flight, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_silence_ends_at_the_timeout, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_receipt_map_of_no_partition, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_server_that_takes_no_writes, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
