/*
 * commands: the table of OTP commands with their documentation, as COMMAND DOCS and redis-cli show it.
 */
#ifndef FLOW_COMMANDS_H
#define FLOW_COMMANDS_H

#include "api.h"

const struct api_command *commands_table(size_t *count);

#endif
