/*
 * client: requests and answers without a socket: what daemon/api gives the flows, for one request at a time. Owns the
 * requests until they are answered; must never answer one itself.
 */
#include "client.h"

#include "story.h"
#include "world.h"
#include "../fakes/saw.h"

#include "api/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPTION_MAX 24
#define TEXT_CAP 2048

struct client {
	const char *name;
	uid_t uid;
	uint64_t number;
	int64_t behind_ms;
	uint32_t tallies[API_TALLIES];
};

struct api_call {
	struct api_call *next;
	struct client *client;
	const void *peer;
	const struct api_command *command;
	uint64_t note;
	char name[32];
	size_t argc; /* after the command's name */
	char *argv[OPTION_MAX];
};

static struct client clients[] = {
	{ .name = "client", .uid = WORLD_UID, .number = 1 },
	{ .name = "client2", .uid = WORLD_UID, .number = 2 },
	{ .name = "rival", .uid = WORLD_RIVAL_UID, .number = 3 },
};

static struct api_call *open_calls;

struct client *client_find(const char *name)
{
	for (size_t i = 0; i < sizeof(clients) / sizeof(clients[0]); i++)
		if (strcmp(clients[i].name, name) == 0)
			return &clients[i];
	return NULL;
}

void client_lags(struct client *c, int64_t ms)
{
	c->behind_ms = ms;
}

static void call_free(struct api_call *call)
{
	struct api_call **at = &open_calls;

	while (*at && *at != call)
		at = &(*at)->next;
	if (*at)
		*at = call->next;
	for (size_t i = 0; i < call->argc; i++)
		free(call->argv[i]);
	free(call);
}

void client_ask(struct client *c, const char *name, size_t argc, const char *const *argv)
{
	struct api_hooks hooks = world_api_hooks();
	const struct api_command *command = NULL;
	const char *tenant = NULL;
	struct api_call *call = calloc(1, sizeof(*call));

	for (size_t i = 0; i < hooks.command_count; i++)
		if (strcmp(hooks.commands[i].name, argv[0]) == 0)
			command = &hooks.commands[i];
	if (!call || !command || argc > OPTION_MAX)
		story_fail("no request can be made of this");
	call->client = c;
	call->command = command;
	call->peer = hooks.peer(hooks.arg, c->uid, NULL, 0, &tenant);
	if (!call->peer)
		story_fail("%s belongs to no tenant", c->name);
	snprintf(call->name, sizeof(call->name), "%s", name);
	call->argc = argc - 1;
	for (size_t i = 1; i < argc; i++) {
		call->argv[i - 1] = strdup(argv[i]);
		if (!call->argv[i - 1])
			abort();
	}
	call->next = open_calls;
	open_calls = call;
	command->run(hooks.arg, call);
}

void client_forget_all(void)
{
	while (open_calls)
		call_free(open_calls);
}

const char *client_unanswered(void)
{
	return open_calls ? open_calls->name : NULL;
}

/* --- what the flows ask of a request --- */

size_t api_call_argc(const struct api_call *call)
{
	return call->argc;
}

struct api_arg api_call_arg(const struct api_call *call, size_t i)
{
	return (struct api_arg){ call->argv[i], strlen(call->argv[i]) };
}

const struct api_command *api_call_command(const struct api_call *call)
{
	return call->command;
}

bool __wrap_api_options_read(const struct api_call *call, const struct api_options *options, void *out,
                             struct api_fault *fault);

/* The real one reads them from a connection's request. */
bool __wrap_api_options_read(const struct api_call *call, const struct api_options *options, void *out,
                             struct api_fault *fault)
{
	const struct api_option_set set = { .all = *options, .bit = call->command->bit };
	size_t from = (size_t)call->command->args_min, n = 0;
	struct api_arg args[OPTION_MAX];

	for (size_t i = from; i < call->argc; i++)
		args[n++] = api_call_arg(call, i);
	return api_options_parse(&set, args, n, out, fault);
}

const void *api_call_peer(const struct api_call *call)
{
	return call->peer;
}

uint64_t api_call_client(const struct api_call *call)
{
	return call->client->number;
}

uint32_t *api_call_tally(const struct api_call *call, size_t i)
{
	return &call->client->tallies[i];
}

void api_call_tag(struct api_call *call, const char *tag)
{
	(void)call;
	(void)tag;
}

void api_call_note(struct api_call *call, uint64_t note)
{
	call->note = note;
}

uint64_t api_call_noted(const struct api_call *call)
{
	return call->note;
}

int64_t api_call_behind_ms(const struct api_call *call)
{
	return call->client->behind_ms;
}

/* --- answers --- */

static void got(struct api_call *call, const char *what)
{
	fake_saw(true, "%s gets %s %s", call->client->name, call->name, what);
	call_free(call);
}

/* An id is shown as the name of its verification. */
static const char *shown(const char *value, size_t len)
{
	struct ident id;

	if (len == IDENT_TEXT_LEN && ident_parse(value, len, &id) == ERR_OK)
		return fake_name(&id);
	return value;
}

void api_reply_ok(struct api_call *call)
{
	got(call, "OK");
}

void api_reply_bulk(struct api_call *call, const char *text, size_t len)
{
	char out[TEXT_CAP], copy[TEXT_CAP - 8];
	const char *name;

	snprintf(copy, sizeof(copy), "%.*s", (int)len, text);
	name = shown(copy, len);
	if (name == copy)
		snprintf(out, sizeof(out), "text %s", copy);
	else
		snprintf(out, sizeof(out), "id of %s", name);
	got(call, out);
}

void api_reply_null(struct api_call *call)
{
	got(call, "nothing");
}

void api_reply_map(struct api_call *call, const struct api_pair *pairs, size_t n)
{
	char out[TEXT_CAP] = "map";
	size_t len = strlen(out);

	for (size_t i = 0; i < n; i++)
		len += (size_t)snprintf(out + len, sizeof(out) - len, " %s=%s", pairs[i].key,
		                        shown(pairs[i].value, strlen(pairs[i].value)));
	got(call, out);
}

void api_reply_error(struct api_call *call, const char *code, const struct api_field *fields, size_t n,
                     const char *text)
{
	const struct api_hooks hooks = world_api_hooks();
	struct api_error e = { .code = code, .fields = fields, .n = n, .text = text };
	struct api_error_room room;
	char out[TEXT_CAP];

	hooks.error(hooks.arg, call, &e, &room);
	size_t len = (size_t)snprintf(out, sizeof(out), "-%s", e.code);

	for (size_t i = 0; i < e.n; i++)
		len += (size_t)snprintf(out + len, sizeof(out) - len, " %s=%s", e.fields[i].key,
		                        shown(e.fields[i].value, strlen(e.fields[i].value)));
	fake_saw(false, "%s reads that %s", call->client->name, e.text);
	got(call, out);
}
