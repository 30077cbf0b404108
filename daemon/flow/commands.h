/*
 * commands: the table of the OTP commands with their documentation, as COMMAND DOCS and redis-cli show it. The table is
 * static.
 */
#ifndef FLOW_COMMANDS_H
#define FLOW_COMMANDS_H

#include "api.h"

/* Puts the commands and their options into the hooks. hooks->arg must be a struct ask_uses. */
void commands_add(struct api_hooks *hooks);

#endif
