/*
 * loop: timers and deferred calls in virtual time. Owns the list of timers; must never wait, and has no descriptors.
 * Timers of one moment are called in the order armed.
 */
#include "loop.h"

#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>

#define DEFERRED_MAX 10000 /* in one turn: more is a call that defers itself for ever */
#define MOMENT_MAX 10000   /* timers in one millisecond: more is one that arms itself for now, for ever */

struct loop_timer {
	struct loop_timer *next;
	struct loop *loop;
	loop_fn fn;
	void *arg;
	int64_t at_ms;
	uint64_t order;
	bool armed;
};

struct loop {
	struct loop_timer *timers;
	STAILQ_HEAD(, loop_task) tasks;
	uint64_t armed;
	unsigned at_once; /* timers called since time moved last */
};

static void refuse(const char *what)
{
	fprintf(stderr, "fake loop: %s\n", what);
	abort();
}

struct loop *loop_new(void)
{
	struct loop *loop = calloc(1, sizeof *loop);

	if (loop)
		STAILQ_INIT(&loop->tasks);
	return loop;
}

void loop_free(struct loop *loop)
{
	free(loop);
}

/* --- timers --- */

struct loop_timer *loop_timer_new(struct loop *loop, loop_fn fn, void *arg)
{
	struct loop_timer *t = calloc(1, sizeof *t);

	if (!t)
		return NULL;
	*t = (struct loop_timer){ .next = loop->timers, .loop = loop, .fn = fn, .arg = arg };
	loop->timers = t;
	return t;
}

void loop_timer_set(struct loop_timer *t, int64_t at_ms)
{
	t->at_ms = at_ms;
	t->order = t->loop->armed++;
	t->armed = true;
}

void loop_timer_stop(struct loop_timer *t)
{
	t->armed = false;
}

bool loop_timer_armed(const struct loop_timer *t)
{
	return t->armed;
}

void loop_timer_free(struct loop_timer *t)
{
	if (!t)
		return;
	struct loop_timer **at = &t->loop->timers;
	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	free(t);
}

static struct loop_timer *first_due(const struct loop *loop)
{
	struct loop_timer *first = NULL;

	for (struct loop_timer *t = loop->timers; t; t = t->next)
		if (t->armed &&
		    (!first || t->at_ms < first->at_ms || (t->at_ms == first->at_ms && t->order < first->order)))
			first = t;
	return first;
}

/* --- deferred calls --- */

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

/* --- virtual time --- */

void fake_loop_turn(struct loop *loop)
{
	for (unsigned i = 0; !STAILQ_EMPTY(&loop->tasks); i++) {
		struct loop_task *t = STAILQ_FIRST(&loop->tasks);

		if (i == DEFERRED_MAX)
			refuse("a deferred call defers for ever");
		STAILQ_REMOVE_HEAD(&loop->tasks, in_queue);
		t->queued = false;
		t->fn(t->arg);
	}
}

bool fake_loop_step(struct loop *loop, int64_t until_ms)
{
	struct loop_timer *t = first_due(loop);

	if (!t || t->at_ms > until_ms) {
		fake_clock_set(until_ms);
		return false;
	}
	loop->at_once = t->at_ms > clock_mono_ms() ? 0 : loop->at_once + 1;
	if (loop->at_once == MOMENT_MAX)
		refuse("a timer arms itself for now, for ever");
	fake_clock_set(t->at_ms);
	t->armed = false;
	t->fn(t->arg);
	fake_loop_turn(loop);
	return true;
}

void fake_loop_run(struct loop *loop, int64_t ms)
{
	int64_t until_ms = clock_mono_ms() + ms;

	while (fake_loop_step(loop, until_ms))
		;
}
