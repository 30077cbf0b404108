/*
 * loop: wraps the event library. Owns the event base, the list of deferred calls, and the list of events that could not
 * be armed for want of memory. These are tried again until they are armed. Must never run a callback inside the call
 * that armed it.
 */
#include "base/loop.h"

#include "base/clock.h"
#include "base/loop_reserve.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A deferred call that is deferred again runs in the same turn, at most this many times. */
#define DEFER_ROUNDS 16
#define REARM_US 1000
#define LATE_MS 50

/* An event that should be armed but could not be. */
struct unarmed {
	LIST_ENTRY(unarmed) in_list;
	bool listed;
	struct event *ev;
	int64_t at_ms; /* when a timer fires, monotonic; -1: it is no timer */
};

struct loop {
	struct event_base *base;
	STAILQ_HEAD(, loop_task) tasks; /* deferred calls */
	LIST_HEAD(, unarmed) unarmed;
	bool stop;
};

struct loop_timer {
	struct loop *loop;
	struct event *ev;
	struct unarmed unarmed;
	loop_fn fn;
	void *arg;
	bool looked; /* it fired late and waits one turn for pending input */
};

struct loop_watch {
	struct loop *loop;
	struct event *ev;
	struct unarmed unarmed;
	int fd;
	unsigned events;
	loop_watch_fn fn;
	void *arg;
};

struct loop_signal {
	struct event *ev;
	loop_fn fn;
	void *arg;
};

struct loop *loop_new(void)
{
	event_set_mem_functions(loop_reserve_malloc, loop_reserve_realloc, loop_reserve_free);
	struct loop *loop = calloc(1, sizeof(*loop));
	struct event_config *config = loop ? event_config_new() : NULL;

	if (!config) {
		free(loop);
		return NULL;
	}
	/*
	 * The library's cached time would be old after long work in a callback, and a timer that is set then would fire
	 * too early.
	 */
	event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER | EVENT_BASE_FLAG_NO_CACHE_TIME);
	loop->base = event_base_new_with_config(config);
	event_config_free(config);
	STAILQ_INIT(&loop->tasks);
	if (!loop->base) {
		free(loop);
		return NULL;
	}
	return loop;
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	event_base_free(loop->base);
	free(loop);
}

/* --- arming, with or without memory --- */

static bool arm(struct unarmed *u)
{
	if (u->at_ms < 0)
		return event_add(u->ev, NULL) == 0;
	int64_t now_ms = clock_mono_ms();

	if (u->at_ms < now_ms)
		u->at_ms = now_ms;
	int64_t in_ms = u->at_ms - now_ms;
	const struct timeval tv = { .tv_sec = in_ms / 1000, .tv_usec = in_ms % 1000 * 1000 };
	return evtimer_add(u->ev, &tv) == 0;
}

static void forget(struct unarmed *u)
{
	if (!u->listed)
		return;
	LIST_REMOVE(u, in_list);
	u->listed = false;
}

static void arm_or_keep(struct loop *loop, struct unarmed *u)
{
	forget(u);
	if (arm(u))
		return;
	LIST_INSERT_HEAD(&loop->unarmed, u, in_list);
	u->listed = true;
}

/*
 * True when all events are armed. Until then the loop must not block, because an event that it waits for may be
 * missing.
 */
static bool arm_all(struct loop *loop)
{
	const struct timespec rest = { .tv_nsec = REARM_US * 1000 };

	struct unarmed *u;

	while ((u = LIST_FIRST(&loop->unarmed)) && arm(u))
		forget(u);
	if (u)
		nanosleep(&rest, NULL);
	return !u;
}

static void run_deferred(struct loop *loop)
{
	for (int round = 0; !STAILQ_EMPTY(&loop->tasks) && round < DEFER_ROUNDS; round++) {
		const struct loop_task *i;
		size_t left = 0;

		/* One round runs as many tasks as were queued at its start. A task may cancel or free any other. */
		STAILQ_FOREACH(i, &loop->tasks, in_queue)
			left++;
		for (; left && !STAILQ_EMPTY(&loop->tasks); left--) {
			struct loop_task *t = STAILQ_FIRST(&loop->tasks);

			STAILQ_REMOVE_HEAD(&loop->tasks, in_queue);
			t->queued = false;
			t->fn(t->arg);
		}
	}
}

void loop_run(struct loop *loop)
{
	loop->stop = false;
	while (!loop->stop) {
		run_deferred(loop);
		if (loop->stop)
			return;
		/* The loop must not block while deferred calls remain. */
		bool may_wait = arm_all(loop) && STAILQ_EMPTY(&loop->tasks);
		if (event_base_loop(loop->base, may_wait ? EVLOOP_ONCE : EVLOOP_NONBLOCK) < 0)
			return;
		run_deferred(loop);
	}
}

void loop_stop(struct loop *loop)
{
	loop->stop = true;
	event_base_loopbreak(loop->base);
}

struct event_base *loop_base(struct loop *loop)
{
	return loop->base;
}

/*
 * After the process was stopped (SIGSTOP, a frozen control group), epoll_wait returns EINTR and the library calls the
 * timers before it reads input. A response that has already arrived would then count as late. So a late timer waits one
 * turn for pending input.
 */
static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct loop_timer *t = arg;

	(void)fd;
	(void)what;
	t->looked = !t->looked && clock_mono_ms() - t->unarmed.at_ms > LATE_MS;
	if (t->looked)
		arm_or_keep(t->loop, &t->unarmed);
	else
		t->fn(t->arg);
}

struct loop_timer *loop_timer_new(struct loop *loop, loop_fn fn, void *arg)
{
	struct loop_timer *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->loop = loop;
	t->fn = fn;
	t->arg = arg;
	t->ev = evtimer_new(loop->base, on_timer, t);
	if (!t->ev) {
		free(t);
		return NULL;
	}
	t->unarmed.ev = t->ev;
	return t;
}

void loop_timer_set(struct loop_timer *t, int64_t at_ms)
{
	t->unarmed.at_ms = at_ms > 0 ? at_ms : 0;
	t->looked = false;
	arm_or_keep(t->loop, &t->unarmed);
}

void loop_timer_stop(struct loop_timer *t)
{
	forget(&t->unarmed);
	evtimer_del(t->ev);
}

bool loop_timer_armed(const struct loop_timer *t)
{
	return t->unarmed.listed || evtimer_pending(t->ev, NULL) != 0;
}

void loop_timer_free(struct loop_timer *t)
{
	if (!t)
		return;
	forget(&t->unarmed);
	event_free(t->ev);
	free(t);
}

static void on_watch(evutil_socket_t fd, short what, void *arg)
{
	struct loop_watch *w = arg;

	(void)fd;
	w->fn(w->arg, ((what & EV_READ) ? LOOP_READ : 0U) | ((what & EV_WRITE) ? LOOP_WRITE : 0U));
}

struct loop_watch *loop_watch_new(struct loop *loop, int fd, loop_watch_fn fn, void *arg)
{
	struct loop_watch *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	*w = (struct loop_watch){ .loop = loop, .fd = fd, .fn = fn, .arg = arg };
	w->ev = event_new(loop->base, fd, EV_READ | EV_PERSIST, on_watch, w);
	if (!w->ev) {
		free(w);
		return NULL;
	}
	w->unarmed = (struct unarmed){ .ev = w->ev, .at_ms = -1 };
	return w;
}

void loop_watch_set(struct loop_watch *w, unsigned events)
{
	if (events == w->events)
		return;
	if (w->events)
		event_del(w->ev);
	forget(&w->unarmed);
	w->events = events;
	if (!events)
		return;
	short what =
	    (short)(EV_PERSIST | ((events & LOOP_READ) ? EV_READ : 0) | ((events & LOOP_WRITE) ? EV_WRITE : 0));
	event_assign(w->ev, w->loop->base, w->fd, what, on_watch, w);
	arm_or_keep(w->loop, &w->unarmed);
}

void loop_watch_free(struct loop_watch *w)
{
	if (!w)
		return;
	forget(&w->unarmed);
	event_free(w->ev);
	free(w);
}

static void on_signal(evutil_socket_t fd, short what, void *arg)
{
	struct loop_signal *s = arg;

	(void)fd;
	(void)what;
	s->fn(s->arg);
}

struct loop_signal *loop_signal_new(struct loop *loop, int signo, loop_fn fn, void *arg)
{
	struct loop_signal *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->fn = fn;
	s->arg = arg;
	s->ev = evsignal_new(loop->base, signo, on_signal, s);
	if (!s->ev || evsignal_add(s->ev, NULL) != 0) {
		if (s->ev)
			event_free(s->ev);
		free(s);
		return NULL;
	}
	return s;
}

void loop_signal_free(struct loop_signal *s)
{
	if (!s)
		return;
	event_free(s->ev);
	free(s);
}

void loop_task_init(struct loop_task *t, loop_fn fn, void *arg)
{
	*t = (struct loop_task){ .fn = fn, .arg = arg };
}

void loop_defer(struct loop *loop, struct loop_task *t)
{
	if (t->queued)
		return;
	t->queued = true;
	STAILQ_INSERT_TAIL(&loop->tasks, t, in_queue);
}

void loop_defer_cancel(struct loop *loop, struct loop_task *t)
{
	if (!t->queued)
		return;
	STAILQ_REMOVE(&loop->tasks, t, loop_task, in_queue);
	t->queued = false;
}
