/*
 * client: answers CLIENT SETNAME, GETNAME, SETINFO, ID, INFO, LIST and TRACKING, by which connections set their names
 * and list each other. It must never show a client the connections of another user.
 */
#include "api/client.h"

#include "api/reply.h"
#include "api/server.h"
#include "base/clock.h"

#include <inttypes.h>
#include <string.h>

/* A name has only printable characters and no space, as in Redis. */
static bool is_plain(struct api_arg text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < '!' || text.ptr[i] > '~')
			return false;
	}
	return text.len <= API_CONN_NAME_LEN_MAX;
}

static void keep(char *to, struct api_arg text)
{
	memcpy(to, text.ptr, text.len);
	to[text.len] = '\0';
}

bool api_client_set_name(struct api_call *call, struct api_arg name)
{
	if (!is_plain(name)) {
		api_reply_error(call, "ERR", NULL, 0,
		                "Client names cannot contain spaces, newlines or special characters, nor be longer "
		                "than 128 bytes.");
		return false;
	}
	keep(call->conn->name, name);
	return true;
}

static void set_info(struct api_call *call)
{
	struct api_arg key = api_call_arg(call, 1), value = api_call_arg(call, 2);
	char *to = NULL;

	if (api_arg_is(key, "LIB-NAME"))
		to = call->conn->lib_name;
	else if (api_arg_is(key, "LIB-VER"))
		to = call->conn->lib_ver;
	if (!to) {
		api_reply_error(call, "ERR", NULL, 0, "Unrecognized option of CLIENT SETINFO");
	} else if (!is_plain(value)) {
		api_reply_error(call, "ERR", NULL, 0,
		                "CLIENT SETINFO values cannot contain spaces, newlines or special characters.");
	} else {
		keep(to, value);
		api_reply_status(call, "OK");
	}
}

static enum err describe(const struct api_conn *c, struct buf *out)
{
	int64_t now_ms = clock_mono_ms();

	return buf_printf(out,
	                  "id=%" PRIu64 " fd=%d name=%s age=%" PRId64 " idle=%" PRId64
	                  " uid=%lu user=%s cmd=%s lib-name=%s lib-ver=%s resp=%d\n",
	                  c->id, c->fd, c->name, (now_ms - c->born_ms) / 1000, (now_ms - c->active_ms) / 1000,
	                  (unsigned long)c->uid, c->peer_name ? c->peer_name : "", c->last_command, c->lib_name,
	                  c->lib_ver, c->resp);
}

static void list(const struct api *api, struct api_call *call, bool all)
{
	struct buf text;
	enum err err = ERR_OK;

	buf_init(&text, api->env.opts.max_output);
	for (const struct api_conn *c = LIST_FIRST(&api->conns); c && !err; c = LIST_NEXT(c, in_all)) {
		if (c == call->conn || (all && c->state < API_CONN_FAILED && c->uid == call->conn->uid))
			err = describe(c, &text);
	}
	if (err)
		api_reply_error(call, "INTERNAL", NULL, 0, "the list is too long");
	else
		api_reply_bulk(call, (const char *)buf_data(&text), buf_len(&text));
	buf_clear(&text);
}

/* CLIENT TRACKING is accepted and does nothing, because no reply may be cached and so none is ever invalidated. */
static void track(struct api_call *call)
{
	static const char *const words[] = { "BCAST", "OPTIN", "OPTOUT", "NOLOOP" };
	struct api_arg on = api_call_arg(call, 1);
	size_t argc = api_call_argc(call);
	bool good = api_arg_is(on, "ON") || api_arg_is(on, "OFF");

	for (size_t i = 2; good && i < argc; i++) {
		struct api_arg word = api_call_arg(call, i);
		bool with_value = api_arg_is(word, "REDIRECT") || api_arg_is(word, "PREFIX");

		good = with_value && ++i < argc;
		for (size_t k = 0; !with_value && k < sizeof(words) / sizeof(words[0]); k++)
			good = good || api_arg_is(word, words[k]);
	}
	if (good)
		api_reply_status(call, "OK");
	else
		api_reply_error(call, "ERR", NULL, 0, "syntax error");
}

void api_client_run(void *arg, struct api_call *call)
{
	const struct api *api = arg;
	struct api_arg sub = api_call_arg(call, 0);
	size_t argc = api_call_argc(call);

	if (api_arg_is(sub, "SETNAME") && argc == 2) {
		if (api_client_set_name(call, api_call_arg(call, 1)))
			api_reply_status(call, "OK");
	} else if (api_arg_is(sub, "GETNAME") && argc == 1) {
		if (*call->conn->name)
			api_reply_bulk(call, call->conn->name, strlen(call->conn->name));
		else
			api_reply_null(call);
	} else if (api_arg_is(sub, "SETINFO") && argc == 3) {
		set_info(call);
	} else if (api_arg_is(sub, "TRACKING") && argc >= 2) {
		track(call);
	} else if (api_arg_is(sub, "ID") && argc == 1) {
		api_encode_integer(api_reply_begin(call), (int64_t)call->conn->id);
		api_reply_end(call);
	} else if (api_arg_is(sub, "INFO") && argc == 1) {
		list(api, call, false);
	} else if (api_arg_is(sub, "LIST") && argc == 1) {
		list(api, call, true);
	} else {
		api_reply_error(call, "ERR", NULL, 0, "unknown subcommand or wrong number of arguments for 'client'");
	}
}
