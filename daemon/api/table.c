/*
 * table: keeps all commands, those that api answers itself and those of its hooks. Runs a request after the checks that
 * hold for all commands: the command is known, the number of arguments is right, and no refused transaction is open.
 * Owns the table of commands.
 */
#include "api/table.h"

#include "base/invariant.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN_NAME_MAX = 128 };

static struct stats_counter *requests_of(const char *command)
{
	const struct stats_labels l = stats_label(NULL, "command", command);

	return stats_counter("otpgwd_requests_total", "Requests read, by command.", l.text);
}

static void add(struct api *api, const struct api_command *commands, size_t n, bool own)
{
	for (size_t i = 0; i < n; i++) {
		api->entries[api->entry_count++] = (struct api_entry){
			.command = &commands[i],
			.own = own,
			.requests = requests_of(commands[i].name),
		};
	}
}

enum err api_table_init(struct api *api, const struct api_command *own, size_t own_count)
{
	api->entries = calloc(own_count + api->hooks.command_count, sizeof(*api->entries));
	if (!api->entries)
		return ERR_NOMEM;
	add(api, api->hooks.commands, api->hooks.command_count, false);
	add(api, own, own_count, true);
	api->unknown_requests = requests_of("unknown");
	return ERR_OK;
}

void api_table_clear(struct api *api)
{
	free(api->entries);
	api->entries = NULL;
	api->entry_count = 0;
}

struct api_entry *api_table_find(const struct api *api, struct api_arg name)
{
	for (size_t i = 0; i < api->entry_count; i++) {
		if (api_arg_is(name, api->entries[i].command->name))
			return &api->entries[i];
	}
	return NULL;
}

static void refuse_unknown(struct api_call *call, struct api_arg name)
{
	char text[SHOWN_NAME_MAX + 32];
	int len = (int)(name.len < SHOWN_NAME_MAX ? name.len : SHOWN_NAME_MAX);
	char shown[SHOWN_NAME_MAX + 1];

	/* A NUL in the name would end the line before its closing quote. */
	for (int i = 0; i < len; i++)
		shown[i] = name.ptr[i] ? name.ptr[i] : '?';
	shown[len] = '\0';
	snprintf(text, sizeof(text), "unknown command '%s'", shown);
	api_reply_error(call, "ERR", NULL, 0, text);
}

static void refuse_count(struct api_call *call, const struct api_entry *entry)
{
	const struct api_command *command = entry->command;
	struct api_field field = { "arg", "count" };
	char text[160], limit[32];

	if (entry->own) {
		snprintf(text, sizeof(text), "wrong number of arguments for '%s' command", command->name);
		for (char *p = strchr(text, '\''); p && *p; p++) {
			if (*p >= 'A' && *p <= 'Z')
				*p = (char)(*p + ('a' - 'A'));
		}
		api_reply_error(call, "ERR", NULL, 0, text);
		return;
	}
	if (command->args_max < 0)
		snprintf(limit, sizeof(limit), "at least %d", command->args_min);
	else if (command->args_max == command->args_min)
		snprintf(limit, sizeof(limit), "%d", command->args_min);
	else
		snprintf(limit, sizeof(limit), "%d to %d", command->args_min, command->args_max);
	snprintf(text, sizeof(text), "wrong number of arguments for '%s': expected %s", command->name, limit);
	api_reply_error(call, "BADARG", &field, 1, text);
}

/* The client may send more without reading that MULTI was refused, so no command up to EXEC is executed. */
static bool is_refused_in_multi(const struct api_call *call)
{
	static const char *const allowed[] = { "MULTI", "EXEC", "DISCARD", "RESET", "QUIT" };

	if (!call->conn->in_multi)
		return false;
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
		if (api_arg_is(call->request->argv[0], allowed[i]))
			return false;
	}
	return true;
}

void api_table_run(void *arg, struct api_call *call)
{
	struct api *api = arg;
	struct api_arg name = call->request->argv[0];
	struct api_entry *entry = api_table_find(api, name);
	struct api_field field = { "reason", "transaction" };

	stats_inc(entry ? entry->requests : api->unknown_requests);
	if (!entry && !call->conn->in_multi) {
		refuse_unknown(call, name);
		return;
	}
	if (entry) {
		call->command = entry->command;
		call->shown = !entry->own;
	}
	if (is_refused_in_multi(call)) {
		api_reply_error(call, "DENIED", &field, 1, "not executed: MULTI was refused");
		return;
	}
	/* Every command that is allowed in a transaction is in the table. */
	if (!invariant(entry)) {
		refuse_unknown(call, name);
		return;
	}
	call->conn->last_command = entry->command->name;
	if ((int)call->argc < entry->command->args_min ||
	    (entry->command->args_max >= 0 && (int)call->argc > entry->command->args_max)) {
		refuse_count(call, entry);
		return;
	}
	entry->command->run(entry->own ? api : api->hooks.arg, call);
}
