/*
 * client: the replies to CLIENT and its subcommands. Private to api.
 */
#ifndef API_CLIENT_H
#define API_CLIENT_H

#include "api.h"

void api_client_run(void *api, struct api_call *call);

/* Names the connection. If the name is not allowed, answers the call and returns false. */
bool api_client_set_name(struct api_call *call, struct api_arg name);

#endif
