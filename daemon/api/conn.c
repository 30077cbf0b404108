/*
 * conn: one client's connection from accept to its end. Serves it when its turn comes, writes to it once per turn of
 * the loop, and enforces its timeouts. Owns the descriptor and the buffers. Frees them only at the end of the turn, so
 * that no function on the stack uses freed memory. It must never look into a request or block.
 */
#include "api/conn.h"

#include "api/calls.h"
#include "api/conn_input.h"
#include "base/clock.h"
#include "base/invariant.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* SEND_LEN: most octets per send, because the kernel reports room only when a whole piece was read by the client. */
enum { KEEP_OUT_SIZE = 1024, SEND_LEN = 4096 };

static void close_fd(struct api_conn *c)
{
	struct api_call *call;

	if (c->state == API_CONN_CLOSED)
		return;
	api_conn_move(c, API_CONN_CLOSED);
	loop_watch_free(c->watch);
	c->watch = NULL;
	loop_timer_free(c->timer);
	c->timer = NULL;
	api_turn_forget(c);
	close(c->fd);
	c->fd = -1;
	buf_clear(&c->in);
	buf_clear(&c->out);
	STAILQ_FOREACH(call, &c->order, in_order)
		api_calls_drop_held(call);
	api_memory_note(&c->env->buffered, c, 0);
	c->env->on_closed(c->env->arg, c);
}

void api_conn_free(struct api_conn *c)
{
	if (c->state < API_CONN_FAILED)
		api_conn_move(c, API_CONN_FAILED);
	while (!STAILQ_EMPTY(&c->order))
		api_calls_drop_first(c);
	loop_defer_cancel(c->env->loop, &c->task);
	close_fd(c);
	free(c->gids);
	free(c);
}

/* Serves c now if its tenant has time left in this turn of the loop, otherwise in a later turn. */
static void serve_in_turn(struct api_conn *c)
{
	struct api_turns *turns = &c->env->turns;

	if (!api_turn_begin(turns, c))
		return;
	api_conn_serve(c);
	api_turn_end(turns, c->tenant);
}

static void on_ready(void *arg, unsigned events)
{
	struct api_conn *c = arg;

	if (c->state >= API_CONN_FAILED)
		return;
	if ((events & LOOP_READ) && (c->events & LOOP_READ))
		serve_in_turn(c);
	loop_defer(c->env->loop, &c->task);
}

static void flush(struct api_conn *c)
{
	while (buf_len(&c->out)) {
		size_t len = buf_len(&c->out) < SEND_LEN ? buf_len(&c->out) : SEND_LEN;
		ssize_t n = send(c->fd, buf_data(&c->out), len, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return;
		if (n < 0) {
			api_conn_fail(c, API_CLOSE_IO);
			return;
		}
		buf_consume(&c->out, (size_t)n);
		c->active_ms = c->taken_ms = clock_mono_ms();
	}
	c->taken_ms = 0;
	if (c->out.size > KEEP_OUT_SIZE)
		buf_clear(&c->out);
}

/* --- time --- */

/*
 * Returns the time (monotonic, ms) at which the connection is closed if the client does nothing, and the reason.
 * INT64_MAX: never.
 */
static int64_t next_deadline(const struct api_conn *c, enum api_close *reason)
{
	const struct api_opts *opts = &c->env->opts;

	if (buf_len(&c->out)) {
		*reason = API_CLOSE_STALLED;
		return c->taken_ms + opts->request_timeout_ms;
	}
	*reason = api_conn_late(c->state);
	if (*reason == API_CLOSE_STALLED && !c->open_calls)
		return c->active_ms + opts->request_timeout_ms;
	if (*reason == API_CLOSE_REQUEST_TIMEOUT && buf_len(&c->in) && !api_conn_is_full(c) && !c->waits)
		return c->request_begun_ms + opts->request_timeout_ms;
	*reason = API_CLOSE_IDLE;
	return opts->idle_timeout_ms && !c->open_calls ? c->active_ms + opts->idle_timeout_ms : INT64_MAX;
}

/* Moves the timer only to an earlier time, so that traffic does not set it again and again. */
static void arm_timer(struct api_conn *c)
{
	enum api_close reason;
	int64_t at_ms = next_deadline(c, &reason);

	if (at_ms == INT64_MAX || (loop_timer_armed(c->timer) && c->timer_at_ms <= at_ms))
		return;
	c->timer_at_ms = at_ms;
	loop_timer_set(c->timer, at_ms);
}

static void on_timer(void *arg)
{
	struct api_conn *c = arg;
	enum api_close reason;

	if (c->state >= API_CONN_FAILED)
		return;
	/* The client may have read something, although the loop has not reported room yet. */
	flush(c);
	if (c->state >= API_CONN_FAILED)
		return;
	if (next_deadline(c, &reason) > clock_mono_ms()) {
		loop_defer(c->env->loop, &c->task);
		return;
	}
	if (reason == API_CLOSE_REQUEST_TIMEOUT)
		api_conn_refuse(c, "request not completed in time", reason);
	else
		api_conn_fail(c, reason);
}

/* --- the end of a turn --- */

static void watch(struct api_conn *c)
{
	unsigned events = 0;

	if (api_conn_reads(c->state) && !c->waits && !api_conn_is_full(c))
		events |= LOOP_READ;
	if (buf_len(&c->out))
		events |= LOOP_WRITE;
	if (events != c->events)
		loop_watch_set(c->watch, events);
	c->events = events;
}

/* Memory in use until the client acts: replies that it has not read, and a request that it has not completed. */
static size_t memory_of(const struct api_conn *c)
{
	size_t bytes = c->held_bytes;

	if (buf_len(&c->out))
		bytes += c->out.size;
	if (buf_len(&c->in))
		bytes += c->in.size;
	return bytes;
}

/* While all connections use more than max_buffered, closes the largest of the tenant that uses the most. */
static void bound_memory(struct api_conn_env *env, struct api_conn *c)
{
	api_memory_note(&env->buffered, c, memory_of(c));
	while (env->buffered > env->opts.max_buffered) {
		struct api_conn *largest = api_memory_largest(&env->tenants);
		bool unread;

		if (!invariant(largest))
			return;
		unread = buf_len(&largest->in) && largest->in.size > largest->memory.bytes / 2;
		api_conn_fail(largest, unread ? API_CLOSE_INPUT : API_CLOSE_OUTPUT);
	}
}

static void on_turn_end(void *arg)
{
	struct api_conn *c = arg;

	/* The connection had reached max_pending, and has fewer unanswered requests now. */
	if (api_conn_may_serve(c) && c->left && !c->waits) {
		c->request_begun_ms = clock_mono_ms();
		serve_in_turn(c);
	}
	if (c->state == API_CONN_READ_OUT && !api_conn_is_full(c) && !c->waits)
		api_conn_finish(c, c->reason);
	if (c->state < API_CONN_FAILED) {
		flush(c);
		if (buf_len(&c->out) && !c->taken_ms)
			c->taken_ms = clock_mono_ms();
	}
	if (c->state == API_CONN_CLOSING && STAILQ_EMPTY(&c->order) && !buf_len(&c->out))
		api_conn_fail(c, c->reason);
	if (c->state < API_CONN_FAILED)
		bound_memory(c->env, c);
	if (c->state >= API_CONN_FAILED) {
		close_fd(c);
		if (STAILQ_EMPTY(&c->order))
			c->env->on_released(c->env->arg, c);
		return;
	}
	watch(c);
	arm_timer(c);
}

enum err api_conn_new(struct api_conn_env *env, int fd, struct api_conn **out)
{
	struct api_conn *c = calloc(1, sizeof(*c));

	if (!c) {
		close(fd);
		return ERR_NOMEM;
	}
	c->env = env;
	c->fd = fd;
	c->resp = 2;
	c->born_ms = c->active_ms = clock_mono_ms();
	c->last_command = "NULL";
	STAILQ_INIT(&c->order);
	buf_init(&c->in, API_PROTO_REQUEST_LEN_MAX + API_CONN_READ_LEN);
	buf_init(&c->out, env->opts.max_output);
	loop_task_init(&c->task, on_turn_end, c);
	c->watch = loop_watch_new(env->loop, fd, on_ready, c);
	c->timer = loop_timer_new(env->loop, on_timer, c);
	if (!c->watch || !c->timer) {
		if (c->watch)
			loop_watch_free(c->watch);
		loop_timer_free(c->timer);
		close(fd);
		free(c);
		return ERR_NOMEM;
	}
	loop_defer(env->loop, &c->task);
	*out = c;
	return ERR_OK;
}
