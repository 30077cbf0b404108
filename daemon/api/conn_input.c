/*
 * conn_input: reads what a client has sent, cuts it into requests and runs them, as many as its turn allows. Wipes what
 * it has read, because it may contain a code. Must never write to the socket or close it.
 */
#include "api/conn_input.h"

#include "api/calls.h"
#include "api/reply.h"
#include "base/clock.h"
#include "base/secret.h"

#include <errno.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

/*
 * TURN_MAX: most requests of one connection per turn of the loop.
 * LOOK_EVERY: requests after which the clock is read, to see if the tenant's slice of the turn is over.
 * CROWDED_READ_LEN: most octets per read while other connections of the tenant wait. The rest stays in the kernel.
 */
enum { TURN_MAX = 64, LOOK_EVERY = 8, CROWDED_READ_LEN = 2048 };

void api_conn_refuse(struct api_conn *c, const char *why, enum api_close reason)
{
	struct api_call *call = api_calls_new(c);
	char text[API_ENCODE_ERROR_LEN_MAX];

	stats_inc(c->env->protocol_errors);
	if (!call) {
		api_conn_fail(c, API_CLOSE_NOMEM);
		return;
	}
	snprintf(text, sizeof(text), "Protocol error: %s", why);
	api_encode_error(api_reply_begin(call), &(const struct api_error){ .code = "ERR", .text = text });
	api_reply_end(call);
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

/* Runs the complete requests at the start of data, at most those of one turn. Returns how many octets were used. */
static size_t run_requests(struct api_conn *c, const char *data, size_t len)
{
	struct api_request *request = &c->env->request;
	size_t used = 0;
	unsigned served = 0;
	const char *why = NULL;

	while (used < len && api_conn_may_serve(c)) {
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
			api_conn_refuse(c, why, API_CLOSE_PROTOCOL);
			break;
		}
		if (verdict == API_PROTO_REQUEST) {
			run_request(c);
			served++;
		}
		used += request->used;
		c->request_begun_ms = c->active_ms;
	}
	c->left = used < len && (c->waits || api_conn_is_full(c));
	return used;
}

static void note_read(struct api_conn *c, bool full)
{
	int left = 0;

	c->active_ms = clock_mono_ms();
	c->socket_empty = !full || (ioctl(c->fd, FIONREAD, &left) == 0 && left == 0);
}

static void note_behind(struct api_conn *c)
{
	if (c->socket_empty && !c->waits && !api_conn_is_full(c))
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

static void read_failed(struct api_conn *c, ssize_t n)
{
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		return;
	if (n < 0) {
		api_conn_fail(c, API_CLOSE_IO);
		return;
	}
	api_conn_read_out(c);
}

/* Serves complete requests from the shared chunk, so that a client needs a buffer only for an incomplete request. */
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
	if (api_conn_serves(c->state) && used < (size_t)n && buf_append(&c->in, env->chunk + used, (size_t)n - used))
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
	if (api_conn_may_serve(c) && c->left)
		run_buffered(c);
	else if (api_conn_may_serve(c) && api_conn_reads(c->state) && buf_len(&c->in))
		read_more(c);
	else if (api_conn_may_serve(c) && api_conn_reads(c->state))
		read_chunk(c);
	loop_defer(c->env->loop, &c->task);
}
