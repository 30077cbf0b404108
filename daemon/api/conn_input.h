/*
 * conn_input: from a connection's octets to requests that are run. Private to api.
 */
#ifndef API_CONN_INPUT_H
#define API_CONN_INPUT_H

#include "api/conn.h"

/* As many of its requests as it may have are unanswered: it is neither read nor served. */
static inline bool api_conn_is_full(const struct api_conn *c)
{
	return c->calls >= c->env->opts.max_pending;
}

static inline bool api_conn_may_serve(const struct api_conn *c)
{
	return api_conn_serves(c->state) && !api_conn_is_full(c);
}

/* Serves a connection whose turn has come: runs what was read before, or reads and runs that. */
void api_conn_serve(struct api_conn *c);

/* Answers ERR with this text, then closes. */
void api_conn_refuse(struct api_conn *c, const char *why, enum api_close reason);

#endif
