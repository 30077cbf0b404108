/*
 * server and conn on a real socket and the real loop: order, caps, timeouts, limits, drain, and a client that leaves.
 */
#include "api.h"
#include "base/clock.h"
#include "base/secret.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

enum { GUARD_MS = 60000, CALLS_MAX = 32 };

struct client {
	int fd;
	struct loop_watch *watch;
	char text[2048];
	size_t len, wanted;
	bool closed;
};

static struct loop *loop;
static struct api *api;
static struct loop_timer *guard;
static struct api_opts opts;
static struct api_call *later[CALLS_MAX];
static size_t later_count, later_wanted, now_count;
static bool known_peer, drained;
static char dir[64], path[96];

static void on_now(void *arg, struct api_call *call)
{
	struct api_arg text = api_call_arg(call, 0);

	assert_ptr_equal(arg, &opts);
	assert_ptr_equal(api_call_peer(call), &known_peer);
	now_count++;
	api_reply_bulk(call, text.ptr, text.len);
}

static void on_later(void *arg, struct api_call *call)
{
	(void)arg;
	assert_true(later_count < CALLS_MAX);
	later[later_count++] = call;
	if (later_count == later_wanted)
		loop_stop(loop);
}

static void on_big(void *arg, struct api_call *call)
{
	static char text[3000];

	(void)arg;
	memset(text, 'b', sizeof(text));
	api_reply_bulk(call, text, sizeof(text));
}

static void on_map(void *arg, struct api_call *call)
{
	struct api_pair pair = { "k", "v" };

	(void)arg;
	api_reply_map(call, &pair, 1);
}

static const struct api_arg_doc now_docs[] = {
	{ .name = "text", .type = "string" },
	{ .name = "name=value", .type = "string", .token = "VAR", .optional = true, .multiple = true },
};
static const struct api_command commands[] = {
	{ "TEST.NOW", 1, 2, on_now, "Answers at once.", "O(1)", .args = now_docs, .arg_count = 2 },
	{ "TEST.LATER", 0, 0, on_later, "Answers later.", "O(1)", .args = NULL },
	{ "TEST.BIG", 0, 0, on_big, "Answers much.", "O(1)", .args = NULL },
	{ "TEST.MAP", 0, 0, on_map, "Answers a map.", "O(1)", .args = NULL },
};

static const void *on_peer(void *arg, uid_t uid, const gid_t *gids, size_t gid_count, const char **name)
{
	(void)arg;
	assert_int_equal(uid, getuid());
	assert_true(gid_count >= 1);
	assert_int_equal(gids[0], getgid());
	*name = "tester";
	return known_peer ? &known_peer : NULL;
}

static void on_guard(void *arg)
{
	(void)arg;
	fail_msg("nothing happened for %d ms", GUARD_MS);
}

static void run(void)
{
	loop_timer_set(guard, clock_mono_ms() + GUARD_MS);
	loop_run(loop);
	loop_timer_stop(guard);
}

static void on_client(void *arg, unsigned events)
{
	struct client *c = arg;
	ssize_t n = read(c->fd, c->text + c->len, sizeof(c->text) - 1 - c->len);

	(void)events;
	if (n > 0)
		c->len += (size_t)n;
	else
		c->closed = true;
	c->text[c->len] = '\0';
	if (c->closed)
		loop_watch_set(c->watch, 0);
	if (c->closed || (c->wanted && c->len >= c->wanted))
		loop_stop(loop);
}

static void client_open(struct client *c)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	memset(c, 0, sizeof(*c));
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	c->fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_true(c->fd >= 0);
	assert_int_equal(connect(c->fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	c->watch = loop_watch_new(loop, c->fd, on_client, c);
	assert_non_null(c->watch);
}

static void client_close(struct client *c)
{
	loop_watch_free(c->watch);
	close(c->fd);
}

static void client_send(struct client *c, const char *text)
{
	assert_int_equal(send(c->fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

/* Waits for exactly this text, from where the client had read to. */
static void client_expect(struct client *c, const char *text)
{
	c->len = 0;
	c->wanted = strlen(text);
	loop_watch_set(c->watch, LOOP_READ);
	run();
	loop_watch_set(c->watch, 0);
	assert_string_equal(c->text, text);
}

static void client_expect_end(struct client *c, const char *text)
{
	c->len = c->wanted = 0;
	loop_watch_set(c->watch, LOOP_READ);
	while (!c->closed)
		run();
	assert_string_equal(c->text, text);
}

static void wait_for_calls(size_t n)
{
	later_wanted = n;
	if (later_count < n)
		run();
	assert_int_equal(later_count, n);
}

static int setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/otpgwd-api-XXXXXX");
	if (!mkdtemp(dir) || secret_setup())
		return -1;
	snprintf(path, sizeof(path), "%s/api.sock", dir);
	opts = (struct api_opts){ .socket_path = path,
		                  .socket_group = "",
		                  .socket_name = "api",
		                  .socket_mode = 0600,
		                  .backlog = 16,
		                  .max_clients = 8,
		                  .max_clients_per_uid = 8,
		                  .max_pending = 4,
		                  .request_timeout_ms = 5000,
		                  .max_output = 1 << 20,
		                  .max_buffered = 32 << 20 };
	known_peer = true;
	drained = false;
	later_count = later_wanted = now_count = 0;
	loop = loop_new();
	guard = loop ? loop_timer_new(loop, on_guard, NULL) : NULL;
	return guard ? 0 : -1;
}

static void start(void)
{
	struct api_hooks hooks = { .arg = &opts, .commands = commands, .command_count = 4, .peer = on_peer };

	assert_int_equal(api_start(loop, &opts, &hooks, &api), ERR_OK);
}

static int teardown(void **state)
{
	(void)state;
	api_free(api);
	api = NULL;
	loop_timer_free(guard);
	loop_free(loop);
	return rmdir(dir);
}

static void test_replies_keep_order(void **state)
{
	struct client c;

	(void)state;
	start();
	client_open(&c);
	client_send(&c, "TEST.LATER\r\nTEST.NOW two\r\nTEST.LATER\r\n");
	wait_for_calls(2);
	api_reply_ok(later[1]);
	api_reply_null(later[0]);
	client_expect(&c, "$-1\r\n$3\r\ntwo\r\n$2\r\nOK\r\n");
	client_close(&c);
}

static void test_reading_stops_at_the_cap(void **state)
{
	struct client c;

	(void)state;
	start();
	client_open(&c);
	client_send(&c, "TEST.LATER\nTEST.LATER\nTEST.LATER\nTEST.LATER\nTEST.NOW x\nTEST.NOW y\n");
	wait_for_calls(4);
	assert_int_equal(now_count, 0);
	for (size_t i = 4; i-- > 0;)
		api_reply_ok(later[i]);
	client_expect(&c, "$2\r\nOK\r\n$2\r\nOK\r\n$2\r\nOK\r\n$2\r\nOK\r\n$1\r\nx\r\n$1\r\ny\r\n");
	client_close(&c);
}

/* 200 requests at once: after 64 of them, or two slices that are over, it is the other client's turn. */
static void test_a_deep_pipeline_yields(void **state)
{
	struct client deep, other;

	(void)state;
	opts.max_pending = 1000;
	start();
	client_open(&deep);
	client_open(&other);
	client_send(&deep, "PING\n");
	client_send(&other, "PING\n");
	client_expect(&deep, "+PONG\r\n");
	client_expect(&other, "+PONG\r\n");
	for (int i = 0; i < 200; i++)
		client_send(&deep, "TEST.NOW x\nTEST.NOW x\nTEST.NOW x\nTEST.NOW x\nTEST.NOW x\n");
	client_send(&other, "TEST.LATER\n");
	wait_for_calls(1);
	assert_in_range(now_count, 4, 3 * 64); /* three turns, where the machine is busy */
	assert_true(api_call_behind_ms(later[0]) == 0);
	api_reply_ok(later[0]);
	client_expect(&other, "$2\r\nOK\r\n");
	client_send(&deep, "TEST.LATER\n");
	later_count = 0;
	wait_for_calls(1);
	assert_int_equal(now_count, 1000);
	api_reply_ok(later[0]);
	client_close(&deep);
	client_close(&other);
}

static void test_client_leaves_before_the_reply(void **state)
{
	struct client c, other;

	(void)state;
	start();
	client_open(&c);
	client_send(&c, "TEST.LATER\nTEST.LATER\n");
	wait_for_calls(2);
	client_close(&c);
	api_reply_ok(later[1]);
	client_open(&other);
	client_send(&other, "TEST.NOW x\n");
	client_expect(&other, "$1\r\nx\r\n");
	api_reply_ok(later[0]);
	client_send(&other, "TEST.NOW y\n");
	client_expect(&other, "$1\r\ny\r\n");
	assert_int_equal(api_clients(api), 1);
	client_close(&other);
}

static void test_half_closed_client_is_answered(void **state)
{
	struct client c;

	(void)state;
	start();
	client_open(&c);
	client_send(&c, "TEST.LATER\nTEST.NOW x\nhalf");
	assert_int_equal(shutdown(c.fd, SHUT_WR), 0);
	wait_for_calls(1);
	api_reply_ok(later[0]);
	client_expect_end(&c, "$2\r\nOK\r\n$1\r\nx\r\n");
	client_close(&c);
}

static void test_malformed_request_closes(void **state)
{
	struct client c;

	(void)state;
	start();
	client_open(&c);
	client_send(&c, "TEST.NOW x\n*100000000\r\nTEST.NOW y\n");
	client_expect_end(&c, "$1\r\nx\r\n-ERR Protocol error: invalid multibulk length\r\n");
	assert_int_equal(now_count, 1);
	client_close(&c);
}

static void test_foreign_protocol_closes(void **state)
{
	struct client c;

	(void)state;
	start();
	client_open(&c);
	client_send(&c, "POST / HTTP/1.1\r\n\r\nTEST.NOW x\r\n");
	client_expect_end(&c, "");
	assert_int_equal(now_count, 0);
	client_close(&c);
}

static void test_half_request_times_out(void **state)
{
	struct client c;

	(void)state;
	opts.request_timeout_ms = 30;
	start();
	client_open(&c);
	client_send(&c, "*1\r\n$4\r\nPI");
	client_expect_end(&c, "-ERR Protocol error: request not completed in time\r\n");
	client_close(&c);
}

static void test_idle_client_is_closed(void **state)
{
	struct client c;

	(void)state;
	opts.idle_timeout_ms = 30;
	start();
	client_open(&c);
	client_expect_end(&c, "");
	client_close(&c);
}

static void test_output_over_the_cap_closes(void **state)
{
	struct client c;

	(void)state;
	opts.max_output = 8000;
	opts.max_pending = 100;
	start();
	client_open(&c);
	client_send(&c, "TEST.LATER\nTEST.BIG\nTEST.BIG\nTEST.BIG\nTEST.BIG\n");
	client_expect_end(&c, "");
	assert_int_equal(api_clients(api), 0);
	api_reply_ok(later[0]);
	client_close(&c);
}

static void test_caps_on_clients(void **state)
{
	struct client c, refused;

	(void)state;
	opts.max_clients_per_uid = 1;
	start();
	client_open(&c);
	client_send(&c, "PING\n");
	client_expect(&c, "+PONG\r\n");
	client_open(&refused);
	client_expect_end(&refused, "-ERR max number of clients reached\r\n");
	client_close(&refused);
	opts.max_clients_per_uid = 8;
	opts.max_clients = 1;
	api_configure(api, &opts);
	client_open(&refused);
	client_expect_end(&refused, "-ERR max number of clients reached\r\n");
	client_close(&refused);
	client_close(&c);
}

static void test_unknown_peer(void **state)
{
	struct client c, stranger;
	char denied[128];

	(void)state;
	start();
	client_open(&c);
	client_send(&c, "PING\n");
	client_expect(&c, "+PONG\r\n");
	known_peer = false;
	client_open(&stranger);
	client_send(&stranger, "PING\n");
	snprintf(denied, sizeof(denied), "-DENIED reason=peer uid=%lu this user belongs to no tenant\r\n",
	         (unsigned long)getuid());
	client_expect_end(&stranger, denied);
	client_send(&stranger, "PING\n");
	api_peers_changed(api);
	client_expect_end(&c, "");
	client_close(&stranger);
	client_close(&c);
}

static void on_drained(void *arg)
{
	(void)arg;
	drained = true;
	loop_stop(loop);
}

static void test_drain_answers_what_was_read(void **state)
{
	struct client c;

	(void)state;
	start();
	client_open(&c);
	client_send(&c, "TEST.LATER\nTEST.NOW x\n");
	wait_for_calls(1);
	api_drain(api, clock_mono_ms() + GUARD_MS, on_drained, NULL);
	assert_false(drained);
	api_reply_ok(later[0]);
	client_expect_end(&c, "$2\r\nOK\r\n$1\r\nx\r\n");
	if (!drained)
		run();
	assert_true(drained);
	client_close(&c);
}

static void test_drain_answers_what_was_sent(void **state)
{
	struct client c;

	(void)state;
	start();
	client_open(&c);
	client_send(&c, "PING\n");
	client_expect(&c, "+PONG\r\n");
	client_send(&c, "TEST.NOW x\nTEST.NOW y\nTEST.N");
	assert_int_equal(now_count, 0);
	api_drain(api, clock_mono_ms() + GUARD_MS, on_drained, NULL);
	assert_int_equal(send(c.fd, "OW z\n", 5, MSG_NOSIGNAL), -1);
	client_expect_end(&c, "$1\r\nx\r\n$1\r\ny\r\n");
	if (!drained)
		run();
	assert_true(drained);
	client_close(&c);
}

static size_t clients_held;

static void on_held(void *arg)
{
	(void)arg;
	clients_held = api_clients(api);
	api_open(api);
}

static void test_connects_wait_until_the_doors_open(void **state)
{
	struct client c;
	struct loop_timer *timer = loop_timer_new(loop, on_held, NULL);

	(void)state;
	start();
	api_hold(api);
	client_open(&c);
	client_send(&c, "PING\n");
	clients_held = 1;
	loop_timer_set(timer, clock_mono_ms() + 20);
	client_expect(&c, "+PONG\r\n");
	assert_int_equal(clients_held, 0);
	client_close(&c);
	loop_timer_free(timer);
}

static void test_drain_ends_at_its_deadline(void **state)
{
	struct client c;

	(void)state;
	start();
	client_open(&c);
	client_send(&c, "TEST.LATER\n");
	wait_for_calls(1);
	api_drain(api, clock_mono_ms() + 10, on_drained, NULL);
	run();
	assert_true(drained);
	assert_int_equal(api_clients(api), 0);
	client_close(&c);
}

struct exchange {
	const char *request, *reply;
};

static void test_handshake(void **state)
{
	static const struct exchange talk[] = {
		{ "ping hi\n", "$2\r\nhi\r\n" },
		{ "ECHO\n", "-ERR wrong number of arguments for 'echo' command\r\n" },
		{ "FOO bar\n", "-ERR unknown command 'FOO'\r\n" },
		{ "\"F\\nO\"\n", "-ERR unknown command 'F?O'\r\n" },
		{ "SUBSCRIBE otp.events\n", "-ERR unknown command 'SUBSCRIBE'\r\n" },
		{ "TEST.NOW\n", "-BADARG arg=count wrong number of arguments for 'TEST.NOW': expected 1 to 2\r\n" },
		{ "TEST.MAP\n", "*2\r\n$1\r\nk\r\n$1\r\nv\r\n" },
		{ "MULTI\n", "-DENIED reason=transaction transactions are not supported\r\n" },
		{ "TEST.NOW x\n", "-DENIED reason=transaction not executed: MULTI was refused\r\n" },
		{ "EXEC\n", "-DENIED reason=transaction transactions are not supported\r\n" },
		{ "TEST.NOW x\n", "$1\r\nx\r\n" },
		{ "HELLO 4\n", "-NOPROTO unsupported protocol version\r\n" },
		{ "HELLO 3 AUTH bob x\n", "-WRONGPASS invalid username-password pair or user is disabled.\r\n" },
		{ "CLIENT GETNAME\n", "$-1\r\n" },
		{ "HELLO 3 AUTH default x SETNAME app\n",
		  "%7\r\n$6\r\nserver\r\n$6\r\notpgwd\r\n$7\r\nversion\r\n$5\r\n7.0.0\r\n$5\r\nproto\r\n:3\r\n$"
		  "2\r\nid\r\n:1\r\n"
		  "$4\r\nmode\r\n$10\r\nstandalone\r\n$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n*0\r\n" },
		{ "CLIENT GETNAME\n", "$3\r\napp\r\n" },
		{ "CLIENT SETNAME \"a b\"\n",
		  "-ERR Client names cannot contain spaces, newlines or special characters, "
		  "nor be longer than 128 bytes.\r\n" },
		{ "TEST.MAP\n", "%1\r\n$1\r\nk\r\n$1\r\nv\r\n" },
		{ "CONFIG GET save appendonly\n", "%2\r\n$4\r\nsave\r\n$0\r\n\r\n$10\r\nappendonly\r\n$2\r\nno\r\n" },
		{ "CONFIG GET maxmemory\n", "%0\r\n" },
		{ "COMMAND COUNT\n", ":18\r\n" },
		{ "COMMAND INFO nope\n", "*1\r\n_\r\n" },
		{ "RESET\n", "+RESET\r\n" },
		{ "TEST.MAP\n", "*2\r\n$1\r\nk\r\n$1\r\nv\r\n" },
		{ "SELECT 1\n", "-ERR DB index is out of range\r\n" },
		{ "INFO replication\n", "$50\r\n# Replication\r\nrole:master\r\nconnected_slaves:0\r\n\r\n\r\n" },
	};
	struct client c;

	(void)state;
	start();
	client_open(&c);
	for (size_t i = 0; i < sizeof(talk) / sizeof(talk[0]); i++) {
		client_send(&c, talk[i].request);
		client_expect(&c, talk[i].reply);
	}
	assert_int_equal(now_count, 1);
	client_send(&c, "QUIT\nTEST.NOW x\n");
	client_expect_end(&c, "+OK\r\n");
	assert_int_equal(now_count, 1);
	client_close(&c);
}

#define ON_LOOP(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_LOOP(test_replies_keep_order),
		ON_LOOP(test_reading_stops_at_the_cap),
		ON_LOOP(test_a_deep_pipeline_yields),
		ON_LOOP(test_client_leaves_before_the_reply),
		ON_LOOP(test_half_closed_client_is_answered),
		ON_LOOP(test_malformed_request_closes),
		ON_LOOP(test_foreign_protocol_closes),
		ON_LOOP(test_half_request_times_out),
		ON_LOOP(test_idle_client_is_closed),
		ON_LOOP(test_output_over_the_cap_closes),
		ON_LOOP(test_caps_on_clients),
		ON_LOOP(test_unknown_peer),
		ON_LOOP(test_drain_answers_what_was_read),
		ON_LOOP(test_drain_answers_what_was_sent),
		ON_LOOP(test_connects_wait_until_the_doors_open),
		ON_LOOP(test_drain_ends_at_its_deadline),
		ON_LOOP(test_handshake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
