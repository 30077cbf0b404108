/*
 * calls: keeps the calls of a connection in the order of its requests, and the replies that wait for an earlier one.
 * Owns the calls, which go to a pool when they have ended. It must never write to a socket.
 */
#include "api/calls.h"

#include "base/clock.h"
#include "base/invariant.h"
#include "base/log.h"

#include <stdlib.h>

#define TOPIC "api"

enum { POOL_MAX = 1024 };

struct api_call *api_calls_new(struct api_conn *c)
{
	struct api_conn_env *env = c->env;
	struct api_call *call = SLIST_FIRST(&env->pool);

	if (call) {
		SLIST_REMOVE_HEAD(&env->pool, in_pool);
		env->pool_len -= invariant(env->pool_len > 0);
	} else {
		call = malloc(sizeof(*call));
		if (!call)
			return NULL;
	}
	*call = (struct api_call){ .conn = c, .resp = c->resp, .outcome = "OK", .begun_us = clock_mono_us() };
	buf_init(&call->held, env->opts.max_output);
	STAILQ_INSERT_TAIL(&c->order, call, in_order);
	c->calls++;
	c->open_calls++;
	return call;
}

/* Octets of memory that a reply needs while it waits behind an open call. */
static size_t held_bytes(const struct api_call *call)
{
	return call->held.size + sizeof(*call);
}

void api_calls_drop_held(struct api_call *call)
{
	struct api_conn *c = call->conn;

	c->held_len = api_memory_less(c->held_len, buf_len(&call->held));
	if (call->done)
		c->held_bytes = api_memory_less(c->held_bytes, held_bytes(call));
	buf_clear(&call->held);
	if (call->done)
		c->held_bytes += held_bytes(call);
}

void api_calls_drop_first(struct api_conn *c)
{
	struct api_conn_env *env = c->env;
	struct api_call *call = STAILQ_FIRST(&c->order);

	STAILQ_REMOVE_HEAD(&c->order, in_order);
	c->held_len = api_memory_less(c->held_len, buf_len(&call->held));
	c->calls -= invariant(c->calls > 0);
	if (call->done)
		c->held_bytes = api_memory_less(c->held_bytes, held_bytes(call));
	else
		c->open_calls -= invariant(c->open_calls > 0);
	buf_clear(&call->held);
	if (env->running == call)
		env->running = NULL;
	if (env->pool_len >= POOL_MAX) {
		free(call);
		return;
	}
	SLIST_INSERT_HEAD(&env->pool, call, in_pool);
	env->pool_len++;
}

void api_calls_free_pool(struct api_conn_env *env)
{
	while (!SLIST_EMPTY(&env->pool)) {
		struct api_call *call = SLIST_FIRST(&env->pool);

		SLIST_REMOVE_HEAD(&env->pool, in_pool);
		free(call);
	}
	env->pool_len = 0;
}

enum err api_calls_release(struct api_conn *c)
{
	struct api_call *call;

	while ((call = STAILQ_FIRST(&c->order)) && call->done) {
		struct buf *held = &call->held;

		if (c->state < API_CONN_FAILED && buf_len(held)) {
			enum err err = buf_append(&c->out, buf_data(held), buf_len(held));

			if (err)
				return err;
		}
		api_calls_drop_first(c);
	}
	return ERR_OK;
}

/* Logs one line per request that concerns messages. Commands that api answers itself are not logged. */
static void tell(const struct api_call *call, int64_t took_us)
{
	const struct api_conn *c = call->conn;

	if (call->command && call->shown)
		log_debug(TOPIC, "request client=%llu tenant=%s command=%s id=%s outcome=%s us=%lld",
		          (unsigned long long)c->id, c->peer_name ? c->peer_name : "-", call->command->name,
		          call->tag[0] ? call->tag : "-", call->outcome, (long long)took_us);
}

void api_calls_answered(struct api_call *call)
{
	struct api_conn *c = call->conn;
	int64_t took_us = clock_mono_us() - call->begun_us;

	if (!invariant(!call->done))
		return;
	stats_observe_us(c->env->request_seconds, took_us);
	tell(call, took_us);
	call->done = true;
	call->request = NULL;
	if (c->env->running == call)
		c->env->running = NULL;
	c->open_calls -= invariant(c->open_calls > 0);
	c->held_len += buf_len(&call->held);
	c->held_bytes += held_bytes(call);
}
