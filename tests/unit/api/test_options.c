/*
 * options: what every option has to keep to, whatever its row says of its value.
 */
#include "api/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { SENDS = 1, ASKS = 2, NONE = 0 };

struct taken {
	size_t count;
	unsigned ids[8];
};

static const char *take(const struct api_option *option, struct api_arg value, void *out)
{
	struct taken *t = out;

	if (api_arg_is(value, "bad"))
		return "must not be bad";
	t->ids[t->count++] = option->id;
	return NULL;
}

static const struct api_option rows[] = {
	{ 2, "LAST", SENDS, "word", "string", 5, false, take },
	{ 0, "FIRST", SENDS, "word", "string", 5, false, take },
	{ 1, "MANY", SENDS, "word", "string", 5, true, take },
	{ 5, "BOTH", SENDS | ASKS, "word", "string", 5, false, take },
};

static struct taken taken;
static struct api_fault fault;

/* Words end with NULL. */
static bool parse(unsigned bit, const char *const *words)
{
	const struct api_option_set set = { .all = { rows, sizeof(rows) / sizeof(rows[0]) }, .bit = bit };
	struct api_arg args[16];
	size_t n = 0;

	for (; words[n]; n++)
		args[n] = (struct api_arg){ words[n], strlen(words[n]) };
	taken = (struct taken){ .count = 0 };
	fault = (struct api_fault){ .arg = "", .text = "" };
	return api_options_parse(&set, args, n, &taken, &fault);
}

static void fails(unsigned bit, const char *const *words, const char *arg, const char *text)
{
	assert_false(parse(bit, words));
	assert_string_equal(fault.arg, arg);
	assert_string_equal(fault.text, text);
}

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void options_are_taken_in_their_order(void **state)
{
	(void)state;
	assert_true(parse(SENDS, WORDS("many", "a", "First", "b", "MANY", "c", "BOTH", "12345")));
	assert_int_equal(taken.count, 4);
	assert_int_equal(taken.ids[0], 1);
	assert_int_equal(taken.ids[1], 0);
	assert_int_equal(taken.ids[2], 1);
	assert_int_equal(taken.ids[3], 5);
	assert_true(parse(NONE, (const char *const[]){ NULL }));
}

static void an_unknown_option_is_refused_with_those_allowed(void **state)
{
	(void)state;
	fails(SENDS, WORDS("NOSUCH", "a"), "NOSUCH", "unknown option; allowed are FIRST MANY LAST BOTH");
	fails(ASKS, WORDS("FIRST", "a"), "FIRST", "unknown option; allowed are BOTH");
	fails(NONE, WORDS("BOTH", "a"), "BOTH", "unknown option; allowed are none");
	fails(ASKS, WORDS("", "a"), "option", "unknown option; allowed are BOTH");
	fails(ASKS, WORDS("BOT", "a"), "BOT", "unknown option; allowed are BOTH");
	fails(ASKS, WORDS("a234567890123456789012345678901234"), "a2345678901234567890123456789012",
	      "unknown option; allowed are BOTH");
}

static void only_what_may_be_repeated_is_given_twice(void **state)
{
	(void)state;
	fails(SENDS, WORDS("FIRST", "a", "first", "a"), "FIRST", "given twice");
	assert_true(parse(SENDS, WORDS("MANY", "a", "MANY", "a")));
}

static void an_option_has_a_value_of_its_length(void **state)
{
	(void)state;
	fails(SENDS, WORDS("FIRST", "a", "LAST"), "LAST", "has no value");
	fails(SENDS, WORDS("FIRST", ""), "FIRST", "must have 1 to 5 octets");
	fails(SENDS, WORDS("FIRST", "123456"), "FIRST", "must have 1 to 5 octets");
}

static void a_row_may_refuse_the_value(void **state)
{
	(void)state;
	fails(SENDS, WORDS("FIRST", "a", "LAST", "bad", "NOSUCH", "a"), "LAST", "must not be bad");
	assert_int_equal(taken.count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_are_taken_in_their_order),
		cmocka_unit_test(an_unknown_option_is_refused_with_those_allowed),
		cmocka_unit_test(only_what_may_be_repeated_is_given_twice),
		cmocka_unit_test(an_option_has_a_value_of_its_length),
		cmocka_unit_test(a_row_may_refuse_the_value),
	};

	return cmocka_run_group_tests_name("test_options", tests, NULL, NULL);
}
