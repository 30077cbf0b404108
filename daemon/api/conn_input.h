/*
 * conn_input: reads a connection's requests and runs them. Private to api.
 */
#ifndef API_CONN_INPUT_H
#define API_CONN_INPUT_H

#include "api/conn.h"

/* True if the connection has max_pending unanswered requests. It is then neither read nor served. */
static inline bool api_conn_is_full(const struct api_conn *c)
{
	return c->calls >= c->env->opts.max_pending;
}

static inline bool api_conn_may_serve(const struct api_conn *c)
{
	return api_conn_serves(c->state) && !api_conn_is_full(c);
}

/* Serves a connection whose turn has come: runs requests that were read before, or reads and runs more. */
void api_conn_serve(struct api_conn *c);

/* Replies ERR with this text, then closes the connection. */
void api_conn_refuse(struct api_conn *c, const char *why, enum api_close reason);

#endif
