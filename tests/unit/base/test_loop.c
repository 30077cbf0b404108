/*
 * test_loop: timers, deferred calls and their order, on the real loop.
 */
#include "base/clock.h"
#include "base/loop.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

struct story {
	struct loop *loop;
	struct loop_timer *timer, *other;
	struct loop_task a, b;
	char said[32];
	int64_t set_at_ms, rang_at_ms;
};

static void say(struct story *s, char c)
{
	s->said[strlen(s->said)] = c;
}

static void on_b(void *arg)
{
	say(arg, 'b');
	loop_stop(((struct story *)arg)->loop);
}

static void on_a(void *arg)
{
	struct story *s = arg;

	say(s, 'a');
	loop_defer(s->loop, &s->b);
	loop_defer(s->loop, &s->b);
}

static void on_start(void *arg)
{
	struct story *s = arg;

	loop_defer(s->loop, &s->a);
	say(s, 't');
	loop_timer_free(s->timer);
	s->timer = NULL;
}

static void test_deferred_calls_run_after_the_callback_once_each(void **state)
{
	struct story s = { .loop = loop_new() };

	(void)state;
	loop_task_init(&s.a, on_a, &s);
	loop_task_init(&s.b, on_b, &s);
	s.timer = loop_timer_new(s.loop, on_start, &s);
	loop_timer_set(s.timer, clock_mono_ms());
	loop_run(s.loop);
	assert_string_equal(s.said, "tab");
	loop_free(s.loop);
}

static void on_ring(void *arg)
{
	struct story *s = arg;

	s->rang_at_ms = clock_mono_ms();
	loop_stop(s->loop);
}

static void on_work(void *arg)
{
	struct story *s = arg;
	int64_t until = clock_mono_ms() + 30;

	while (clock_mono_ms() < until)
		continue;
	s->set_at_ms = clock_mono_ms();
	loop_timer_set(s->other, s->set_at_ms + 20);
}

static void test_a_timer_set_after_long_work_is_not_early(void **state)
{
	struct story s = { .loop = loop_new() };

	(void)state;
	s.timer = loop_timer_new(s.loop, on_work, &s);
	s.other = loop_timer_new(s.loop, on_ring, &s);
	loop_timer_set(s.timer, clock_mono_ms());
	loop_run(s.loop);
	assert_true(s.rang_at_ms - s.set_at_ms >= 19);
	loop_timer_free(s.timer);
	loop_timer_free(s.other);
	loop_free(s.loop);
}

static void on_armed(void *arg)
{
	struct story *s = arg;

	assert_false(loop_timer_armed(s->timer));
	/* The loop has taken it to the event library, where it is pending. */
	assert_true(loop_timer_armed(s->other));
	loop_timer_stop(s->other);
	assert_false(loop_timer_armed(s->other));
	loop_stop(s->loop);
}

static void test_a_timer_is_armed_until_it_rings_or_is_stopped(void **state)
{
	struct story s = { .loop = loop_new() };

	(void)state;
	s.timer = loop_timer_new(s.loop, on_armed, &s);
	s.other = loop_timer_new(s.loop, on_ring, &s);
	assert_false(loop_timer_armed(s.timer));
	loop_timer_set(s.timer, clock_mono_ms());
	loop_timer_set(s.other, clock_mono_ms() + 3600 * 1000);
	assert_true(loop_timer_armed(s.timer) && loop_timer_armed(s.other));
	loop_run(s.loop);
	assert_false(loop_timer_armed(s.timer) || loop_timer_armed(s.other));
	loop_timer_free(s.timer);
	loop_timer_free(s.other);
	loop_free(s.loop);
}

static void test_a_cancelled_call_does_not_run(void **state)
{
	struct story s = { .loop = loop_new() };

	(void)state;
	loop_task_init(&s.a, on_a, &s);
	loop_task_init(&s.b, on_b, &s);
	loop_defer(s.loop, &s.a);
	loop_defer(s.loop, &s.b);
	loop_defer_cancel(s.loop, &s.a);
	loop_run(s.loop);
	assert_string_equal(s.said, "b");
	loop_free(s.loop);
}

static int pipe_fd[2];

/* Stands for SIGSTOP and SIGCONT, which end epoll_wait as a handler does: input comes, and time passes. */
static void on_alarm(int signo)
{
	const struct timespec pause = { .tv_nsec = 200 * 1000000L };

	(void)signo;
	(void)!write(pipe_fd[1], "x", 1);
	nanosleep(&pause, NULL);
}

static void on_input(void *arg, unsigned events)
{
	char c;

	(void)events;
	assert_int_equal(read(pipe_fd[0], &c, 1), 1);
	say(arg, 'i');
}

static void on_late(void *arg)
{
	struct story *s = arg;

	say(s, 'l');
	loop_stop(s->loop);
}

static void test_input_is_read_before_a_late_timer(void **state)
{
	struct story s = { .loop = loop_new() };
	const struct sigaction action = { .sa_handler = on_alarm };
	const struct itimerval once = { .it_value = { .tv_usec = 20000 } };

	(void)state;
	assert_int_equal(pipe(pipe_fd), 0);
	struct loop_watch *input = loop_watch_new(s.loop, pipe_fd[0], on_input, &s);
	loop_watch_set(input, LOOP_READ);
	s.timer = loop_timer_new(s.loop, on_late, &s);
	loop_timer_set(s.timer, clock_mono_ms() + 100);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &once, NULL);
	loop_run(s.loop);
	assert_string_equal(s.said, "il");
	loop_watch_free(input);
	loop_timer_free(s.timer);
	loop_free(s.loop);
	close(pipe_fd[0]);
	close(pipe_fd[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_deferred_calls_run_after_the_callback_once_each),
		cmocka_unit_test(test_a_timer_set_after_long_work_is_not_early),
		cmocka_unit_test(test_a_timer_is_armed_until_it_rings_or_is_stopped),
		cmocka_unit_test(test_a_cancelled_call_does_not_run),
		cmocka_unit_test(test_input_is_read_before_a_late_timer),
	};

	return cmocka_run_group_tests_name("test_loop", tests, NULL, NULL);
}
