/*
 * table: every command and the one way from a request to its handler. Private to api.
 */
#ifndef API_TABLE_H
#define API_TABLE_H

#include "api/server.h"

/* Takes the commands of api->hooks, and after them those that api answers itself: own, static. ERR_NOMEM. */
enum err api_table_init(struct api *api, const struct api_command *own, size_t own_count) ERR_CHECKED;
void api_table_clear(struct api *api);

/* The command of this name, in upper or lower case; NULL: there is none. */
struct api_entry *api_table_find(const struct api *api, struct api_arg name);

/* Runs the call's command, or refuses it. arg: the api. */
void api_table_run(void *arg, struct api_call *call);

#endif
