/*
 * How long a client may leave its answers untaken, in virtual time: the socket is real, its readiness is told by hand.
 * fakes: clock loop
 */
#include "../../fakes/loop.h"
#include "api/calls.h"
#include "api/conn_input.h"
#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { REQUESTS = 100, ANSWER_LEN = 4000, TIMEOUT_MS = 5000 };

struct loop_watch {
	loop_watch_fn fn;
	void *arg;
	unsigned events;
};

static struct loop_watch watch;
static struct api_conn_env env;
static struct api_conn *conn;
static int client;
static bool closed;

struct loop_watch *loop_watch_new(struct loop *loop, int fd, loop_watch_fn fn, void *arg)
{
	(void)loop;
	(void)fd;
	watch = (struct loop_watch){ .fn = fn, .arg = arg };
	return &watch;
}

void loop_watch_set(struct loop_watch *w, unsigned events)
{
	w->events = events;
}

void loop_watch_free(struct loop_watch *w)
{
	w->fn = NULL;
}

static void on_request(void *arg, struct api_call *call)
{
	static char text[ANSWER_LEN];

	(void)arg;
	memset(text, 'x', sizeof(text));
	api_reply_bulk(call, text, sizeof(text));
}

static void on_closed(void *arg, struct api_conn *c)
{
	(void)arg;
	closed = true;
	api_tenant_leave(c->tenant);
}

static void on_released(void *arg, struct api_conn *c)
{
	(void)arg;
	assert_int_equal(c->reason, API_CLOSE_STALLED);
	api_conn_free(c);
}

/* The loop tells that the descriptor is ready; the turn ends, and what is due at this moment happens. */
static void ready(unsigned events)
{
	assert_true(watch.events & events);
	watch.fn(watch.arg, events);
	fake_loop_turn(env.loop);
	fake_loop_run(env.loop, 0);
}

static int setup(void **state)
{
	int fds[2];

	(void)state;
	closed = false;
	env = (struct api_conn_env){ .opts = { .max_pending = 1000,
		                               .request_timeout_ms = TIMEOUT_MS,
		                               .max_output = 1 << 20,
		                               .max_buffered = 32 << 20 },
		                     .on_request = on_request,
		                     .on_closed = on_closed,
		                     .on_released = on_released };
	env.closed = stats_family("closed", "Closed.", "reason", NULL, 0);
	env.request_seconds = stats_hist("seconds", "Seconds.", NULL);
	env.loop = loop_new();
	if (!env.loop || api_turns_init(&env.turns, env.loop, api_conn_serve) ||
	    socketpair(AF_UNIX, SOCK_STREAM, 0, fds) || api_conn_new(&env, fds[0], &conn))
		return -1;
	conn->tenant = api_tenant_join(&env.tenants, "web");
	client = fds[1];
	fake_loop_turn(env.loop);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	assert_true(closed);
	assert_true(LIST_EMPTY(&env.tenants));
	close(client);
	api_turns_clear(&env.turns);
	api_calls_free_pool(&env);
	loop_free(env.loop);
	stats_clear();
	return 0;
}

/* 400,000 octets of answers: more than the kernel holds. */
static void ask_for_much(void)
{
	char requests[2 * REQUESTS + 1];

	for (size_t i = 0; i < REQUESTS; i++)
		memcpy(requests + 2 * i, "X\n", 3);
	assert_int_equal(send(client, requests, strlen(requests), 0), 2 * REQUESTS);
	ready(LOOP_READ);
	assert_true(buf_len(&conn->out) > 2 * ANSWER_LEN && watch.events & LOOP_WRITE);
}

static void closed_in(int64_t ms)
{
	fake_loop_run(env.loop, ms - 1);
	assert_false(closed);
	fake_loop_run(env.loop, 1);
	assert_true(closed);
}

static void who_takes_nothing_has_the_request_timeout(void **state)
{
	(void)state;
	ask_for_much();
	closed_in(TIMEOUT_MS);
}

/* The clock of a long connection does not count: it begins with the answers that are not taken. */
static void the_time_begins_with_the_answers(void **state)
{
	(void)state;
	fake_loop_run(env.loop, INT64_C(10) * TIMEOUT_MS);
	ask_for_much();
	closed_in(TIMEOUT_MS);
}

/* Asking for more is not taking. */
static void more_requests_win_no_time(void **state)
{
	(void)state;
	ask_for_much();
	fake_loop_run(env.loop, TIMEOUT_MS / 2);
	assert_int_equal(send(client, "X\n", 2, 0), 2);
	ready(LOOP_READ);
	closed_in(TIMEOUT_MS - TIMEOUT_MS / 2);
}

static void who_takes_a_piece_has_it_once_more(void **state)
{
	static char in[65536];

	(void)state;
	ask_for_much();
	for (int i = 0; i < 3; i++) {
		fake_loop_run(env.loop, TIMEOUT_MS - 1);
		assert_false(closed);
		assert_true(recv(client, in, sizeof(in), 0) > 0);
		ready(LOOP_WRITE);
	}
	assert_true(buf_len(&conn->out) > 0);
	closed_in(TIMEOUT_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(who_takes_nothing_has_the_request_timeout, setup, teardown),
		cmocka_unit_test_setup_teardown(the_time_begins_with_the_answers, setup, teardown),
		cmocka_unit_test_setup_teardown(more_requests_win_no_time, setup, teardown),
		cmocka_unit_test_setup_teardown(who_takes_a_piece_has_it_once_more, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
