/*
 * table: the table of all commands, by which requests reach their handlers. Private to api.
 */
#ifndef API_TABLE_H
#define API_TABLE_H

#include "api/server.h"

/* Fills the table with the commands of api->hooks, then with own (static), which api answers itself. ERR_NOMEM. */
enum err api_table_init(struct api *api, const struct api_command *own, size_t own_count) ERR_CHECKED;
void api_table_clear(struct api *api);

/* Finds the command of this name, in upper or lower case. NULL: there is none. */
struct api_entry *api_table_find(const struct api *api, struct api_arg name);

/* Runs the call's command, or refuses it. arg: the api. */
void api_table_run(void *arg, struct api_call *call);

#endif
