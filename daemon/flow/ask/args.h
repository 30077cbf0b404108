/*
 * args: the NAME value options behind a command's positional arguments. An unknown option is refused, never ignored.
 */
#ifndef FLOW_ASK_ARGS_H
#define FLOW_ASK_ARGS_H

#include "api.h"
#include "otp/text.h"

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

#define ARGS_BIT(option) (1U << (option))

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

/* Reads the options from argument `from` on. False: the call has been answered with BADARG. */
bool args_parse(struct api_call *call, size_t from, unsigned allowed, struct args *out);

#endif
