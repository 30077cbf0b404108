/*
 * refused connections on real sockets: the answer comes with the first request, what follows it harms nobody, and only
 * so many are held, for so long.
 */
#include "api/refused.h"

#include "base/clock.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define LINE "-DENIED reason=peer uid=33\r\n"

static struct loop *loop;
static struct loop_timer *stop;
static struct api_refused refused;

static void on_stop(void *arg)
{
	(void)arg;
	loop_stop(loop);
}

static void run_for(int64_t ms)
{
	loop_timer_set(stop, clock_mono_ms() + ms);
	loop_run(loop);
}

/* Our end; the other is refused. */
static int refuse_one(const char *asked)
{
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
	if (asked)
		assert_int_equal(write(ends[0], asked, strlen(asked)), (ssize_t)strlen(asked));
	api_refused_add(&refused, ends[1], LINE);
	return ends[0];
}

static bool silent(int fd)
{
	char octet;

	return recv(fd, &octet, 1, MSG_PEEK) < 0 && errno == EAGAIN;
}

static void expect_answer_and_end(int fd)
{
	char text[128];

	assert_int_equal(recv(fd, text, sizeof(text), 0), (ssize_t)strlen(LINE));
	assert_memory_equal(text, LINE, strlen(LINE));
	assert_int_equal(recv(fd, text, sizeof(text), 0), 0);
}

static bool can_write(int fd)
{
	return send(fd, "PING\r\n", 6, MSG_NOSIGNAL) == 6;
}

static int set_up(void **state)
{
	(void)state;
	loop = loop_new();
	stop = loop_timer_new(loop, on_stop, NULL);
	return api_refused_init(&refused, loop) != ERR_OK;
}

static int tear_down(void **state)
{
	(void)state;
	api_refused_clear(&refused);
	loop_timer_free(stop);
	loop_free(loop);
	return 0;
}

static void answered_with_its_first_request(void **state)
{
	(void)state;
	int fd = refuse_one(NULL);

	run_for(10);
	assert_true(silent(fd));
	assert_true(can_write(fd));
	run_for(10);
	assert_true(can_write(fd));
	run_for(10);
	expect_answer_and_end(fd);
	assert_true(can_write(fd));
	close(fd);
}

static void a_request_that_is_there_is_answered_at_once(void **state)
{
	(void)state;
	int fd = refuse_one("PING\r\n");

	expect_answer_and_end(fd);
	assert_true(can_write(fd));
	close(fd);
}

static void who_asks_nothing_is_told_in_the_end(void **state)
{
	(void)state;
	int64_t begun_ms = clock_mono_ms();
	int fd = refuse_one(NULL);

	while (silent(fd))
		run_for(20);
	assert_true(clock_mono_ms() - begun_ms >= API_REFUSED_MS);
	expect_answer_and_end(fd);
	assert_false(can_write(fd));
	close(fd);
}

/* Those who have their answer make room first. */
static void only_so_many_are_held(void **state)
{
	int fds[API_REFUSED_MAX + 2];

	(void)state;
	fds[0] = refuse_one(NULL);
	fds[1] = refuse_one("PING\r\n");
	for (size_t i = 2; i < API_REFUSED_MAX; i++)
		fds[i] = refuse_one(NULL);
	assert_true(can_write(fds[1]));
	fds[API_REFUSED_MAX] = refuse_one(NULL);
	assert_false(can_write(fds[1]));
	expect_answer_and_end(fds[1]);
	assert_true(silent(fds[0]));
	fds[API_REFUSED_MAX + 1] = refuse_one(NULL);
	expect_answer_and_end(fds[0]);
	assert_false(can_write(fds[0]));
	for (size_t i = 2; i < API_REFUSED_MAX + 2; i++)
		assert_true(silent(fds[i]) && can_write(fds[i]));
	for (size_t i = 0; i < API_REFUSED_MAX + 2; i++)
		close(fds[i]);
}

static void who_goes_frees_its_place(void **state)
{
	int fds[API_REFUSED_MAX];

	(void)state;
	int stays = refuse_one(NULL);
	for (size_t i = 1; i < API_REFUSED_MAX; i++)
		fds[i] = refuse_one(NULL);
	for (size_t i = 1; i < API_REFUSED_MAX; i++)
		close(fds[i]);
	run_for(10);
	for (size_t i = 1; i < API_REFUSED_MAX; i++)
		fds[i] = refuse_one(NULL);
	assert_true(silent(stays));
	for (size_t i = 1; i < API_REFUSED_MAX; i++)
		close(fds[i]);
	close(stays);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(answered_with_its_first_request, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_request_that_is_there_is_answered_at_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(who_asks_nothing_is_told_in_the_end, set_up, tear_down),
		cmocka_unit_test_setup_teardown(only_so_many_are_held, set_up, tear_down),
		cmocka_unit_test_setup_teardown(who_goes_frees_its_place, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
