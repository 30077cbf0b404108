/*
 * commands: what a backend may ask. The same rows dispatch, document and complete. What is refused for load is refused
 * before it is read, so that a flood of it costs little.
 */
#include "commands.h"

#include "flow/ask/entry.h"
#include "flow/ask/query.h"
#include "flow/ask/send.h"
#include "flow/ask/verify.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct api_arg_doc send_args[] = {
	{ "number", "string", NULL, false, false },      { "purpose", "string", "PURPOSE", true, false },
	{ "subject", "string", "SUBJECT", true, false }, { "template", "string", "TEMPLATE", true, false },
	{ "lang", "string", "LANG", true, false },       { "seconds", "integer", "TTL", true, false },
	{ "digits", "integer", "LENGTH", true, false },  { "sender", "string", "SENDER", true, false },
	{ "key", "string", "REQID", true, false },       { "name=value", "string", "VAR", true, true },
	{ "0|1", "string", "KNOWN", true, false },       { "ID|FULL", "string", "REPLY", true, false },
};

static const struct api_arg_doc resend_args[] = {
	{ "id", "string", NULL, false, false },
	{ "key", "string", "REQID", true, false },
	{ "ID|FULL", "string", "REPLY", true, false },
};

static const struct api_arg_doc verify_args[] = {
	{ "id", "string", NULL, false, false },
	{ "code", "string", NULL, false, false },
	{ "key", "string", "REQID", true, false },
};

static const struct api_arg_doc status_args[] = {
	{ "id", "string", NULL, false, false },
	{ "field", "string", "FIELD", true, false },
};

static const struct api_arg_doc cancel_args[] = { { "id", "string", NULL, false, false } };
static const struct api_arg_doc check_args[] = { { "number", "string", NULL, false, false } };

static void run_send(void *arg, struct api_call *call)
{
	const struct ask_uses *u = arg;

	if (entry_open(u, call, GATE_SENDING))
		send_start(u, call);
}

static void run_resend(void *arg, struct api_call *call)
{
	const struct ask_uses *u = arg;

	if (entry_open(u, call, GATE_SENDING))
		send_resend(u, call);
}

static void run_verify(void *arg, struct api_call *call)
{
	const struct ask_uses *u = arg;

	if (entry_open(u, call, GATE_VERIFYING))
		verify_start(u, call);
}

static void run_status(void *arg, struct api_call *call)
{
	const struct ask_uses *u = arg;

	if (entry_open(u, call, GATE_ASKING))
		query_status(u, call);
}

static void run_cancel(void *arg, struct api_call *call)
{
	const struct ask_uses *u = arg;

	if (entry_open(u, call, GATE_ASKING))
		query_cancel(u, call);
}

static void run_check(void *arg, struct api_call *call)
{
	query_check(arg, call);
}

static const struct api_command commands[] = {
	{ .name = "OTP.SEND",
	  .args_min = 1,
	  .args_max = -1,
	  .run = run_send,
	  .args = send_args,
	  .arg_count = COUNT(send_args),
	  .summary = "Makes a code and sends it by SMS; returns the id of the verification.",
	  .complexity = "O(1); answers when the request is in Redis, not when the SMS is sent" },
	{ .name = "OTP.RESEND",
	  .args_min = 1,
	  .args_max = -1,
	  .run = run_resend,
	  .args = resend_args,
	  .arg_count = COUNT(resend_args),
	  .summary = "Sends the same code of a live verification once more.",
	  .complexity = "O(1)" },
	{ .name = "OTP.VERIFY",
	  .args_min = 2,
	  .args_max = -1,
	  .run = run_verify,
	  .args = verify_args,
	  .arg_count = COUNT(verify_args),
	  .summary = "Judges a typed code: OK once, an error in every other case.",
	  .complexity = "O(1)" },
	{ .name = "OTP.STATUS",
	  .args_min = 1,
	  .args_max = -1,
	  .run = run_status,
	  .args = status_args,
	  .arg_count = COUNT(status_args),
	  .summary = "Tells state and delivery of a verification, or one field of it.",
	  .complexity = "O(1)" },
	{ .name = "OTP.CANCEL",
	  .args_min = 1,
	  .args_max = -1,
	  .run = run_cancel,
	  .args = cancel_args,
	  .arg_count = COUNT(cancel_args),
	  .summary = "Ends a live verification; its code is dead.",
	  .complexity = "O(1)" },
	{ .name = "OTP.CHECK",
	  .args_min = 1,
	  .args_max = 1,
	  .run = run_check,
	  .args = check_args,
	  .arg_count = COUNT(check_args),
	  .summary = "Tells what is known of a number, and why it would be refused; sends nothing.",
	  .complexity = "O(1)" },
};

const struct api_command *commands_table(size_t *count)
{
	*count = COUNT(commands);
	return commands;
}
