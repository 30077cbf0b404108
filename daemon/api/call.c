/*
 * call: implements the functions of api.h by which a handler reads its request. Owns nothing, because the call belongs
 * to its connection. It must never answer a call or keep an argument.
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
	return call->conn->behind_ms ? clock_mono_ms() - call->conn->behind_ms : 0;
}
