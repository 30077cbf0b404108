/*
 * options: reads the options behind a command's arguments: NAME value, NAME value. Checks that the command takes the
 * option, that it is given once, that it has a value, and the length of the value; the row checks the value itself.
 * Pure except for api_options_read. Must never ignore an unknown option.
 */
#include "api/options.h"

#include "api/conn.h"
#include "base/invariant.h"

#include <stdio.h>

static bool fail(struct api_fault *fault, const char *arg, const char *text)
{
	snprintf(fault->arg, sizeof(fault->arg), "%s", arg);
	snprintf(fault->text, sizeof(fault->text), "%s", text);
	return false;
}

static const struct api_option *find(const struct api_option_set *set, struct api_arg name)
{
	const struct api_option *rows = set->all.rows;

	for (size_t i = 0; i < set->all.count; i++) {
		if ((rows[i].commands & set->bit) && api_arg_is(name, rows[i].name))
			return &rows[i];
	}
	return NULL;
}

static const struct api_option *with_id(const struct api_option_set *set, unsigned id)
{
	const struct api_option *rows = set->all.rows;

	for (size_t i = 0; i < set->all.count; i++) {
		if ((rows[i].commands & set->bit) && rows[i].id == id)
			return &rows[i];
	}
	return NULL;
}

static bool fail_unknown(const struct api_option_set *set, struct api_arg name, struct api_fault *fault)
{
	char shown[sizeof(fault->arg)], text[sizeof(fault->text)];
	size_t len = (size_t)snprintf(text, sizeof(text), "unknown option; allowed are"), empty = len;

	snprintf(shown, sizeof(shown), "%.*s", (int)(name.len < 32 ? name.len : 32), name.ptr);
	for (unsigned id = 0; id < API_OPTIONS_MAX; id++) {
		const struct api_option *option = with_id(set, id);

		if (option && len < sizeof(text))
			len += (size_t)snprintf(text + len, sizeof(text) - len, " %s", option->name);
	}
	if (len == empty)
		snprintf(text + len, sizeof(text) - len, " none");
	return fail(fault, shown[0] ? shown : "option", text);
}

bool api_options_parse(const struct api_option_set *set, const struct api_arg *args, size_t n, void *out,
                       struct api_fault *fault)
{
	uint32_t given = 0;

	for (size_t i = 0; i < n; i += 2) {
		const struct api_option *option = find(set, args[i]);
		const char *wrong;

		if (!option)
			return fail_unknown(set, args[i], fault);
		if ((given >> option->id & 1) && !option->multiple)
			return fail(fault, option->name, "given twice");
		given |= UINT32_C(1) << option->id;
		if (i + 1 == n)
			return fail(fault, option->name, "has no value");
		if (args[i + 1].len == 0 || args[i + 1].len > option->len_max) {
			fail(fault, option->name, "");
			snprintf(fault->text, sizeof(fault->text), "must have 1 to %zu octets", option->len_max);
			return false;
		}
		wrong = option->take(option, args[i + 1], out);
		if (wrong)
			return fail(fault, option->name, wrong);
	}
	return true;
}

bool api_options_read(const struct api_call *call, const struct api_options *options, void *out,
                      struct api_fault *fault)
{
	const struct api_option_set set = { .all = *options, .bit = call->command->bit };
	size_t from = (size_t)call->command->args_min;

	if (!invariant(call->request && call->argc >= from))
		return fail(fault, "request", "must be whole");
	return api_options_parse(&set, call->request->argv + 1 + from, call->argc - from, out, fault);
}
