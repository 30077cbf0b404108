/*
 * test_confused: servers that say more than they were asked, send elsewhere what is theirs alone, or have forgotten
 * what they knew: the store stays, and answers each request once.
 */
#include "../../../daemon/store/cluster_slots.h"
#include "scripted.h"

/* --- one server --- */

static const char *say_twice(struct server *s, size_t n, char words[][64])
{
	(void)s;
	(void)n;
	(void)words;
	return ":7011\r\n+OK\r\n*1\r\n$1\r\nx\r\n";
}

static bool is_back(struct set *x)
{
	return x->ups > 1;
}

static void test_more_answers_than_questions(void **state)
{
	struct set *x = *state;

	x->a.answer = say_twice;
	open_store(x, false);
	issue(x);
	run_until(x, is_answered);
	assert_int_equal(x->unavailable, 0);
	run_until(x, is_back);
	assert_int_equal(x->answers, 1);
}

static bool is_greeted_again(struct set *x)
{
	return x->a.greetings > 2;
}

static void test_a_clock_that_there_cannot_be(void **state)
{
	struct set *x = *state;
	const char *good = x->a.time;

	x->a.time = "*2\r\n$14\r\n99999999999999\r\n$1\r\n0\r\n";
	start_store(x, false);
	run_until(x, is_greeted_again);
	assert_int_equal(x->ups, 0);
	x->a.time = good;
	run_until(x, is_up);
}

static bool flushed;

static const char *forget_functions(struct server *s, size_t n, char words[][64])
{
	(void)s;
	(void)n;
	if (strcmp(words[0], "WAIT") == 0)
		return ":1\r\n";
	if (!flushed)
		return ":7011\r\n";
	flushed = false;
	return "-ERR Function not found\r\n";
}

/* The answer to its second try waits for a replica too, and there must be one that is asked for it. */
static void test_a_script_is_gone_and_a_replica_is_asked(void **state)
{
	struct set *x = *state;

	flushed = true;
	x->a.answer = forget_functions;
	x->opts.ack_replica = true;
	open_store(x, false);
	issue(x);
	run_until(x, is_answered);
	assert_int_equal(x->unavailable, 0);
	assert_int_equal(x->a.calls, 2);
	assert_int_equal(x->a.waits, 2);
}

/* --- a cluster --- */

static char redirect[96];

static void one_master(struct server *s, const struct server *master)
{
	snprintf(s->slots, sizeof(s->slots), "*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$9\r\n127.0.0.1\r\n:%u\r\n",
	         master->port);
}

static const char *move_the_wait(struct server *s, size_t n, char words[][64])
{
	(void)s;
	(void)n;
	return strcmp(words[0], "WAIT") == 0 ? redirect : ":7011\r\n";
}

static void test_what_is_a_connections_own_goes_nowhere_else(void **state)
{
	struct set *x = *state;

	x->a.answer = x->b.answer = move_the_wait;
	x->opts.ack_replica = true;
	one_master(&x->a, &x->a);
	one_master(&x->b, &x->a);
	open_store(x, true);
	snprintf(redirect, sizeof(redirect), "-MOVED 13907 127.0.0.1:%u\r\n", x->b.port);
	issue(x);
	run_until(x, is_answered);
	assert_int_equal(x->unavailable, 1);
	assert_int_equal(x->b.waits, 0);
}

static const char *say_created(struct server *s, size_t n, char words[][64])
{
	(void)s;
	(void)n;
	(void)words;
	return ":7011\r\n";
}

static bool is_asked_again(struct set *x)
{
	return x->ups > 1 && x->a.maps > 0;
}

static void test_a_node_that_forgot_the_cluster(void **state)
{
	struct set *x = *state;

	x->a.answer = say_created;
	one_master(&x->a, &x->a);
	open_store(x, true);
	snprintf(x->a.slots, sizeof(x->a.slots), "*0\r\n");
	x->a.maps = 0;
	hang_up(&x->a);
	run_until(x, is_asked_again);
	/* Its answer comes behind the map. */
	issue(x);
	run_until(x, is_answered);
	assert_int_equal(x->unavailable, 0);
	assert_true(store_whole(x->store));
}

/* As many masters as there can be, and nobody at home. */
static void name_nobody(struct server *s)
{
	size_t n = (size_t)snprintf(s->slots, sizeof(s->slots), "*256\r\n");

	for (uint16_t p = 0; p < 256; p++)
		n += (size_t)snprintf(s->slots + n, sizeof(s->slots) - n,
		                      "*3\r\n:%u\r\n:%u\r\n*2\r\n$9\r\n127.0.0.1\r\n:%u\r\n",
		                      cluster_slots_of_partition(p), cluster_slots_of_partition(p), p + 1U);
	assert_true(n < sizeof(s->slots));
}

static bool is_asked(struct set *x)
{
	return x->a.maps > 1;
}

static bool is_whole(struct set *x)
{
	return store_whole(x->store);
}

static void test_the_table_is_full_of_nodes_that_are_away(void **state)
{
	struct set *x = *state;

	one_master(&x->a, &x->a);
	one_master(&x->b, &x->b);
	open_store(x, true);
	name_nobody(&x->a);
	x->a.maps = 0;
	hang_up(&x->a);
	run_until(x, is_asked);
	assert_false(store_up(x->store));
	one_master(&x->a, &x->b);
	run_until(x, is_whole);
}

/* --- Sentinels --- */

static char master[64];
static unsigned asked;

static const char *may_not_say(struct server *s, size_t n, char words[][64])
{
	(void)s;
	(void)n;
	return strcmp(words[0], "SENTINEL") == 0 ? "-NOPERM this user has no permissions\r\n" : "+PONG\r\n";
}

/* At first a port that there cannot be: cut to 16 bits it would be the right one. */
static const char *name_the_other(struct server *s, size_t n, char words[][64])
{
	struct set *x = (struct set *)((char *)s - offsetof(struct set, b));
	unsigned port = asked ? x->a.port : x->a.port + 65536U;

	(void)n;
	if (strcmp(words[0], "SENTINEL") != 0)
		return "+PONG\r\n";
	asked++;
	snprintf(master, sizeof(master), "*2\r\n$9\r\n127.0.0.1\r\n$%d\r\n%u\r\n", port > 99999 ? 6 : 5, port);
	return master;
}

static void test_the_next_sentinel_knows(void **state)
{
	struct set *x = *state;
	char first[32], second[32];
	const char *const nodes[] = { first, second };

	x->a.answer = may_not_say;
	x->b.answer = name_the_other;
	snprintf(first, sizeof(first), "127.0.0.1:%u", x->a.port);
	snprintf(second, sizeof(second), "127.0.0.1:%u", x->b.port);
	x->opts.nodes = nodes;
	x->opts.node_count = 2;
	x->opts.master = "main";
	asked = 0;
	open_store(x, false);
	assert_int_equal(asked, 2);
}

/* --- FUNCTION LOAD --- */

static void one_that_is_there_is_success(void **state)
{
	struct set *x = *state;

	x->a.load = "-ERR Library 'otpgwd_0123456789abcdef' already exists\r\n";
	open_store(x, false);
	assert_int_equal(x->downs, 0);
}

static bool has_asked_for_map(struct set *x)
{
	return x->a.maps > 0;
}

static void full_memory_does_not_keep_it_away(void **state)
{
	struct set *x = *state;

	x->a.load = "-OOM command not allowed when used memory > 'maxmemory'.\r\n";
	open_store(x, false);
	assert_int_equal(x->downs, 0);
}

/* In a cluster a replica is asked which node serves what, and cannot load anything. */
static void a_replica_of_a_cluster_is_asked_for_its_map(void **state)
{
	struct set *x = *state;

	x->a.load = "-READONLY You can't write against a read only replica.\r\n";
	start_store(x, true);
	run_until(x, has_asked_for_map);
	assert_int_equal(x->downs, 0);
}

static bool is_refused(struct set *x)
{
	return store_reason(x->store)[0] && strstr(store_reason(x->store), "not connected") == NULL &&
	       x->a.connections > 1;
}

static void refused_with(struct set *x, const char *load, const char *reason)
{
	x->a.load = load;
	start_store(x, false);
	run_until(x, is_refused);
	assert_non_null(strstr(store_reason(x->store), reason));
	assert_false(store_up(x->store));
}

static void an_old_server_is_refused_by_its_version(void **state)
{
	refused_with(*state, "-ERR unknown command 'FUNCTION', with args beginning with: 'LOAD' \r\n",
	             "too old: it must be Redis 7.0, Valkey 7.2 or later");
}

static void a_missing_right_is_named(void **state)
{
	refused_with(*state, "-NOPERM User gw has no permissions to run the 'function|load' command\r\n",
	             "FUNCTION LOAD refused: NOPERM");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_more_answers_than_questions, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_clock_that_there_cannot_be, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_script_is_gone_and_a_replica_is_asked, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_what_is_a_connections_own_goes_nowhere_else, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_node_that_forgot_the_cluster, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_the_table_is_full_of_nodes_that_are_away, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_the_next_sentinel_knows, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_that_is_there_is_success, set_up, tear_down),
		cmocka_unit_test_setup_teardown(full_memory_does_not_keep_it_away, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_replica_of_a_cluster_is_asked_for_its_map, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_old_server_is_refused_by_its_version, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_missing_right_is_named, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
