/*
 * client: the backends of a story: their requests, which go to the flows' own table of commands, and the answers.
 */
#ifndef SCENARIO_CLIENT_H
#define SCENARIO_CLIENT_H

#include "api.h"

/* The backend of this name: "client", "client2" (another connection of the same tenant), "rival" (another tenant). */
struct client;
struct client *client_find(const char *name); /* NULL: none */

void client_lags(struct client *c, int64_t ms); /* so long its requests have waited to be read */

/* Sends a request: argv[0] is the command. The answer is seen as "client gets NAME ...". */
void client_ask(struct client *c, const char *name, size_t argc, const char *const *argv);

/* Requests of a process that died get no answer. */
void client_forget_all(void);

/* The name of a request that has no answer; NULL: all have. */
const char *client_unanswered(void);

#endif
