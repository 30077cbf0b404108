/*
 * reply: the functions of api.h that end a call. The reply to the oldest call of a connection goes to the output. Any
 * other reply waits until the calls before it are answered. Never answers twice.
 */
#include "api/reply.h"

#include "api/calls.h"

struct api_encoder *api_reply_begin(struct api_call *call)
{
	struct api_conn *c = call->conn;
	struct buf *out = call == STAILQ_FIRST(&c->order) ? &c->out : &call->held;

	call->encoder = (struct api_encoder){ .out = c->state >= API_CONN_FAILED ? NULL : out, .resp = call->resp };
	return &call->encoder;
}

void api_reply_end(struct api_call *call)
{
	struct api_conn *c = call->conn;
	enum err err = call->encoder.err;

	api_calls_answered(call);
	if (!err && c->state < API_CONN_FAILED && buf_len(&c->out) + c->held_len > c->env->opts.max_output)
		err = ERR_TOOBIG;
	if (!err)
		err = api_calls_release(c);
	if (err) {
		api_conn_fail(c, err == ERR_TOOBIG ? API_CLOSE_OUTPUT : API_CLOSE_NOMEM);
		(void)!api_calls_release(c);
	}
	loop_defer(c->env->loop, &c->task);
}

void api_reply_status(struct api_call *call, const char *text)
{
	api_encode_status(api_reply_begin(call), text);
	api_reply_end(call);
}

void api_reply_ok(struct api_call *call)
{
	api_encode_bulk(api_reply_begin(call), "OK", 2);
	api_reply_end(call);
}

void api_reply_bulk(struct api_call *call, const char *text, size_t len)
{
	api_encode_bulk(api_reply_begin(call), text, len);
	api_reply_end(call);
}

void api_reply_null(struct api_call *call)
{
	api_encode_null(api_reply_begin(call));
	api_reply_end(call);
}

void api_reply_map(struct api_call *call, const struct api_pair *pairs, size_t n)
{
	struct api_encoder *e = api_reply_begin(call);

	api_encode_map(e, n);
	for (size_t i = 0; i < n; i++) {
		api_encode_text(e, pairs[i].key);
		api_encode_text(e, pairs[i].value);
	}
	api_reply_end(call);
}

void api_reply_error(struct api_call *call, const char *code, const struct api_field *fields, size_t n,
                     const char *text)
{
	struct api_conn_env *env = call->conn->env;
	struct api_error error = { .code = code, .fields = fields, .n = n, .text = text };
	struct api_error_room room;

	call->outcome = code;
	if (call->shown)
		env->on_error(env->arg, call, &error, &room);
	api_encode_error(api_reply_begin(call), &error);
	api_reply_end(call);
}
