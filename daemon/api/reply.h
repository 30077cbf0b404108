/*
 * reply: puts a reply at its place in the output. Private to api.
 */
#ifndef API_REPLY_H
#define API_REPLY_H

#include "api/conn.h"

/* A reply is written between these two. The second ends the call, whose pointer is then invalid. */
struct api_encoder *api_reply_begin(struct api_call *call);
void api_reply_end(struct api_call *call);

/* Replies the simple string text. */
void api_reply_status(struct api_call *call, const char *text);

#endif
