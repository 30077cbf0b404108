/*
 * calls: the calls of a connection, in the order of its requests. Private to api.
 */
#ifndef API_CALLS_H
#define API_CALLS_H

#include "api/conn.h"

/* The newest call of c; NULL: no memory. It belongs to c. */
struct api_call *api_calls_new(struct api_conn *c);

/* Ends the oldest call of c, answered or not. */
void api_calls_drop_first(struct api_conn *c);

/* Its reply is complete; it waits in held if an earlier call is open. */
void api_calls_answered(struct api_call *call);

/* Moves what waited behind the oldest call out, up to the next open one. ERR_TOOBIG, ERR_NOMEM. */
enum err api_calls_release(struct api_conn *c) ERR_CHECKED;

/* Forgets the reply that waits, not the call. */
void api_calls_drop_held(struct api_call *call);

/* Frees the calls that have ended. */
void api_calls_free_pool(struct api_conn_env *env);

#endif
