/*
 * The bounds on what clients make the daemon hold, on a real socket: of one connection and of all, and for how long.
 */
#include "api.h"
#include "api/conn.h"
#include "base/clock.h"
#include "base/secret.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

enum { GUARD_MS = 60000, CALLS_MAX = 8 };

static struct loop *loop;
static struct api *api;
static struct loop_timer *guard, *tick;
static struct api_opts opts;
static struct api_call *later[CALLS_MAX];
static size_t later_count, now_count;
static char dir[64], path[96], in[16384];
static bool (*awaited)(void);
static const char *who; /* the tenant of those that connect */

static void on_now(void *arg, struct api_call *call)
{
	static char text[3000];

	(void)arg;
	now_count++;
	memset(text, 'b', sizeof(text));
	api_reply_bulk(call, text, sizeof(text));
}

static void on_later(void *arg, struct api_call *call)
{
	(void)arg;
	later[later_count++] = call;
}

static const struct api_command commands[] = {
	{ "BIG", 0, 1, on_now, "Answers 3,000 octets.", "O(1)", .args = NULL },
	{ "LATER", 0, 0, on_later, "Answers later.", "O(1)", .args = NULL },
};

static const void *on_peer(void *arg, uid_t uid, const gid_t *gids, size_t gid_count, const char **name)
{
	(void)uid;
	(void)gids;
	(void)gid_count;
	(void)arg;
	*name = who;
	return who;
}

static void on_guard(void *arg)
{
	(void)arg;
	fail_msg("nothing happened for %d ms", GUARD_MS);
}

static void on_tick(void *arg)
{
	(void)arg;
	if (awaited())
		loop_stop(loop);
	else
		loop_timer_set(tick, clock_mono_ms() + 1);
}

static void run_until(bool (*is_so)(void))
{
	awaited = is_so;
	loop_timer_set(tick, clock_mono_ms());
	loop_timer_set(guard, clock_mono_ms() + GUARD_MS);
	loop_run(loop);
	loop_timer_stop(guard);
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
		                  .max_pending = 100,
		                  .request_timeout_ms = 5000,
		                  .max_output = 1 << 20,
		                  .max_buffered = 32 << 20 };
	later_count = now_count = 0;
	who = "web";
	loop = loop_new();
	guard = loop ? loop_timer_new(loop, on_guard, NULL) : NULL;
	tick = guard ? loop_timer_new(loop, on_tick, NULL) : NULL;
	return tick ? 0 : -1;
}

static void start(void)
{
	struct api_hooks hooks = { .arg = &opts, .commands = commands, .command_count = 2, .peer = on_peer };

	assert_int_equal(api_start(loop, &opts, &hooks, &api), ERR_OK);
}

static int teardown(void **state)
{
	(void)state;
	api_free(api);
	api = NULL;
	loop_timer_free(guard);
	loop_timer_free(tick);
	loop_free(loop);
	return rmdir(dir);
}

static int client(const char *requests)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(send(fd, requests, strlen(requests), MSG_NOSIGNAL), (ssize_t)strlen(requests));
	return fd;
}

/* True once the daemon has closed it; what came before is read away. */
static bool is_closed(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	while (poll(&p, 1, 0) == 1) {
		if (read(fd, in, sizeof(in)) <= 0)
			return true;
	}
	return false;
}

static bool two_clients(void)
{
	return api_clients(api) == 2;
}
static bool one_client(void)
{
	return api_clients(api) == 1;
}
static bool no_client(void)
{
	return api_clients(api) == 0;
}
static bool one_later(void)
{
	return later_count == 1;
}
static bool two_later(void)
{
	return later_count == 2;
}
static bool three_later(void)
{
	return later_count == 3;
}
static bool five_later(void)
{
	return later_count == 5;
}
static bool no_more_than_four_clients(void)
{
	return api_clients(api) <= 4;
}
static bool three_now(void)
{
	return now_count == 3;
}
static bool ten_now(void)
{
	return now_count == 10;
}
static bool hundreds_now(void)
{
	return now_count >= 200;
}

/* c holds so much; the sum is right. */
static void note(struct api_conn *c, size_t bytes)
{
	static size_t total;
	size_t before = total - c->memory.bytes;

	api_memory_note(&total, c, bytes);
	assert_int_equal(total, before + bytes);
}

static void the_largest_is_found_by_its_power_of_two(void **state)
{
	struct api_tenants all = { 0 };
	struct api_tenant t = { .clients = 4 };
	struct api_conn c[4];

	(void)state;
	memset(c, 0, sizeof(c));
	for (size_t i = 0; i < 4; i++)
		c[i].tenant = &t;
	assert_null(api_memory_largest(&all));
	LIST_INSERT_HEAD(&all, &t, in_all);
	assert_null(api_memory_largest(&all));
	note(&c[0], 512);
	note(&c[1], 70000);
	note(&c[2], 600);
	note(&c[3], 512);
	assert_int_equal(t.bytes, 512 + 70000 + 600 + 512);
	assert_ptr_equal(api_memory_largest(&all), &c[1]);
	note(&c[3], 140000);
	assert_ptr_equal(api_memory_largest(&all), &c[3]);
	note(&c[3], 0);
	note(&c[1], 65536);
	note(&c[1], 65536);
	assert_ptr_equal(api_memory_largest(&all), &c[1]);
	note(&c[1], 0);
	assert_int_equal(t.bytes, 1112);
	note(&c[0], 0);
	note(&c[2], 0);
	assert_null(api_memory_largest(&all));
	assert_int_equal(t.bytes, 0);
	note(&c[0], (size_t)1 << 40);
	assert_ptr_equal(api_memory_largest(&all), &c[0]);
	note(&c[0], 0);
}

static void many_small_ones_of_a_tenant_are_more_than_a_large_one(void **state)
{
	struct api_tenants all = { 0 };
	struct api_tenant *web = api_tenant_join(&all, "web"), *flood = api_tenant_join(&all, "flood");
	struct api_conn c[5];

	(void)state;
	memset(c, 0, sizeof(c));
	assert_ptr_equal(api_tenant_join(&all, web->peer), web);
	for (size_t i = 0; i < 5; i++)
		c[i].tenant = i ? flood : web;
	note(&c[0], 100000);
	for (size_t i = 1; i < 5; i++)
		note(&c[i], 24000);
	assert_ptr_equal(api_memory_largest(&all), &c[0]);
	note(&c[2], 33000);
	/* 105,000 octets against 100,000: of the other four the largest. */
	assert_ptr_equal(api_memory_largest(&all), &c[2]);
	for (size_t i = 0; i < 5; i++)
		note(&c[i], 0);
	api_tenant_leave(flood);
	api_tenant_leave(web);
	assert_ptr_equal(LIST_FIRST(&all), web);
	api_tenant_leave(web);
	assert_true(LIST_EMPTY(&all));
}

/* Answers wait behind the first of each client: who has most of them goes when all together hold too much. */
static void of_all_the_largest_is_closed(void **state)
{
	(void)state;
	opts.max_buffered = 15000;
	start();
	int small = client("LATER\nBIG\n");
	run_until(one_later);
	int large = client("LATER\nBIG\nBIG\n");
	run_until(three_now);
	assert_int_equal(api_clients(api), 2);
	int last = client("LATER\nBIG\n");
	run_until(three_later);
	run_until(two_clients);
	assert_true(is_closed(large));
	assert_false(is_closed(small) || is_closed(last));
	api_reply_ok(later[1]);
	api_reply_ok(later[0]);
	api_reply_ok(later[2]);
	close(small);
	close(large);
	close(last);
	run_until(no_client);
}

/* One with twice the answers of each other client stays: the other tenant's hold more together. */
static void another_tenants_crowd_goes_first(void **state)
{
	int fds[4];
	size_t closed = 0;

	(void)state;
	opts.max_buffered = 20000;
	start();
	int honest = client("LATER\nBIG\nBIG\n");
	run_until(one_later);
	who = "flood";
	for (size_t i = 0; i < 4; i++)
		fds[i] = client("LATER\nBIG\n");
	run_until(five_later);
	run_until(no_more_than_four_clients);
	assert_false(is_closed(honest));
	for (size_t i = 0; i < 4; i++)
		closed += is_closed(fds[i]);
	assert_int_equal(closed, 5 - api_clients(api));
	for (size_t i = 0; i < later_count; i++)
		api_reply_ok(later[i]);
	for (size_t i = 0; i < 4; i++)
		close(fds[i]);
	run_until(one_client);
	close(honest);
	run_until(no_client);
}

/* After a reload that makes one tenant of two, what both hold counts together. */
static void a_reload_takes_what_is_held_along(void **state)
{
	(void)state;
	opts.max_buffered = 27000;
	start();
	int first = client("LATER\nBIG\nBIG\n");
	run_until(one_later);
	who = "flood";
	int second = client("LATER\nBIG\nBIG\n");
	run_until(two_later);
	api_peers_changed(api);
	who = "other";
	int third = client("LATER\nBIG\nBIG\nBIG\n");
	run_until(three_later);
	run_until(two_clients);
	assert_int_equal(is_closed(first) + is_closed(second), 1);
	assert_false(is_closed(third));
	for (size_t i = 0; i < later_count; i++)
		api_reply_ok(later[i]);
	close(first);
	close(second);
	close(third);
	run_until(no_client);
}

static void half_requests_count_too(void **state)
{
	static char half[4000] = "*2\r\n$3\r\nBIG\r\n$4000\r\n";

	(void)state;
	memset(half + strlen(half), 'x', sizeof(half) - strlen(half) - 1);
	opts.max_buffered = 10000;
	start();
	int fds[3];
	for (size_t i = 0; i < 3; i++)
		fds[i] = client(half);
	run_until(two_clients);
	assert_int_equal(is_closed(fds[0]) + is_closed(fds[1]) + is_closed(fds[2]), 1);
	for (size_t i = 0; i < 3; i++)
		close(fds[i]);
	run_until(no_client);
}

/* An answer that waits for an earlier one is unanswered to its client. */
static void held_answers_count_as_pending(void **state)
{
	(void)state;
	opts.max_pending = 4;
	start();
	int fd = client("LATER\nBIG\nBIG\nBIG\nBIG\nBIG\nBIG\nBIG\nBIG\nBIG\nBIG\n");
	run_until(three_now);
	int other = client("LATER\n");
	run_until(two_later);
	assert_int_equal(now_count, 3);
	api_reply_ok(later[0]);
	run_until(ten_now);
	api_reply_ok(later[1]);
	assert_false(is_closed(fd));
	close(fd);
	close(other);
}

static void who_takes_nothing_is_closed_in_time(void **state)
{
	static char requests[4 * 200 + 1];

	(void)state;
	for (size_t i = 0; i < 200; i++)
		memcpy(requests + 4 * i, "BIG\n", 4);
	opts.request_timeout_ms = 100;
	start();
	/* 600,000 octets: more than the kernel holds. */
	int64_t begun_ms = clock_mono_ms();
	int stuck = client(requests), idle = client("");
	run_until(hundreds_now);
	run_until(one_client);
	assert_true(clock_mono_ms() - begun_ms >= opts.request_timeout_ms);
	assert_false(is_closed(idle));
	close(stuck);
	close(idle);
	run_until(no_client);
}

static int reader;
static size_t taken;

static bool all_taken(void)
{
	struct pollfd p = { .fd = reader, .events = POLLIN };

	/* A little at a time: many times the time that a stalled one has, together. */
	if (taken < 600000 && poll(&p, 1, 0) == 1) {
		ssize_t n = read(reader, in, 4096);

		assert_true(n > 0);
		taken += (size_t)n;
	}
	return taken >= 200 * 3009;
}

static void a_slow_reader_is_not_closed(void **state)
{
	static char requests[4 * 200 + 1];

	(void)state;
	for (size_t i = 0; i < 200; i++)
		memcpy(requests + 4 * i, "BIG\n", 4);
	opts.request_timeout_ms = 1000;
	start();
	taken = 0;
	reader = client(requests);
	run_until(hundreds_now);
	int64_t begun_ms = clock_mono_ms(), next_ms = begun_ms;
	while (clock_mono_ms() - begun_ms < 1500) {
		run_until(one_client);
		if (clock_mono_ms() < next_ms)
			continue;
		next_ms = clock_mono_ms() + 20;
		assert_false(all_taken());
	}
	while (taken < 200 * 3009) {
		run_until(one_client);
		ssize_t n = recv(reader, in, sizeof(in), MSG_DONTWAIT);
		taken += n > 0 ? (size_t)n : 0;
	}
	close(reader);
	run_until(no_client);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_largest_is_found_by_its_power_of_two),
		cmocka_unit_test_setup_teardown(of_all_the_largest_is_closed, setup, teardown),
		cmocka_unit_test(many_small_ones_of_a_tenant_are_more_than_a_large_one),
		cmocka_unit_test_setup_teardown(another_tenants_crowd_goes_first, setup, teardown),
		cmocka_unit_test_setup_teardown(a_reload_takes_what_is_held_along, setup, teardown),
		cmocka_unit_test_setup_teardown(half_requests_count_too, setup, teardown),
		cmocka_unit_test_setup_teardown(held_answers_count_as_pending, setup, teardown),
		cmocka_unit_test_setup_teardown(who_takes_nothing_is_closed_in_time, setup, teardown),
		cmocka_unit_test_setup_teardown(a_slow_reader_is_not_closed, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
