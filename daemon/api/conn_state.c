/*
 * conn_state: the states of a client's connection, the moves between them, and the four ways to end it. Must never free
 * anything, because its callers still use the connection. conn frees its memory at the end of the turn of the loop.
 */
#include "api/conn_state.h"

#include "api/conn.h"
#include "base/clock.h"
#include "base/invariant.h"
#include "base/log.h"

#include <sys/socket.h>

#define TOPIC "api"
#define TO(state) (1U << API_CONN_##state)

struct state {
	const char *name;
	unsigned next;       /* bits TO(state) of the states that may follow */
	enum api_close late; /* reason to close when request_timeout is over */
};

static const struct state states[API_CONN_STATES] = {
	[API_CONN_OPEN] = { "open", TO(DRAINING) | TO(READ_OUT) | TO(CLOSING) | TO(FAILED), API_CLOSE_REQUEST_TIMEOUT },
	[API_CONN_DRAINING] = { "draining", TO(READ_OUT) | TO(CLOSING) | TO(FAILED), API_CLOSE_REQUEST_TIMEOUT },
	[API_CONN_READ_OUT] = { "read_out", TO(CLOSING) | TO(FAILED), API_CLOSE_COUNT },
	[API_CONN_CLOSING] = { "closing", TO(FAILED), API_CLOSE_STALLED },
	[API_CONN_FAILED] = { "failed", TO(CLOSED), API_CLOSE_COUNT },
	[API_CONN_CLOSED] = { "closed", 0, API_CLOSE_COUNT },
};

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

enum api_close api_conn_late(enum api_conn_state state)
{
	return states[state].late;
}

bool api_conn_may_move(enum api_conn_state from, enum api_conn_state to)
{
	return states[from].next >> to & 1;
}

void api_conn_move(struct api_conn *c, enum api_conn_state to)
{
	if (invariant(api_conn_may_move(c->state, to)))
		c->state = to;
	else
		log_error(TOPIC, "wrong move id=%llu from=%s to=%s", (unsigned long long)c->id, states[c->state].name,
		          states[to].name);
}

void api_conn_fail(struct api_conn *c, enum api_close reason)
{
	if (c->state >= API_CONN_FAILED)
		return;
	api_conn_move(c, API_CONN_FAILED);
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
	if (c->state >= API_CONN_CLOSING)
		return;
	api_conn_move(c, API_CONN_CLOSING);
	c->reason = reason;
	c->active_ms = clock_mono_ms();
	loop_defer(c->env->loop, &c->task);
}

void api_conn_read_out(struct api_conn *c)
{
	if (c->state >= API_CONN_READ_OUT)
		return;
	c->reason = c->state == API_CONN_DRAINING ? API_CLOSE_DRAIN : API_CLOSE_EOF;
	api_conn_move(c, API_CONN_READ_OUT);
	loop_defer(c->env->loop, &c->task);
}

void api_conn_drain(struct api_conn *c)
{
	if (c->state != API_CONN_OPEN)
		return;
	/* The socket now ends behind the requests that it contains. They are all read and answered. */
	api_conn_move(c, API_CONN_DRAINING);
	if (shutdown(c->fd, SHUT_RD))
		api_conn_read_out(c);
}
