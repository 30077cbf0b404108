/*
 * options: reads the "NAME value" options behind a command's arguments. An unknown option is refused, never ignored.
 * Owns nothing; the values that were read belong to the call.
 */
#ifndef FLOW_ASK_OPTIONS_H
#define FLOW_ASK_OPTIONS_H

#include "api.h"
#include "binding.h"
#include "otp/lifecycle.h"
#include "otp/text.h"

/* The commands that take options, as bits for api_option.commands. */
enum option_command {
	OPTION_SEND = 1,
	OPTION_RESEND = 2,
	OPTION_VERIFY = 4,
	OPTION_STATUS = 8,
	OPTION_CANCEL = 16,
	OPTION_CHECK = 32,
	OPTION_REDIRECT = 64,
	OPTION_REVERSE = 128,
	OPTION_PROOF = 256
};

/* Index of an option in struct options. Its row is in options.c. */
enum option_name {
	OPTION_PURPOSE,
	OPTION_SUBJECT,
	OPTION_TEMPLATE,
	OPTION_LANG,
	OPTION_TTL,
	OPTION_LENGTH,
	OPTION_SENDER,
	OPTION_REQID,
	OPTION_REPLY,
	OPTION_FIELD,
	OPTION_VAR,
	OPTION_KNOWN,
	OPTION_CODE,
	OPTION_REASON,
	OPTION_BIND,
	OPTION_AUD,
	OPTION_SAY,
	OPTION_NUMBER,
	OPTION_OPTIONS
};

/* The options of one call. Values point into the call, so they are valid only while its handler runs. */
struct options {
	struct api_arg value[OPTION_OPTIONS];
	bool given[OPTION_OPTIONS];
	struct text_var vars[TEXT_VARS_MAX];
	size_t var_count;
	struct binding binding;       /* BIND */
	int64_t ttl_s, length;        /* -1: not given */
	bool full;                    /* REPLY FULL */
	bool known;                   /* KNOWN 1 */
	enum lifecycle_cancel cancel; /* REASON */
};

/* All options, for the table of commands. */
struct api_options options_all(void);

/* Reads the options that the call's command takes. False: the call has been answered with BADARG. */
bool options_read(struct api_call *call, struct options *out);

#endif
