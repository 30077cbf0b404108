/*
 * reply: the one way from a handler's answer to its place in the output. Private to api.
 */
#ifndef API_REPLY_H
#define API_REPLY_H

#include "api/conn.h"

/* A reply is written between these; the call is dead after the second. */
struct api_encoder *api_reply_begin(struct api_call *call);
void api_reply_end(struct api_call *call);

/* +text */
void api_reply_status(struct api_call *call, const char *text);

#endif
