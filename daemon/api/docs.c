/*
 * docs: answers COMMAND and COMMAND COUNT, INFO, DOCS and LIST. The replies are made from the table that runs the
 * requests, so that redis-cli completes and explains exactly the commands that exist. Owns nothing.
 */
#include "api/docs.h"

#include "api/reply.h"
#include "api/table.h"

#include <ctype.h>
#include <string.h>

#define SINCE "0.1.0" /* all commands exist since this version of otpgwd */

enum { NAME_LEN_MAX = 64 };

static const char *lower(const char *name, char out[NAME_LEN_MAX])
{
	size_t i = 0;

	for (; name[i] && i < NAME_LEN_MAX - 1; i++)
		out[i] = (char)tolower((unsigned char)name[i]);
	out[i] = '\0';
	return out;
}

/*
 * Writes one element of COMMAND INFO: name, arity, flags, first key, last key, step, ACL categories, tips, key
 * specifications, subcommands.
 */
static void put_info(struct api_encoder *e, const struct api_entry *entry)
{
	const struct api_command *command = entry->command;
	char name[NAME_LEN_MAX];
	int arity = command->args_min + 1;

	api_encode_array(e, 10);
	api_encode_text(e, lower(command->name, name));
	api_encode_integer(e, command->args_min == command->args_max ? arity : -arity);
	api_encode_set(e, entry->own ? 2 : 1);
	api_encode_status(e, entry->own ? "fast" : "write");
	if (entry->own)
		api_encode_status(e, "loading");
	for (int i = 0; i < 3; i++)
		api_encode_integer(e, 0);
	api_encode_set(e, 1);
	api_encode_status(e, entry->own ? "@connection" : "@otp");
	for (int i = 0; i < 3; i++)
		api_encode_array(e, 0);
}

/* Clients expect arguments of nested types with their parts. Without parts such an argument is shown as a string. */
static const char *shown_type(const struct api_arg_doc *doc)
{
	return !strcmp(doc->type, "block") || !strcmp(doc->type, "oneof") ? "string" : doc->type;
}

static void put_argument(struct api_encoder *e, const struct api_arg_doc *doc)
{
	size_t flags = (size_t)doc->optional + (size_t)doc->multiple + (size_t)(doc->multiple && doc->token);

	api_encode_map(e, 2 + (size_t)(doc->token != NULL) + (size_t)(flags != 0));
	api_encode_text(e, "name");
	api_encode_text(e, doc->name);
	api_encode_text(e, "type");
	api_encode_text(e, shown_type(doc));
	if (doc->token) {
		api_encode_text(e, "token");
		api_encode_text(e, doc->token);
	}
	if (!flags)
		return;
	api_encode_text(e, "flags");
	api_encode_set(e, flags);
	if (doc->optional)
		api_encode_status(e, "optional");
	if (doc->multiple)
		api_encode_status(e, "multiple");
	if (doc->multiple && doc->token)
		api_encode_status(e, "multiple_token");
}

static void put_option(struct api_encoder *e, const struct api_option *option)
{
	const struct api_arg_doc doc = { .name = option->value,
		                         .type = option->type,
		                         .token = option->name,
		                         .optional = true,
		                         .multiple = option->multiple };

	put_argument(e, &doc);
}

static void put_arguments(struct api_encoder *e, const struct api_command *command, const struct api_options *options)
{
	size_t count = 0;

	for (size_t i = 0; i < options->count; i++)
		count += (options->rows[i].commands & command->bit) != 0;
	api_encode_array(e, command->arg_count + count);
	for (size_t i = 0; i < command->arg_count; i++)
		put_argument(e, &command->args[i]);
	for (size_t i = 0; i < options->count; i++) {
		if (options->rows[i].commands & command->bit)
			put_option(e, &options->rows[i]);
	}
}

static void put_docs(struct api_encoder *e, const struct api *api, const struct api_entry *entry)
{
	const struct api_command *command = entry->command;
	char name[NAME_LEN_MAX];

	api_encode_text(e, lower(command->name, name));
	api_encode_map(e, 5);
	api_encode_text(e, "summary");
	api_encode_text(e, command->summary ? command->summary : "");
	api_encode_text(e, "since");
	api_encode_text(e, SINCE);
	api_encode_text(e, "group");
	api_encode_text(e, entry->own ? "connection" : "otp");
	api_encode_text(e, "complexity");
	api_encode_text(e, command->complexity ? command->complexity : "O(1)");
	api_encode_text(e, "arguments");
	put_arguments(e, command, &api->hooks.options);
}

static void reply_all(const struct api *api, struct api_call *call)
{
	struct api_encoder *e = api_reply_begin(call);

	api_encode_array(e, api->entry_count);
	for (size_t i = 0; i < api->entry_count; i++)
		put_info(e, &api->entries[i]);
	api_reply_end(call);
}

static void reply_info(const struct api *api, struct api_call *call)
{
	struct api_encoder *e;

	if (api_call_argc(call) == 1) {
		reply_all(api, call);
		return;
	}
	e = api_reply_begin(call);
	api_encode_array(e, api_call_argc(call) - 1);
	for (size_t i = 1; i < api_call_argc(call); i++) {
		const struct api_entry *entry = api_table_find(api, api_call_arg(call, i));

		if (entry)
			put_info(e, entry);
		else
			api_encode_null_array(e);
	}
	api_reply_end(call);
}

static void reply_docs(const struct api *api, struct api_call *call)
{
	struct api_encoder *e = api_reply_begin(call);
	size_t argc = api_call_argc(call), found = 0;

	for (size_t i = 1; i < argc; i++)
		found += api_table_find(api, api_call_arg(call, i)) != NULL;
	api_encode_map(e, argc == 1 ? api->entry_count : found);
	for (size_t i = 0; argc == 1 && i < api->entry_count; i++)
		put_docs(e, api, &api->entries[i]);
	for (size_t i = 1; i < argc; i++) {
		const struct api_entry *entry = api_table_find(api, api_call_arg(call, i));

		if (entry)
			put_docs(e, api, entry);
	}
	api_reply_end(call);
}

static void reply_list(const struct api *api, struct api_call *call)
{
	struct api_encoder *e = api_reply_begin(call);
	char name[NAME_LEN_MAX];

	api_encode_array(e, api->entry_count);
	for (size_t i = 0; i < api->entry_count; i++)
		api_encode_text(e, lower(api->entries[i].command->name, name));
	api_reply_end(call);
}

void api_docs_run(void *arg, struct api_call *call)
{
	const struct api *api = arg;
	struct api_arg sub = api_call_arg(call, 0);

	if (!api_call_argc(call)) {
		reply_all(api, call);
	} else if (api_arg_is(sub, "DOCS")) {
		reply_docs(api, call);
	} else if (api_arg_is(sub, "INFO")) {
		reply_info(api, call);
	} else if (api_arg_is(sub, "LIST") && api_call_argc(call) == 1) {
		reply_list(api, call);
	} else if (api_arg_is(sub, "COUNT") && api_call_argc(call) == 1) {
		api_encode_integer(api_reply_begin(call), (int64_t)api->entry_count);
		api_reply_end(call);
	} else {
		api_reply_error(call, "ERR", NULL, 0, "unknown subcommand of 'command'");
	}
}
