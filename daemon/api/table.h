/*
 * table: every command and the one way from a request to its handler. Private to api.
 */
#ifndef API_TABLE_H
#define API_TABLE_H

#include "api/server.h"

#include <string.h>
#include <strings.h>

static inline bool api_table_is(struct api_arg arg, const char *name)
{
	return arg.len == strlen(name) && !strncasecmp(arg.ptr, name, arg.len);
}

/* ERR_NOMEM */
enum err api_table_init(struct api *api) ERR_CHECKED;
void api_table_clear(struct api *api);

/* Runs the call's command, or refuses it. arg: the api. */
void api_table_run(void *arg, struct api_call *call);

#endif
