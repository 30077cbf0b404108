/*
 * rights: what is asked, which replies name a missing right, and that nothing else that a server says is passed on.
 */
#include "store/rights.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <hiredis.h>

static bool read_text(struct rights *r, const char *text)
{
	redisReader *reader = redisReaderCreate();
	void *reply = NULL;

	assert_int_equal(redisReaderFeed(reader, text, strlen(text)), REDIS_OK);
	assert_int_equal(redisReaderGetReply(reader, &reply), REDIS_OK);
	assert_non_null(reply);
	bool read = rights_read(r, reply);
	freeReplyObject(reply);
	redisReaderFree(reader);
	return read;
}

static void a_reply_names_what_is_missing(void **state)
{
	struct rights r = { 0 };

	(void)state;
	assert_true(read_text(&r, "*0\r\n"));
	assert_string_equal(r.needed, "");
	assert_string_equal(r.wanted, "");
	assert_true(read_text(&r, "*5\r\n$3\r\nset\r\n$4\r\ninfo\r\n$3\r\nset\r\n$13\r\nfunction|load\r\n$1\r\n~\r\n"));
	assert_string_equal(r.needed, "+set +function|load ~*");
	assert_string_equal(r.wanted, "+info");
	assert_true(read_text(&r, "-NOPERM this user has no permissions to run the 'fcall' command\r\n"));
	assert_string_equal(r.needed, "+fcall");
	assert_string_equal(r.wanted, "");
	assert_true(read_text(&r, "*2\r\n$3\r\nset\r\n$7\r\nsetrang\r\n"));
	assert_string_equal(r.needed, "+set +setrang");
}

static void other_replies_change_nothing(void **state)
{
	static const char *const replies[] = { "-ERR Function not found\r\n",
		                               "-MOVED 1 127.0.0.1:1\r\n",
		                               "+OK\r\n",
		                               ":1\r\n",
		                               "*1\r\n:1\r\n",
		                               "*1\r\n$-1\r\n",
		                               "*1\r\n$0\r\n\r\n",
		                               "*1\r\n$4\r\na\nbc\r\n",
		                               "*1\r\n$3\r\nSET\r\n",
		                               "*1\r\n$24\r\nabcdefghijklmnopqrstuvwx\r\n" };
	struct rights r = { .needed = "+get" };
	char many[256] = "*33\r\n";

	(void)state;
	for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
		assert_false(read_text(&r, replies[i]));
		assert_string_equal(r.needed, "+get");
	}
	for (unsigned i = 0; i < 33; i++)
		snprintf(many + strlen(many), sizeof(many) - strlen(many), ":1\r\n");
	assert_false(read_text(&r, many));
}

static bool asks_for(const struct store_opts *o, const char *words)
{
	struct command_pool pool = { .opts = o };
	struct command *command = command_new(&pool);
	char text[1024], word[64];
	size_t len;

	rights_ask(command, o, "j{0}");
	const char *wire = command_wire(command, &len);
	snprintf(text, sizeof(text), "%.*s", (int)len, wire);
	snprintf(word, sizeof(word), "\n%s\r", words);
	bool asks = strstr(text, word) != NULL;
	command_free(command);
	command_pool_clear(&pool);
	return asks;
}

static void only_what_is_used_is_asked_for(void **state)
{
	const struct store_opts one = { .master = "" };
	const struct store_opts cluster = { .master = "", .node_count = 1 };
	const struct store_opts other = { .master = "m", .node_count = 1, .database = 1, .ack_replica = true };

	(void)state;
	assert_true(asks_for(&one, "function|delete") && asks_for(&one, "get") && asks_for(&one, "j{0}"));
	assert_false(asks_for(&one, "wait") || asks_for(&one, "asking") || asks_for(&one, "select"));
	assert_true(asks_for(&cluster, "asking") && asks_for(&cluster, "cluster|slots"));
	assert_true(asks_for(&other, "wait") && asks_for(&other, "select") && !asks_for(&other, "asking"));
}

static void right_of(const char *first, const char *second, const char *text, const char *right)
{
	struct command_pool pool = { 0 };
	struct command *command = command_new(&pool);
	char out[RIGHT_CAP];

	command_text(command, first);
	if (second)
		command_text(command, second);
	rights_of_command(command, text, out);
	assert_string_equal(out, right);
	command_free(command);
	command_pool_clear(&pool);
}

static void a_command_tells_its_right(void **state)
{
	(void)state;
	right_of("TIME", NULL, "NOPERM", "+time");
	right_of("FUNCTION", "LOAD", "NOPERM", "+function|load");
	right_of("CONFIG", "GET", "NOPERM no permissions to run the 'config|get' command", "+config|get");
	right_of("SELECT", "1", "NOPERM", "+select");
	right_of("ZADD", "j{0}", "NOPERM this user has no permissions to access one of the keys used as arguments",
	         "~*");
	right_of("FUNCTION", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "NOPERM", "+function|abcdefghijklm");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reply_names_what_is_missing),
		cmocka_unit_test(other_replies_change_nothing),
		cmocka_unit_test(only_what_is_used_is_asked_for),
		cmocka_unit_test(a_command_tells_its_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
