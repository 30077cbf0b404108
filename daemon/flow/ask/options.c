/*
 * options: the table of all options, one row each: which commands take it, how its value is named and limited, and the
 * function that reads it. A new option needs a row here, a name in options.h, and, if requests that differ in it are
 * different requests, an entry in idempotency.c. Owns nothing. The first fault is answered before anything is decided.
 */
#include "options.h"

#include "answer.h"

#include <string.h>

static const char *take_text(const struct api_option *option, struct api_arg v, void *out)
{
	struct options *a = out;

	a->value[option->id] = v;
	a->given[option->id] = true;
	return NULL;
}

static const char *read_number(struct api_arg v, int64_t *out)
{
	int64_t n = 0;

	for (size_t i = 0; i < v.len; i++) {
		if (v.ptr[i] < '0' || v.ptr[i] > '9')
			return "must be a whole number in decimal digits";
		n = n * 10 + (v.ptr[i] - '0');
	}
	*out = n;
	return NULL;
}

static const char *take_ttl(const struct api_option *option, struct api_arg v, void *out)
{
	struct options *a = out;

	take_text(option, v, a);
	return read_number(v, &a->ttl_s);
}

static const char *take_length(const struct api_option *option, struct api_arg v, void *out)
{
	struct options *a = out;

	take_text(option, v, a);
	return read_number(v, &a->length);
}

static const char *take_reply(const struct api_option *option, struct api_arg v, void *out)
{
	struct options *a = out;

	take_text(option, v, a);
	a->full = api_arg_is(v, "FULL");
	return a->full || api_arg_is(v, "ID") ? NULL : "must be ID or FULL";
}

static const char *take_known(const struct api_option *option, struct api_arg v, void *out)
{
	struct options *a = out;

	take_text(option, v, a);
	a->known = api_arg_is(v, "1");
	return a->known || api_arg_is(v, "0") ? NULL : "must be 0 or 1";
}

static const char *take_reason(const struct api_option *option, struct api_arg v, void *out)
{
	struct options *a = out;

	take_text(option, v, a);
	for (int i = CANCEL_UNSAID + 1; i < CANCEL_COUNT; i++) {
		if (api_arg_is(v, lifecycle_cancel_name((enum lifecycle_cancel)i)))
			a->cancel = (enum lifecycle_cancel)i;
	}
	return a->cancel ? NULL : "must be other_method, left or verified_elsewhere";
}

static const char *take_var(const struct api_option *option, struct api_arg v, void *out)
{
	struct options *a = out;
	const char *eq = memchr(v.ptr, '=', v.len);

	take_text(option, v, a);
	if (!eq || eq == v.ptr)
		return "must be name=value";
	if (a->var_count == TEXT_VARS_MAX)
		return "at most 8 in a request";
	struct text_var var = { .name = v.ptr, .name_len = (size_t)(eq - v.ptr), .value = eq + 1 };
	var.value_len = v.len - var.name_len - 1;
	for (size_t i = 0; i < a->var_count; i++) {
		if (a->vars[i].name_len == var.name_len && memcmp(a->vars[i].name, var.name, var.name_len) == 0)
			return "a name is given twice";
	}
	a->vars[a->var_count++] = var;
	return NULL;
}

static const char *take_bind(const struct api_option *option, struct api_arg v, void *out)
{
	struct options *a = out;

	take_text(option, v, a);
	return binding_add(&a->binding, v);
}

/*
 * An SMS sender: 1-11 letters, digits, spaces and . - _ & of which at least one is not a digit, or up to 20 digits. The
 * table limits the length.
 */
static bool sender_valid(struct api_arg v)
{
	size_t letters = 0;

	for (size_t i = 0; i < v.len; i++) {
		char c = v.ptr[i];
		bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');

		if (!letter && !(c >= '0' && c <= '9') && !(c && strchr(" .-_&", c)))
			return false;
		letters += letter || !(c >= '0' && c <= '9');
	}
	return letters ? v.len <= 11 : true;
}

static const char *take_sender(const struct api_option *option, struct api_arg v, void *out)
{
	take_text(option, v, out);
	return sender_valid(v) ? NULL : "must be 1-11 letters, digits, spaces or . - _ &, or 1-20 digits";
}

#define NAME_LEN_MAX (TEXT_NAME_CAP - 1)
#define CANCEL_REASONS "other_method|left|verified_elsewhere"
#define WITH_SAY (~0U) /* every command; say_read reads it before the others */
#define WITH_REQID (OPTION_SEND | OPTION_RESEND | OPTION_VERIFY | OPTION_REDIRECT | OPTION_REVERSE)
#define OPENS (OPTION_SEND | OPTION_REVERSE)

/* In the order in which COMMAND DOCS shows them. */
static const struct api_option options[] = {
	{ OPTION_PURPOSE, "PURPOSE", OPENS, "purpose", "string", NAME_LEN_MAX, false, take_text },
	{ OPTION_SUBJECT, "SUBJECT", OPENS | OPTION_REDIRECT | OPTION_PROOF, "subject", "string", 128, false,
	  take_text },
	{ OPTION_TEMPLATE, "TEMPLATE", OPTION_SEND, "template", "string", NAME_LEN_MAX, false, take_text },
	{ OPTION_LANG, "LANG", OPENS, "lang", "string", NAME_LEN_MAX, false, take_text },
	{ OPTION_TTL, "TTL", OPTION_SEND, "seconds", "integer", 9, false, take_ttl },
	{ OPTION_LENGTH, "LENGTH", OPTION_SEND, "digits", "integer", 9, false, take_length },
	{ OPTION_SENDER, "SENDER", OPTION_SEND, "sender", "string", 20, false, take_sender },
	{ OPTION_REQID, "REQID", WITH_REQID, "key", "string", 128, false, take_text },
	{ OPTION_VAR, "VAR", OPTION_SEND, "name=value", "string", 200, true, take_var },
	{ OPTION_KNOWN, "KNOWN", OPTION_SEND, "0|1", "string", 1, false, take_known },
	{ OPTION_REPLY, "REPLY", OPTION_SEND | OPTION_RESEND | OPTION_REDIRECT, "ID|FULL", "string", 4, false,
	  take_reply },
	{ OPTION_CODE, "CODE", OPTION_SEND, "code", "string", CODE_LEN_MAX, false, take_text },
	{ OPTION_FIELD, "FIELD", OPTION_STATUS, "field", "string", NAME_LEN_MAX, false, take_text },
	{ OPTION_REASON, "REASON", OPTION_CANCEL, CANCEL_REASONS, "string", NAME_LEN_MAX, false, take_reason },
	{ OPTION_BIND, "BIND", OPTION_SEND | OPTION_VERIFY, "name=value", "string", 200, true, take_bind },
	{ OPTION_AUD, "AUD", OPTION_PROOF, "audience", "string", 255, false, take_text },
	{ OPTION_SAY, "SAY", WITH_SAY, "lang", "string", NAME_LEN_MAX, false, take_text },
	{ OPTION_NUMBER, "NUMBER", OPTION_REVERSE, "number", "string", 64, false, take_text },
};

_Static_assert(sizeof(options) / sizeof(options[0]) == OPTION_OPTIONS, "every option has its row");
_Static_assert((int)OPTION_OPTIONS <= (int)API_OPTIONS_MAX, "every option has its bit");

struct api_options options_all(void)
{
	return (struct api_options){ .rows = options, .count = OPTION_OPTIONS };
}

bool options_read(struct api_call *call, struct options *out)
{
	const struct api_options all = options_all();
	struct api_fault fault;

	memset(out, 0, sizeof(*out));
	out->ttl_s = -1;
	out->length = -1;
	if (api_options_read(call, &all, out, &fault))
		return true;
	answer_badarg(call, fault.arg, fault.text);
	return false;
}
