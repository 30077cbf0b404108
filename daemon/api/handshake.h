/*
 * handshake: the commands that api answers itself. Private to api.
 */
#ifndef API_HANDSHAKE_H
#define API_HANDSHAKE_H

#include "api.h"

/* Returns the commands, which are static. The argument of their run is the api. */
const struct api_command *api_handshake_commands(size_t *n);

#endif
