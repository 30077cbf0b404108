/*
 * call: what a handler sees of one request, and the replies that end it. Doors of api.h.
 * Owns nothing: the call belongs to its connection. Never answers twice, never keeps an argument.
 */
#include "api/conn.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>

size_t api_call_argc(const struct api_call *call)
{
	return call->argc;
}

struct api_arg api_call_arg(const struct api_call *call, size_t i)
{
	if (!call->request || i >= call->argc)
		return (struct api_arg){ "", 0 };
	return call->request->argv[i + 1];
}

const struct api_command *api_call_command(const struct api_call *call)
{
	return call->command;
}

const void *api_call_peer(const struct api_call *call)
{
	return call->conn->peer;
}

uint64_t api_call_client(const struct api_call *call)
{
	return call->conn->id;
}

uint32_t *api_call_tally(const struct api_call *call, size_t i)
{
	return &call->conn->tallies[i];
}

void api_call_tag(struct api_call *call, const char *tag)
{
	snprintf(call->tag, sizeof(call->tag), "%s", tag);
}

int64_t api_call_behind_ms(const struct api_call *call)
{
	return call->conn->behind_ms ? clock_mono_ms() - call->conn->behind_ms : 0;
}

void api_reply_ok(struct api_call *call)
{
	api_encode_bulk(api_conn_begin(call), "OK", 2);
	api_conn_end(call);
}

void api_reply_bulk(struct api_call *call, const char *text, size_t len)
{
	api_encode_bulk(api_conn_begin(call), text, len);
	api_conn_end(call);
}

void api_reply_null(struct api_call *call)
{
	api_encode_null(api_conn_begin(call));
	api_conn_end(call);
}

void api_reply_map(struct api_call *call, const struct api_pair *pairs, size_t n)
{
	struct api_encoder *e = api_conn_begin(call);

	api_encode_map(e, n);
	for (size_t i = 0; i < n; i++) {
		api_encode_text(e, pairs[i].key);
		api_encode_text(e, pairs[i].value);
	}
	api_conn_end(call);
}

void api_reply_error(struct api_call *call, const char *code, const struct api_field *fields, size_t n,
                     const char *text)
{
	call->outcome = code;
	api_encode_error(api_conn_begin(call), code, fields, n, text);
	api_conn_end(call);
}
