/*
 * conn: one client: reads, cuts requests, writes once a turn. Owns the descriptor and the buffers. Everything freed is
 * freed at the end of the loop's turn, so that no caller on the stack loses what it stands on. Never looks into a
 * request and never blocks.
 */
#include "api/conn.h"

#include "api/calls.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define TOPIC "api"

/*
 * TURN_MAX: requests of one connection in one turn of the loop; then the others' come.
 * LOOK_EVERY: requests between two looks at the clock whether the tenant's slice of the turn is over.
 * CROWDED_READ_LEN: what is read at once of a connection whose tenant has others waiting: the rest stays in the kernel.
 * SEND_LEN: what is sent at once. The kernel tells that a reader took something only when it took a whole piece.
 */
enum { KEEP_OUT_SIZE = 1024, TURN_MAX = 64, LOOK_EVERY = 8, CROWDED_READ_LEN = 2048, SEND_LEN = 4096 };

static const char *const reasons[API_CLOSE_COUNT] = {
	[API_CLOSE_EOF] = "eof",
	[API_CLOSE_QUIT] = "quit",
	[API_CLOSE_IO] = "io",
	[API_CLOSE_PROTOCOL] = "protocol",
	[API_CLOSE_FOREIGN] = "foreign_protocol",
	[API_CLOSE_REQUEST_TIMEOUT] = "request_timeout",
	[API_CLOSE_IDLE] = "idle",
	[API_CLOSE_OUTPUT] = "output_limit",
	[API_CLOSE_INPUT] = "input_limit",
	[API_CLOSE_STALLED] = "stalled",
	[API_CLOSE_PEER] = "peer",
	[API_CLOSE_DRAIN] = "drain",
	[API_CLOSE_NOMEM] = "nomem",
};

const char *api_conn_reason(enum api_close reason)
{
	return reasons[reason];
}

/* --- closing --- */

void api_conn_fail(struct api_conn *c, enum api_close reason)
{
	if (c->failed)
		return;
	c->failed = true;
	c->reason = reason;
	log_debug(TOPIC, "client closed id=%llu peer=%s reason=%s", (unsigned long long)c->id,
	          c->peer_name ? c->peer_name : "-", reasons[reason]);
	stats_inc(c->env->closed.of[reason]);
	if (c->watch && c->events)
		loop_watch_set(c->watch, 0);
	c->events = 0;
	api_memory_note(&c->env->buffered, c, 0);
	loop_defer(c->env->loop, &c->task);
}

void api_conn_finish(struct api_conn *c, enum api_close reason)
{
	if (c->closing || c->failed)
		return;
	c->closing = true;
	c->reason = reason;
	c->active_ms = clock_mono_ms();
	loop_defer(c->env->loop, &c->task);
}

void api_conn_drain(struct api_conn *c)
{
	if (c->last_read || c->closing || c->failed)
		return;
	/* Whole requests in the socket are read to its end, which is now; none of them is left without an answer. */
	c->draining = true;
	if (shutdown(c->fd, SHUT_RD) == 0)
		return;
	c->last_read = true;
	c->reason = API_CLOSE_DRAIN;
	loop_defer(c->env->loop, &c->task);
}

static void close_fd(struct api_conn *c)
{
	struct api_call *call;

	if (c->fd < 0)
		return;
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
	c->failed = true;
	while (!STAILQ_EMPTY(&c->order))
		api_calls_drop_first(c);
	loop_defer_cancel(c->env->loop, &c->task);
	close_fd(c);
	free(c->gids);
	free(c);
}

/* --- replies --- */

struct api_encoder *api_conn_begin(struct api_call *call)
{
	struct api_conn *c = call->conn;
	struct buf *out = call == STAILQ_FIRST(&c->order) ? &c->out : &call->held;

	call->encoder = (struct api_encoder){ .out = c->failed ? NULL : out, .resp = call->resp };
	return &call->encoder;
}

void api_conn_end(struct api_call *call)
{
	struct api_conn *c = call->conn;
	enum err err = call->encoder.err;

	api_calls_answered(call);
	if (!err && !c->failed && buf_len(&c->out) + c->held_len > c->env->opts.max_output)
		err = ERR_TOOBIG;
	if (!err)
		err = api_calls_release(c);
	if (err) {
		api_conn_fail(c, err == ERR_TOOBIG ? API_CLOSE_OUTPUT : API_CLOSE_NOMEM);
		(void)!api_calls_release(c);
	}
	loop_defer(c->env->loop, &c->task);
}

/* --- requests --- */

static void answer_bad(struct api_conn *c, const char *why, enum api_close reason)
{
	struct api_call *call = api_calls_new(c);
	char text[API_ENCODE_ERROR_LEN_MAX];

	stats_inc(c->env->protocol_errors);
	if (!call) {
		api_conn_fail(c, API_CLOSE_NOMEM);
		return;
	}
	snprintf(text, sizeof(text), "Protocol error: %s", why);
	api_encode_error(api_conn_begin(call), "ERR", NULL, 0, text);
	api_conn_end(call);
	api_conn_finish(c, reason);
}

static void run_request(struct api_conn *c)
{
	struct api_conn_env *env = c->env;
	struct api_call *call = api_calls_new(c);

	if (!call) {
		api_conn_fail(c, API_CLOSE_NOMEM);
		return;
	}
	call->request = &env->request;
	call->argc = env->request.argc - 1;
	env->running = call;
	env->on_request(env->arg, call);
	if (env->running)
		env->running->request = NULL;
	env->running = NULL;
	if (env->request.is_inline)
		secret_wipe(env->request.words, sizeof(env->request.words));
}

static bool is_blocked(const struct api_conn *c)
{
	return c->calls >= c->env->opts.max_pending;
}

static bool may_serve(const struct api_conn *c)
{
	return !c->failed && !c->closing && !is_blocked(c);
}

/* Runs the whole requests at the start of data, up to a turn's; returns how much was used. */
static size_t run_requests(struct api_conn *c, const char *data, size_t len)
{
	struct api_request *request = &c->env->request;
	size_t used = 0;
	unsigned served = 0;
	const char *why = NULL;

	while (used < len && may_serve(c)) {
		if (served == TURN_MAX ||
		    (served % LOOK_EVERY == LOOK_EVERY - 1 && api_turn_over(&c->env->turns, c->tenant))) {
			api_turn_wait(&c->env->turns, c);
			break;
		}
		enum api_proto_verdict verdict = api_proto_parse(data + used, len - used, request, &why);

		if (verdict == API_PROTO_MORE)
			break;
		if (verdict == API_PROTO_FOREIGN) {
			stats_inc(c->env->protocol_errors);
			api_conn_finish(c, API_CLOSE_FOREIGN);
			break;
		}
		if (verdict == API_PROTO_BAD) {
			answer_bad(c, why, API_CLOSE_PROTOCOL);
			break;
		}
		if (verdict == API_PROTO_REQUEST) {
			run_request(c);
			served++;
		}
		used += request->used;
		c->request_begun_ms = c->active_ms;
	}
	c->left = used < len && (c->waits || is_blocked(c));
	return used;
}

static void note_read(struct api_conn *c, bool full)
{
	int left = 0;

	c->active_ms = clock_mono_ms();
	c->drained = !full || (ioctl(c->fd, FIONREAD, &left) == 0 && left == 0);
}

static void note_behind(struct api_conn *c)
{
	if (c->drained && !c->waits && !is_blocked(c))
		c->behind_ms = 0;
	else if (!c->behind_ms)
		c->behind_ms = c->active_ms;
}

static void run_buffered(struct api_conn *c)
{
	size_t used = run_requests(c, (const char *)buf_data(&c->in), buf_len(&c->in));

	buf_consume(&c->in, used);
	if (!buf_len(&c->in))
		buf_clear(&c->in);
	note_behind(c);
}

/* --- input and output --- */

static void read_failed(struct api_conn *c, ssize_t n)
{
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		return;
	if (n < 0) {
		api_conn_fail(c, API_CLOSE_IO);
		return;
	}
	c->last_read = true;
	c->reason = c->draining ? API_CLOSE_DRAIN : API_CLOSE_EOF;
	loop_defer(c->env->loop, &c->task);
}

/* A client that sends whole requests has no buffer of its own: they are served from the shared chunk. */
static void read_chunk(struct api_conn *c)
{
	struct api_conn_env *env = c->env;
	size_t used, len = !TAILQ_EMPTY(&c->tenant->waiting) ? CROWDED_READ_LEN : sizeof(env->chunk);
	ssize_t n = read(c->fd, env->chunk, len);

	if (n <= 0) {
		read_failed(c, n);
		return;
	}
	note_read(c, (size_t)n == len);
	c->request_begun_ms = c->active_ms;
	used = run_requests(c, env->chunk, (size_t)n);
	if (!c->failed && !c->closing && used < (size_t)n && buf_append(&c->in, env->chunk + used, (size_t)n - used))
		api_conn_fail(c, API_CLOSE_NOMEM);
	note_behind(c);
	secret_wipe(env->chunk, (size_t)n);
}

static void read_more(struct api_conn *c)
{
	size_t len = buf_room(&c->in), most = !TAILQ_EMPTY(&c->tenant->waiting) ? CROWDED_READ_LEN : API_CONN_READ_LEN;
	uint8_t *at = NULL;
	ssize_t n;

	if (len > most)
		len = most;
	if (!len || buf_reserve(&c->in, len, &at)) {
		api_conn_fail(c, API_CLOSE_NOMEM);
		return;
	}
	n = read(c->fd, at, len);
	if (n <= 0) {
		read_failed(c, n);
		return;
	}
	buf_commit(&c->in, (size_t)n);
	note_read(c, (size_t)n == len);
	run_buffered(c);
}

void api_conn_serve(struct api_conn *c)
{
	if (may_serve(c) && c->left)
		run_buffered(c);
	else if (may_serve(c) && !c->last_read && buf_len(&c->in))
		read_more(c);
	else if (may_serve(c) && !c->last_read)
		read_chunk(c);
	loop_defer(c->env->loop, &c->task);
}

/* At once if its tenant has time left in this turn of the loop; else when that tenant's turn comes again. */
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

	if (c->failed)
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

/* When something has to have happened, and what it means if it has not. INT64_MAX: never. */
static int64_t next_deadline(const struct api_conn *c, enum api_close *reason)
{
	const struct api_opts *opts = &c->env->opts;

	if (buf_len(&c->out)) {
		*reason = API_CLOSE_STALLED;
		return c->taken_ms + opts->request_timeout_ms;
	}
	if (c->closing && !c->open_calls) {
		*reason = API_CLOSE_STALLED;
		return c->active_ms + opts->request_timeout_ms;
	}
	if (buf_len(&c->in) && !is_blocked(c) && !c->waits && !c->closing && !c->last_read) {
		*reason = API_CLOSE_REQUEST_TIMEOUT;
		return c->request_begun_ms + opts->request_timeout_ms;
	}
	*reason = API_CLOSE_IDLE;
	return opts->idle_timeout_ms && !c->open_calls ? c->active_ms + opts->idle_timeout_ms : INT64_MAX;
}

/* The timer is moved only when something is due earlier than it: traffic does not touch it. */
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

	if (c->failed)
		return;
	/* A client that has begun to read again may have made room that the loop does not tell of yet. */
	flush(c);
	if (c->failed)
		return;
	if (next_deadline(c, &reason) > clock_mono_ms()) {
		loop_defer(c->env->loop, &c->task);
		return;
	}
	if (reason == API_CLOSE_REQUEST_TIMEOUT)
		answer_bad(c, "request not completed in time", reason);
	else
		api_conn_fail(c, reason);
}

/* --- the end of a turn --- */

static void watch(struct api_conn *c)
{
	unsigned events = 0;

	if (!c->closing && !c->last_read && !c->waits && !is_blocked(c))
		events |= LOOP_READ;
	if (buf_len(&c->out))
		events |= LOOP_WRITE;
	if (events != c->events)
		loop_watch_set(c->watch, events);
	c->events = events;
}

/* Memory that waits for the client: answers that it does not take, requests that it does not end. */
static size_t memory_of(const struct api_conn *c)
{
	size_t bytes = c->held_bytes;

	if (buf_len(&c->out))
		bytes += c->out.size;
	if (buf_len(&c->in))
		bytes += c->in.size;
	return bytes;
}

/* The bound on the sum: of the tenant that holds the most, the largest connection goes first. */
static void bound_memory(struct api_conn_env *env, struct api_conn *c)
{
	api_memory_note(&env->buffered, c, memory_of(c));
	while (env->buffered > env->opts.max_buffered) {
		struct api_conn *largest = api_memory_largest(&env->tenants);
		bool unread = buf_len(&largest->in) && largest->in.size > largest->memory.bytes / 2;

		api_conn_fail(largest, unread ? API_CLOSE_INPUT : API_CLOSE_OUTPUT);
	}
}

static void on_turn_end(void *arg)
{
	struct api_conn *c = arg;

	/* It was full of unanswered requests, and is no longer. */
	if (may_serve(c) && c->left && !c->waits) {
		c->request_begun_ms = clock_mono_ms();
		serve_in_turn(c);
	}
	if (may_serve(c) && c->last_read && !c->waits)
		api_conn_finish(c, c->reason);
	if (!c->failed) {
		flush(c);
		if (buf_len(&c->out) && !c->taken_ms)
			c->taken_ms = clock_mono_ms();
	}
	if (!c->failed && c->closing && STAILQ_EMPTY(&c->order) && !buf_len(&c->out))
		api_conn_fail(c, c->reason);
	if (!c->failed)
		bound_memory(c->env, c);
	if (c->failed) {
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
