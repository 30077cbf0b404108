/*
 * calls: the calls of a connection, in the order of its requests. Private to api.
 */
#ifndef API_CALLS_H
#define API_CALLS_H

#include "api/conn.h"

/* Adds a call to c, which owns it. NULL: no memory. */
struct api_call *api_calls_new(struct api_conn *c);

/* Ends the oldest call of c, answered or not. */
void api_calls_drop_first(struct api_conn *c);

/* Must be called when the reply is complete. The reply waits in held if an earlier call is open. */
void api_calls_answered(struct api_call *call);

/* Moves the replies that waited to the output, up to the next open call. ERR_TOOBIG, ERR_NOMEM. */
enum err api_calls_release(struct api_conn *c) ERR_CHECKED;

/* Frees the reply that waits; the call stays. */
void api_calls_drop_held(struct api_call *call);

/* Frees the calls that have ended. */
void api_calls_free_pool(struct api_conn_env *env);

#endif
