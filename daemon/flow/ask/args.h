/*
 * args: the NAME value options behind a command's positional arguments. An unknown option is refused, never ignored.
 */
#ifndef FLOW_ASK_ARGS_H
#define FLOW_ASK_ARGS_H

#include "api.h"
#include "otp/text.h"

/* The commands that take options. */
enum args_command { ARGS_SEND = 1, ARGS_RESEND = 2, ARGS_VERIFY = 4, ARGS_STATUS = 8 };

/* An option's row is in args.c. */
enum args_option {
	ARGS_PURPOSE,
	ARGS_SUBJECT,
	ARGS_TEMPLATE,
	ARGS_LANG,
	ARGS_TTL,
	ARGS_LENGTH,
	ARGS_SENDER,
	ARGS_REQID,
	ARGS_REPLY,
	ARGS_FIELD,
	ARGS_VAR,
	ARGS_KNOWN,
	ARGS_OPTIONS
};

/* Values point into the call: valid while its handler runs. */
struct args {
	struct api_arg value[ARGS_OPTIONS];
	bool given[ARGS_OPTIONS];
	struct text_var vars[TEXT_VARS_MAX];
	size_t var_count;
	int64_t ttl_s, length; /* -1: not given */
	bool full;             /* REPLY FULL */
	bool known;            /* KNOWN 1 */
};

/* All of them, for the table of commands. */
struct api_options args_options(void);

/* Reads the options that the call's command takes. False: the call has been answered with BADARG. */
bool args_parse(struct api_call *call, struct args *out);

#endif
