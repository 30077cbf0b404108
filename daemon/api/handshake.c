/*
 * handshake: the commands that Redis clients send before and between their own, with the replies they expect. No such
 * command concerns a verification. AUTH changes no rights, because rights come from the credentials of the peer.
 */
#include "api/handshake.h"

#include "api/client.h"
#include "api/docs.h"
#include "api/reply.h"
#include "api/server.h"
#include "base/clock.h"

#include <inttypes.h>
#include <unistd.h>

#define COMPAT_VERSION "7.0.0" /* the version of Redis that the handshake follows */

static void on_ping(void *arg, struct api_call *call)
{
	struct api_arg text = api_call_arg(call, 0);

	(void)arg;
	if (api_call_argc(call))
		api_reply_bulk(call, text.ptr, text.len);
	else
		api_reply_status(call, "PONG");
}

static void on_echo(void *arg, struct api_call *call)
{
	struct api_arg text = api_call_arg(call, 0);

	(void)arg;
	api_reply_bulk(call, text.ptr, text.len);
}

/*
 * Behaves like a Redis whose default user needs no password: every password is accepted for that user, and no other
 * user exists.
 */
static bool check_user(struct api_call *call, struct api_arg user)
{
	if (api_arg_is(user, "default"))
		return true;
	api_reply_error(call, "WRONGPASS", NULL, 0, "invalid username-password pair or user is disabled.");
	return false;
}

static void on_auth(void *arg, struct api_call *call)
{
	(void)arg;
	if (api_call_argc(call) == 1 || check_user(call, api_call_arg(call, 0)))
		api_reply_status(call, "OK");
}

static void reply_hello(struct api_call *call)
{
	struct api_encoder *e = api_reply_begin(call);

	api_encode_map(e, 7);
	api_encode_text(e, "server");
	api_encode_text(e, "otpgwd");
	api_encode_text(e, "version");
	api_encode_text(e, COMPAT_VERSION);
	api_encode_text(e, "proto");
	api_encode_integer(e, call->resp);
	api_encode_text(e, "id");
	api_encode_integer(e, (int64_t)api_call_client(call));
	api_encode_text(e, "mode");
	api_encode_text(e, "standalone");
	api_encode_text(e, "role");
	api_encode_text(e, "master");
	api_encode_text(e, "modules");
	api_encode_array(e, 0);
	api_reply_end(call);
}

/* HELLO changes nothing until all of its arguments have been checked. */
static void on_hello(void *arg, struct api_call *call)
{
	struct api_arg version = api_call_arg(call, 0), name = { NULL, 0 };
	size_t argc = api_call_argc(call);
	bool named = false;

	(void)arg;
	if (argc && (version.len != 1 || (*version.ptr != '2' && *version.ptr != '3'))) {
		api_reply_error(call, "NOPROTO", NULL, 0, "unsupported protocol version");
		return;
	}
	for (size_t i = 1; i < argc;) {
		if (api_arg_is(api_call_arg(call, i), "AUTH") && argc - i > 2) {
			if (!check_user(call, api_call_arg(call, i + 1)))
				return;
			i += 3;
		} else if (api_arg_is(api_call_arg(call, i), "SETNAME") && argc - i > 1) {
			name = api_call_arg(call, i + 1);
			named = true;
			i += 2;
		} else {
			api_reply_error(call, "ERR", NULL, 0, "syntax error in HELLO");
			return;
		}
	}
	if (named && !api_client_set_name(call, name))
		return;
	if (argc)
		call->resp = call->conn->resp = *version.ptr - '0';
	reply_hello(call);
}

static void on_select(void *arg, struct api_call *call)
{
	struct api_arg db = api_call_arg(call, 0);

	(void)arg;
	if (db.len == 1 && *db.ptr == '0')
		api_reply_status(call, "OK");
	else
		api_reply_error(call, "ERR", NULL, 0, "DB index is out of range");
}

static bool wants_section(const struct api_call *call, const char *section)
{
	if (!api_call_argc(call))
		return true;
	for (size_t i = 0; i < api_call_argc(call); i++) {
		struct api_arg wanted = api_call_arg(call, i);

		if (api_arg_is(wanted, section) || api_arg_is(wanted, "all") || api_arg_is(wanted, "default") ||
		    api_arg_is(wanted, "everything"))
			return true;
	}
	return false;
}

static enum err info_sections(const struct api *api, const struct api_call *call, struct buf *out)
{
	enum err err = ERR_OK;

	if (wants_section(call, "server"))
		err = buf_printf(out,
		                 "# Server\r\nredis_version:" COMPAT_VERSION
		                 "\r\nredis_mode:standalone\r\notpgwd_version:%s\r\n"
		                 "process_id:%ld\r\nuptime_in_seconds:%" PRId64 "\r\n\r\n",
		                 OTPGWD_VERSION, (long)getpid(), (clock_mono_ms() - api->started_ms) / 1000);
	if (!err && wants_section(call, "clients"))
		err = buf_printf(out, "# Clients\r\nconnected_clients:%zu\r\nmaxclients:%u\r\n\r\n", api->clients,
		                 api->env.opts.max_clients);
	if (!err && wants_section(call, "persistence"))
		err = buf_printf(out, "# Persistence\r\nloading:0\r\n\r\n");
	if (!err && wants_section(call, "replication"))
		err = buf_printf(out, "# Replication\r\nrole:master\r\nconnected_slaves:0\r\n\r\n");
	if (!err && wants_section(call, "otpgwd")) {
		err = buf_printf(out, "# Otpgwd\r\n");
		if (!err && api->hooks.info)
			api->hooks.info(api->hooks.arg, out);
	}
	return err;
}

static void on_info(void *arg, struct api_call *call)
{
	const struct api *api = arg;
	struct buf text;

	buf_init(&text, api->env.opts.max_output);
	if (info_sections(api, call, &text))
		api_reply_error(call, "INTERNAL", NULL, 0, "no memory");
	else
		api_reply_bulk(call, (const char *)buf_data(&text), buf_len(&text));
	buf_clear(&text);
}

static void on_quit(void *arg, struct api_call *call)
{
	struct api_conn *conn = call->conn;

	(void)arg;
	api_reply_status(call, "OK");
	api_conn_finish(conn, API_CLOSE_QUIT);
}

static void on_reset(void *arg, struct api_call *call)
{
	(void)arg;
	call->conn->in_multi = false;
	call->conn->name[0] = '\0';
	call->resp = call->conn->resp = 2;
	api_reply_status(call, "RESET");
}

static void on_config(void *arg, struct api_call *call)
{
	static const struct api_pair known[] = { { "save", "" }, { "appendonly", "no" } };
	bool wanted[2] = { false, false };
	struct api_encoder *e;

	(void)arg;
	if (!api_arg_is(api_call_arg(call, 0), "GET") || api_call_argc(call) < 2) {
		api_reply_error(call, "ERR", NULL, 0, "unknown subcommand or wrong number of arguments for 'config'");
		return;
	}
	for (size_t i = 1; i < api_call_argc(call); i++) {
		struct api_arg name = api_call_arg(call, i);

		for (size_t k = 0; k < 2; k++)
			wanted[k] = wanted[k] || api_arg_is(name, known[k].key) || api_arg_is(name, "*");
	}
	e = api_reply_begin(call);
	api_encode_map(e, (size_t)wanted[0] + (size_t)wanted[1]);
	for (size_t k = 0; k < 2; k++) {
		if (!wanted[k])
			continue;
		api_encode_text(e, known[k].key);
		api_encode_text(e, known[k].value);
	}
	api_reply_end(call);
}

static void refuse_transaction(struct api_call *call, bool inside)
{
	struct api_field field = { "reason", "transaction" };

	call->conn->in_multi = inside;
	api_reply_error(call, "DENIED", &field, 1, "transactions are not supported");
}

static void on_multi(void *arg, struct api_call *call)
{
	(void)arg;
	refuse_transaction(call, true);
}

static void on_multi_end(void *arg, struct api_call *call)
{
	(void)arg;
	refuse_transaction(call, false);
}

static const struct api_arg_doc message_docs[] = { { .name = "message", .type = "string", .optional = true } };
static const struct api_arg_doc echo_docs[] = { { .name = "message", .type = "string" } };
static const struct api_arg_doc auth_docs[] = {
	{ .name = "username", .type = "string", .optional = true },
	{ .name = "password", .type = "string" },
};
static const struct api_arg_doc hello_docs[] = {
	{ .name = "protover", .type = "integer", .optional = true },
	{ .name = "username password", .type = "string", .token = "AUTH", .optional = true },
	{ .name = "clientname", .type = "string", .token = "SETNAME", .optional = true },
};
static const struct api_arg_doc select_docs[] = { { .name = "0", .type = "integer" } };
static const struct api_arg_doc info_docs[] = {
	{ .name = "section", .type = "string", .optional = true, .multiple = true },
};
static const struct api_arg_doc client_docs[] = {
	{ .name = "ID|INFO|LIST|GETNAME|SETNAME|SETINFO|TRACKING", .type = "string" },
	{ .name = "value", .type = "string", .optional = true, .multiple = true },
};
static const struct api_arg_doc command_docs[] = {
	{ .name = "COUNT|DOCS|INFO|LIST", .type = "string", .optional = true },
	{ .name = "command-name", .type = "string", .optional = true, .multiple = true },
};
static const struct api_arg_doc config_docs[] = {
	{ .name = "parameter", .type = "string", .token = "GET", .multiple = true },
};

#define DOCS(list) .args = (list), .arg_count = sizeof(list) / sizeof((list)[0])

static const struct api_command commands[] = {
	{ "PING", 0, 1, on_ping, "Says PONG, or the message.", "O(1)", DOCS(message_docs) },
	{ "ECHO", 1, 1, on_echo, "Says the message.", "O(1)", DOCS(echo_docs) },
	{ "HELLO", 0, -1, on_hello, "Chooses the protocol version.", "O(1)", DOCS(hello_docs) },
	{ "AUTH", 1, 2, on_auth, "Accepted for compatibility; rights come from the peer's uid.", "O(1)",
	  DOCS(auth_docs) },
	{ "SELECT", 1, 1, on_select, "Accepts database 0.", "O(1)", DOCS(select_docs) },
	{ "INFO", 0, -1, on_info, "Tells the state of the daemon.", "O(1)", DOCS(info_docs) },
	{ "QUIT", 0, -1, on_quit, "Closes the connection.", "O(1)", .args = NULL },
	{ "RESET", 0, 0, on_reset, "Resets the connection's state.", "O(1)", .args = NULL },
	{ "CLIENT", 1, -1, api_client_run, "Names and lists connections.", "O(n) in connections", DOCS(client_docs) },
	{ "COMMAND", 0, -1, api_docs_run, "Describes the commands.", "O(n) in commands", DOCS(command_docs) },
	{ "CONFIG", 1, -1, on_config, "Answers what load tools ask.", "O(1)", DOCS(config_docs) },
	{ "MULTI", 0, 0, on_multi, "Refused: there are no transactions.", "O(1)", .args = NULL },
	{ "EXEC", 0, 0, on_multi_end, "Refused: there are no transactions.", "O(1)", .args = NULL },
	{ "DISCARD", 0, 0, on_multi_end, "Refused: there are no transactions.", "O(1)", .args = NULL },
};

const struct api_command *api_handshake_commands(size_t *n)
{
	*n = sizeof(commands) / sizeof(commands[0]);
	return commands;
}
