/*
 * args: options of a request, checked for name, repetition, presence of a value, length and form.
 * Answers the call itself on the first thing that is wrong; nothing has been decided by then.
 */
#include "args.h"

#include "base/buf.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

struct option_rule {
	const char *name;
	size_t len_max;
};

static const struct option_rule rules[ARGS_OPTIONS] = {
	[ARGS_PURPOSE] = { "PURPOSE", TEXT_NAME_CAP - 1 },
	[ARGS_SUBJECT] = { "SUBJECT", 128 },
	[ARGS_TEMPLATE] = { "TEMPLATE", TEXT_NAME_CAP - 1 },
	[ARGS_LANG] = { "LANG", TEXT_NAME_CAP - 1 },
	[ARGS_TTL] = { "TTL", 9 },
	[ARGS_LENGTH] = { "LENGTH", 9 },
	[ARGS_SENDER] = { "SENDER", 20 },
	[ARGS_REQID] = { "REQID", 128 },
	[ARGS_REPLY] = { "REPLY", 4 },
	[ARGS_FIELD] = { "FIELD", TEXT_NAME_CAP - 1 },
	[ARGS_VAR] = { "VAR", 200 },
	[ARGS_KNOWN] = { "KNOWN", 1 },
};

static bool refuse(struct api_call *call, const char *arg, const char *text)
{
	const struct api_field field = { "arg", arg };

	api_reply_error(call, "BADARG", &field, 1, text);
	return false;
}

static bool is_word(struct api_arg arg, const char *word)
{
	return arg.len == strlen(word) && strncasecmp(arg.ptr, word, arg.len) == 0;
}

static bool refuse_unknown(struct api_call *call, struct api_arg name, unsigned allowed)
{
	char shown[33], text[200];
	size_t at = 0;

	snprintf(shown, sizeof(shown), "%.*s", (int)(name.len < 32 ? name.len : 32), name.ptr);
	for (int i = 0; i < ARGS_OPTIONS; i++) {
		if (allowed & ARGS_BIT(i))
			at += (size_t)snprintf(text + at, sizeof(text) - at, " %s", rules[i].name);
	}
	char whole[240];
	snprintf(whole, sizeof(whole), "unknown option; allowed are%s", at ? text : " none");
	return refuse(call, shown[0] ? shown : "option", whole);
}

static int option_of(struct api_arg name, unsigned allowed)
{
	for (int i = 0; i < ARGS_OPTIONS; i++) {
		if ((allowed & ARGS_BIT(i)) && is_word(name, rules[i].name))
			return i;
	}
	return -1;
}

static bool take_number(struct api_call *call, const char *name, struct api_arg v, int64_t *out)
{
	int64_t n = 0;

	for (size_t i = 0; i < v.len; i++) {
		if (v.ptr[i] < '0' || v.ptr[i] > '9')
			return refuse(call, name, "must be a whole number in decimal digits");
		n = n * 10 + (v.ptr[i] - '0');
	}
	*out = n;
	return true;
}

static bool take_var(struct api_call *call, struct args *out, struct api_arg v)
{
	const char *eq = memchr(v.ptr, '=', v.len);

	if (!eq || eq == v.ptr)
		return refuse(call, "VAR", "must be name=value");
	if (out->var_count == TEXT_VARS_MAX)
		return refuse(call, "VAR", "at most 8 in a request");
	struct text_var var = { .name = v.ptr, .name_len = (size_t)(eq - v.ptr), .value = eq + 1 };
	var.value_len = v.len - var.name_len - 1;
	for (size_t i = 0; i < out->var_count; i++) {
		if (out->vars[i].name_len == var.name_len && memcmp(out->vars[i].name, var.name, var.name_len) == 0)
			return refuse(call, "VAR", "a name is given twice");
	}
	out->vars[out->var_count++] = var;
	return true;
}

/* An SMS sender: 1-11 letters, digits, spaces and . - _ & with a letter in it, or up to 20 digits. */
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

static bool take_value(struct api_call *call, struct args *out, int option, struct api_arg v)
{
	out->value[option] = v;
	out->given[option] = true;
	switch ((enum args_option)option) {
	case ARGS_TTL:
		return take_number(call, "TTL", v, &out->ttl_s);
	case ARGS_LENGTH:
		return take_number(call, "LENGTH", v, &out->length);
	case ARGS_REPLY:
		out->full = is_word(v, "FULL");
		return out->full || is_word(v, "ID") || refuse(call, "REPLY", "must be ID or FULL");
	case ARGS_SENDER:
		return sender_valid(v) ||
		       refuse(call, "SENDER", "must be 1-11 letters, digits, spaces or . - _ &, or 1-20 digits");
	case ARGS_VAR:
		return take_var(call, out, v);
	case ARGS_KNOWN:
		out->known = is_word(v, "1");
		return out->known || is_word(v, "0") || refuse(call, "KNOWN", "must be 0 or 1");
	case ARGS_PURPOSE:
	case ARGS_SUBJECT:
	case ARGS_TEMPLATE:
	case ARGS_LANG:
	case ARGS_REQID:
	case ARGS_FIELD:
	case ARGS_OPTIONS:
		break;
	}
	return true;
}

bool args_parse(struct api_call *call, size_t from, unsigned allowed, struct args *out)
{
	size_t argc = api_call_argc(call);

	memset(out, 0, sizeof(*out));
	out->ttl_s = -1;
	out->length = -1;
	for (size_t i = from; i < argc; i += 2) {
		struct api_arg name = api_call_arg(call, i);
		int option = option_of(name, allowed);
		char text[64];

		if (option < 0)
			return refuse_unknown(call, name, allowed);
		if (out->given[option] && option != ARGS_VAR)
			return refuse(call, rules[option].name, "given twice");
		if (i + 1 == argc)
			return refuse(call, rules[option].name, "has no value");
		struct api_arg value = api_call_arg(call, i + 1);
		if (value.len == 0 || value.len > rules[option].len_max) {
			snprintf(text, sizeof(text), "must have 1 to %zu octets", rules[option].len_max);
			return refuse(call, rules[option].name, text);
		}
		if (!take_value(call, out, option, value))
			return false;
	}
	return true;
}
