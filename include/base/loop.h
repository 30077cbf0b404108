/*
 * loop: timers, descriptor watches, signals and deferred calls; the only wrapper of the event library. One thread.
 * Tests link tests/fakes/loop.c (virtual time) instead. Callbacks are never called from inside the call that armed
 * them.
 */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

struct loop;
struct loop_timer;
struct loop_watch;
struct loop_signal;
struct event_base;

typedef void (*loop_fn)(void *arg);

struct loop *loop_new(void); /* NULL: no memory */
void loop_free(struct loop *loop);
void loop_run(struct loop *loop);  /* until loop_stop */
void loop_stop(struct loop *loop); /* ends loop_run after this turn */

/* The event base, for ops/statsock and base/resolve, which pass it to other libraries. */
struct event_base *loop_base(struct loop *loop);

/*
 * A one-shot timer. It may be set again at any time; setting an armed timer moves it. at_ms: absolute clock_mono_ms.
 * NULL: no memory. A timer that is more than 50 ms late fires one turn later, after pending input was handled. So two
 * late timers may fire in another order.
 */
struct loop_timer *loop_timer_new(struct loop *loop, loop_fn fn, void *arg);
void loop_timer_set(struct loop_timer *t, int64_t at_ms);
void loop_timer_stop(struct loop_timer *t);
bool loop_timer_armed(const struct loop_timer *t);
void loop_timer_free(struct loop_timer *t); /* NULL is fine; may be called from its own callback */

/*
 * Level-triggered readiness of fd. The watch does not own fd. events: LOOP_READ | LOOP_WRITE, or 0 for none. NULL: no
 * memory.
 */
enum { LOOP_READ = 1, LOOP_WRITE = 2 };
typedef void (*loop_watch_fn)(void *arg, unsigned events);
struct loop_watch *loop_watch_new(struct loop *loop, int fd, loop_watch_fn fn, void *arg);
void loop_watch_set(struct loop_watch *w, unsigned events);
void loop_watch_free(struct loop_watch *w);

/* Calls fn from the loop when the process gets the signal. NULL: no memory, or the signal cannot be caught. */
struct loop_signal *loop_signal_new(struct loop *loop, int signo, loop_fn fn, void *arg);
void loop_signal_free(struct loop_signal *s);

/*
 * A deferred call runs once, at the end of this turn of the loop, before the loop waits again. Deferred calls run in
 * the order in which they were queued. Use them to flush what a turn wrote, or to free an object that its own callback
 * must not free. Embed a zeroed task. To queue a task twice before it has run makes one call.
 */
struct loop_task {
	loop_fn fn;
	void *arg;
	STAILQ_ENTRY(loop_task) in_queue;
	bool queued;
};
void loop_task_init(struct loop_task *t, loop_fn fn, void *arg);
void loop_defer(struct loop *loop, struct loop_task *t);
void loop_defer_cancel(struct loop *loop, struct loop_task *t);

#endif
