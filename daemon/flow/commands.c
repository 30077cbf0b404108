/*
 * commands: the table of the commands that a backend may send. The same rows are used to run the commands and to
 * document them in COMMAND DOCS; the rows of their options are in ask/options.c. Owns nothing. A request is refused for
 * load before its arguments are read, so that a flood of requests costs little.
 */
#include "commands.h"

#include "flow/ask/options.h"
#include "flow/ask/entry.h"
#include "flow/ask/prove.h"
#include "flow/ask/query.h"
#include "flow/ask/say.h"
#include "flow/ask/redirect.h"
#include "flow/ask/reverse.h"
#include "flow/ask/send.h"
#include "flow/ask/verify.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct api_arg_doc number_arg[] = { { .name = "number", .type = "string" } };
static const struct api_arg_doc id_arg[] = { { .name = "id", .type = "string" } };
static const struct api_arg_doc verify_args[] = {
	{ .name = "id", .type = "string" },
	{ .name = "code", .type = "string" },
};

static const struct api_arg_doc redirect_args[] = {
	{ .name = "id", .type = "string" },
	{ .name = "number", .type = "string" },
};

/* What run needs to know of a command. */
struct use {
	/* The kind of its request to Redis. OVERLOAD_KINDS: it does not ask Redis and is never refused for load. */
	enum overload_kind kind;
	void (*start)(const struct ask_uses *u, struct api_call *call);
};

static void run(void *arg, struct api_call *call)
{
	const struct use *use = api_call_command(call)->use;
	const struct ask_uses *u = arg;

	if (!say_read(u, call))
		return;
	if (use->kind == OVERLOAD_KINDS || entry_open(u, call, use->kind))
		use->start(u, call);
}

static const struct api_command commands[] = {
	{ .name = "OTP.SEND",
	  .args_min = 1,
	  .args_max = -1,
	  .bit = OPTION_SEND,
	  .run = run,
	  .use = &(const struct use){ OVERLOAD_SENDING, send_start },
	  .args = number_arg,
	  .arg_count = COUNT(number_arg),
	  .summary = "Makes a code and sends it by SMS; returns the id of the verification.",
	  .complexity = "O(1); answers when the request is in Redis, not when the SMS is sent" },
	{ .name = "OTP.RESEND",
	  .args_min = 1,
	  .args_max = -1,
	  .bit = OPTION_RESEND,
	  .run = run,
	  .use = &(const struct use){ OVERLOAD_SENDING, send_resend },
	  .args = id_arg,
	  .arg_count = COUNT(id_arg),
	  .summary = "Sends the same code of a live verification once more.",
	  .complexity = "O(1)" },
	{ .name = "OTP.VERIFY",
	  .args_min = 2,
	  .args_max = -1,
	  .bit = OPTION_VERIFY,
	  .run = run,
	  .use = &(const struct use){ OVERLOAD_VERIFYING, verify_start },
	  .args = verify_args,
	  .arg_count = COUNT(verify_args),
	  .summary = "Judges a typed code: OK once, an error in every other case.",
	  .complexity = "O(1)" },
	{ .name = "OTP.STATUS",
	  .args_min = 1,
	  .args_max = -1,
	  .bit = OPTION_STATUS,
	  .run = run,
	  .use = &(const struct use){ OVERLOAD_ASKING, query_status },
	  .args = id_arg,
	  .arg_count = COUNT(id_arg),
	  .summary = "Tells state and delivery of a verification, or one field of it.",
	  .complexity = "O(1)" },
	{ .name = "OTP.CANCEL",
	  .args_min = 1,
	  .args_max = -1,
	  .bit = OPTION_CANCEL,
	  .run = run,
	  .use = &(const struct use){ OVERLOAD_ASKING, query_cancel },
	  .args = id_arg,
	  .arg_count = COUNT(id_arg),
	  .summary = "Ends a live verification; its code is dead.",
	  .complexity = "O(1)" },
	{ .name = "OTP.PROOF",
	  .args_min = 1,
	  .args_max = -1,
	  .bit = OPTION_PROOF,
	  .run = run,
	  .use = &(const struct use){ OVERLOAD_ASKING, prove_start },
	  .args = id_arg,
	  .arg_count = COUNT(id_arg),
	  .summary = "Signs a proof that the number of a verified id belongs to its subject.",
	  .complexity = "O(1)" },
	{ .name = "OTP.CHECK",
	  .args_min = 1,
	  .args_max = -1,
	  .bit = OPTION_CHECK,
	  .run = run,
	  .use = &(const struct use){ OVERLOAD_KINDS, query_check },
	  .args = number_arg,
	  .arg_count = COUNT(number_arg),
	  .summary = "Tells what is known of a number, and why it would be refused; sends nothing.",
	  .complexity = "O(1)" },
	{ .name = "OTP.REDIRECT",
	  .args_min = 2,
	  .args_max = -1,
	  .bit = OPTION_REDIRECT,
	  .run = run,
	  .use = &(const struct use){ OVERLOAD_SENDING, redirect_start },
	  .args = redirect_args,
	  .arg_count = COUNT(redirect_args),
	  .summary = "Corrects the number of a live verification: the id stays, and a new code goes to the new number.",
	  .complexity = "O(1); answers when the request is in Redis, not when the SMS is sent" },
	{ .name = "OTP.REVERSE",
	  .args_min = 0,
	  .args_max = -1,
	  .bit = OPTION_REVERSE,
	  .run = run,
	  .use = &(const struct use){ OVERLOAD_SENDING, reverse_start },
	  .summary = "Opens a verification that the person's own SMS verifies; returns its id and the text to send.",
	  .complexity = "O(1)" },
};

void commands_add(struct api_hooks *hooks)
{
	hooks->commands = commands;
	hooks->command_count = COUNT(commands);
	hooks->options = options_all();
}
