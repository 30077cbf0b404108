/*
 * library_age: which node is asked when, what is said to it, and which replies delete a library: none but a time that
 * is a week old. In virtual time.
 *
 * fakes: clock loop
 * wrap: conn_send
 * wrap: conn_up
 * wrap: conn_offset_ms
 */
#include "store/library_age.h"
#include "store/redis_error.h"

#include "../../fakes/loop.h"
#include "base/clock.h"
#include "base/stats.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <hiredis.h>

#define HOUR_MS 3600000
#define NOW_S INT64_C(1800000000)
#define SENT_MAX 16
#define OLD "otpgwd_0123456789abcdef"

/* --- connections that keep what is sent --- */

static struct sent {
	struct conn *conn;
	struct command *command;
	char text[1024];
} sent[SENT_MAX];
static size_t count;
static bool up[2];
static int conns[2];

enum err __wrap_conn_send(struct conn *c, struct command *command);
bool __wrap_conn_up(const struct conn *c);
int64_t __wrap_conn_offset_ms(const struct conn *c);

enum err __wrap_conn_send(struct conn *c, struct command *command)
{
	size_t len, n = 0;
	const char *wire = command_wire(command, &len);
	struct sent *s = &sent[count];

	if (!up[c == (struct conn *)&conns[1]])
		return ERR_UNAVAILABLE;
	assert_true(count++ < SENT_MAX);
	command->conn = c;
	*s = (struct sent){ .conn = c, .command = command };
	for (const char *at = memchr(wire, '$', len); at; at = memchr(at, '$', len - (size_t)(at - wire))) {
		size_t word = strtoul(at + 1, NULL, 10);

		at = strchr(at, '\n') + 1;
		n += (size_t)snprintf(s->text + n, sizeof(s->text) - n, "%s%.*s", n ? " " : "", (int)word, at);
		at += word;
	}
	return ERR_OK;
}

bool __wrap_conn_up(const struct conn *c)
{
	return up[c == (const struct conn *)&conns[1]];
}

int64_t __wrap_conn_offset_ms(const struct conn *c)
{
	(void)c;
	return NOW_S * 1000 - clock_mono_ms();
}

/* Two nodes: the first serves the partitions 0 and 2, the second 1 and 3. */
struct two {
	struct node_set set;
	struct command_pool pool;
	struct store_opts opts;
};

static int set_up(void **state)
{
	struct two *t = calloc(1, sizeof(*t));

	redis_error_start();
	t->opts.key_prefix = "x";
	t->pool.opts = &t->opts;
	assert_int_equal(partitions_init(&t->set.partitions, 4), ERR_OK);
	for (unsigned i = 0; i < 4; i++)
		t->set.partitions.of[i] = i % 2;
	t->set.count = 2;
	for (unsigned i = 0; i < 2; i++)
		t->set.node[i] = (struct node){ .conn = (struct conn *)&conns[i], .serves = true };
	up[0] = up[1] = true;
	count = 0;
	*state = t;
	return 0;
}

static void answer_with(size_t i, enum err err, const char *text)
{
	redisReader *reader = redisReaderCreate();
	void *reply = NULL;

	if (text) {
		assert_int_equal(redisReaderFeed(reader, text, strlen(text)), REDIS_OK);
		assert_int_equal(redisReaderGetReply(reader, &reply), REDIS_OK);
		assert_non_null(reply);
	}
	assert_int_equal(command_done(sent[i].command, err, reply), ERR_OK);
	sent[i].command = NULL;
	if (reply)
		freeReplyObject(reply);
	redisReaderFree(reader);
}

static int tear_down(void **state)
{
	struct two *t = *state;

	for (size_t i = 0; i < count; i++) {
		if (sent[i].command)
			answer_with(i, ERR_UNAVAILABLE, NULL);
	}
	command_pool_clear(&t->pool);
	partitions_clear(&t->set.partitions);
	stats_clear();
	free(t);
	return 0;
}

static void look(struct two *t)
{
	library_age_look(&t->set, &t->pool);
}

static void each_node_is_asked_when_it_is_up_and_once_an_hour(void **state)
{
	struct two *t = *state;
	char own[128];

	up[1] = false;
	look(t);
	assert_int_equal(count, 2);
	snprintf(own, sizeof(own), "SET l{0}:%s 1800000000 EX 691200", library_name());
	assert_string_equal(sent[0].text, own);
	assert_string_equal(sent[1].text, "FUNCTION LIST LIBRARYNAME otpgwd_*");
	assert_ptr_equal(sent[0].conn, &conns[0]);
	look(t);
	assert_int_equal(count, 2);
	up[1] = true;
	look(t);
	assert_int_equal(count, 4);
	snprintf(own, sizeof(own), "SET l{1}:%s 1800000000 EX 691200", library_name());
	assert_string_equal(sent[2].text, own);
	assert_ptr_equal(sent[2].conn, &conns[1]);
	fake_clock_set(clock_mono_ms() + HOUR_MS - 1);
	look(t);
	assert_int_equal(count, 4);
	fake_clock_set(clock_mono_ms() + 1);
	look(t);
	assert_int_equal(count, 8);
}

/* A node that comes up later, or in place of another, is not asked at each connection: a bad reply ends one. */
static void a_node_that_goes_and_comes_is_not_asked_again(void **state)
{
	struct two *t = *state;

	look(t);
	up[0] = false;
	look(t);
	up[0] = true;
	look(t);
	assert_int_equal(count, 4);
}

#define LIBRARY(name)                                                                                                  \
	"*6\r\n$12\r\nlibrary_name\r\n$23\r\n" name "\r\n$6\r\nengine\r\n$3\r\nLUA\r\n$9\r\nfunctions\r\n*0\r\n"

/* Of three libraries, the times of those that bear a name of otpgwd are asked for. */
static void list(struct two *t)
{
	up[1] = false;
	look(t);
	answer_with(1, ERR_OK,
	            "*3\r\n" LIBRARY("otpgwd_0123456789abcdeg") LIBRARY(OLD) LIBRARY("otpgwd_0123456789ABCDEF"));
	assert_int_equal(count, 3);
	assert_string_equal(sent[2].text, "MGET l{0}:" OLD);
}

static void a_week_without_use_deletes(void **state)
{
	list(*state);
	answer_with(2, ERR_OK, "*1\r\n$10\r\n1799395199\r\n");
	assert_int_equal(count, 5);
	assert_string_equal(sent[3].text, "SET l{0}:" OLD " 1800000000 EX 691200");
	assert_string_equal(sent[4].text, "FUNCTION DELETE " OLD);
	answer_with(4, ERR_OK, "-ERR Library not found\r\n");
}

static void without_a_time_it_gets_one(void **state)
{
	list(*state);
	answer_with(2, ERR_OK, "*1\r\n$-1\r\n");
	assert_int_equal(count, 4);
	assert_string_equal(sent[3].text, "SET l{0}:" OLD " 1800000000 EX 691200 NX");
	answer_with(3, ERR_OK, "$-1\r\n");
}

static void anything_else_leaves_it(void **state)
{
	static const char *const replies[] = { "*1\r\n$10\r\n1799395200\r\n",
		                               "*1\r\n$10\r\n1900000000\r\n",
		                               "*1\r\n$0\r\n\r\n",
		                               "*1\r\n$2\r\n-1\r\n",
		                               "*1\r\n$20\r\n00000000000000000001\r\n",
		                               "*1\r\n:1\r\n",
		                               "*0\r\n",
		                               "$1\r\n1\r\n",
		                               "-NOPERM this user has no permissions\r\n",
		                               "-LOADING Redis is loading the dataset in memory\r\n",
		                               "-MOVED 1 127.0.0.1:1\r\n" };

	for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
		list(*state);
		answer_with(2, ERR_OK, replies[i]);
		assert_int_equal(count, 3);
		assert_int_equal(tear_down(state), 0);
		assert_int_equal(set_up(state), 0);
	}
}

static void a_list_that_cannot_be_read_asks_nothing(void **state)
{
	static const char *const replies[] = {
		"*0\r\n",        "*1\r\n*0\r\n", "*1\r\n*1\r\n$12\r\nlibrary_name\r\n",
		"*1\r\n:1\r\n",  "+OK\r\n",      "*1\r\n*2\r\n$12\r\nlibrary_name\r\n:1\r\n",
		"-NOPERM no\r\n"
	};

	for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
		up[1] = false;
		look(*state);
		answer_with(1, ERR_OK, replies[i]);
		assert_int_equal(count, 2);
		assert_int_equal(tear_down(state), 0);
		assert_int_equal(set_up(state), 0);
	}
}

static void a_connection_that_ends_ends_the_look(void **state)
{
	list(*state);
	answer_with(2, ERR_UNAVAILABLE, NULL);
	assert_int_equal(count, 3);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(each_node_is_asked_when_it_is_up_and_once_an_hour),
		WITH(a_node_that_goes_and_comes_is_not_asked_again),
		WITH(a_week_without_use_deletes),
		WITH(without_a_time_it_gets_one),
		WITH(anything_else_leaves_it),
		WITH(a_list_that_cannot_be_read_asks_nothing),
		WITH(a_connection_that_ends_ends_the_look),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
