/*
 * uniform: which errors become one, and what they keep.
 */
#include "flow/ask/uniform.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* All fields that any error has. */
static const struct api_field all[] = {
	{ "reason", "tenant" },  { "want", "6" }, { "attempts_left", "3" }, { "repeated", "1" },
	{ "retry_after", "60" }, { "ago", "42" }, { "scope", "guesses" },   { "id", "x" },
};

static const char *line_of(const char *code, const char *text)
{
	static char line[256];
	struct api_error e = { .code = code, .fields = all, .n = COUNT(all), .text = text };
	struct api_error_room room;
	size_t len;

	uniform_error(&e, &room);
	len = (size_t)snprintf(line, sizeof(line), "%s", e.code);
	for (size_t i = 0; i < e.n; i++)
		len += (size_t)snprintf(line + len, sizeof(line) - len, " %s=%s", e.fields[i].key, e.fields[i].value);
	snprintf(line + len, sizeof(line) - len, " %s", e.text);
	return line;
}

static void every_end_is_one_line(void **state)
{
	static const char *const codes[] = { "UNKNOWNID", "USED", "CANCELLED", "EXHAUSTED", "EXPIRED", "DENIED" };

	(void)state;
	for (size_t i = 0; i < COUNT(codes); i++)
		assert_string_equal(line_of(codes[i], codes[i]), "EXPIRED the code has expired; request a new one");
}

static void counts_and_ids_are_left_out(void **state)
{
	(void)state;
	assert_string_equal(line_of("INCORRECT", "the last guess"),
	                    "INCORRECT reason=tenant want=6 the code is not right");
	assert_string_equal(line_of("RATELIMITED", "this number"),
	                    "RATELIMITED retry_after=60 scope=verification too many requests; wait before the next");
	assert_string_equal(line_of("CONFLICT", "being corrected"),
	                    "CONFLICT retry_after=60 this request conflicts with another");
	assert_string_equal(line_of("UNAVAILABLE", "the stored verification"),
	                    "UNAVAILABLE retry_after=60 not available now; repeat the request with the same REQID");
}

static void others_stay_as_they_are(void **state)
{
	static const char *const codes[] = {
		"BADARG", "BADNUMBER", "BADTEMPLATE", "OVERLOADED", "BLOCKED", "INTERNAL"
	};
	const char *fields =
	    " reason=tenant want=6 attempts_left=3 repeated=1 retry_after=60 ago=42 scope=guesses id=x why";
	char want[256];

	(void)state;
	for (size_t i = 0; i < COUNT(codes); i++) {
		snprintf(want, sizeof(want), "%s%s", codes[i], fields);
		assert_string_equal(line_of(codes[i], "why"), want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_end_is_one_line),
		cmocka_unit_test(counts_and_ids_are_left_out),
		cmocka_unit_test(others_stay_as_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
