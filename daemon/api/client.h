/*
 * client: the CLIENT family of answers. Private to api.
 */
#ifndef API_CLIENT_H
#define API_CLIENT_H

#include "api.h"

void api_client_run(void *api, struct api_call *call);

/* Names the connection; false, and the call answered, if the name will not do. */
bool api_client_set_name(struct api_call *call, struct api_arg name);

#endif
