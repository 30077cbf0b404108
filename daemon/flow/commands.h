/*
 * commands: the table of OTP commands with their documentation, as COMMAND DOCS and redis-cli show it.
 */
#ifndef FLOW_COMMANDS_H
#define FLOW_COMMANDS_H

#include "api.h"

/* The commands and their options. Each command gets struct ask_uses as arg. */
void commands_add(struct api_hooks *hooks);

#endif
