/*
 * tag: the tag of a name never changes, and a tag without a name has a text.
 */
#include "otp/tag.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* As "printf %s NAME | b2sum -l 256 | cut -c 1-4" says: records in Redis have these. */
static void the_tag_of_a_name_stays(void **state)
{
	(void)state;
	assert_int_equal(tag_of_name("main"), 0xb817);
	assert_int_equal(tag_of_name("login"), 0x538b);
	assert_int_equal(tag_of_name(""), 0x0e57);
}

/* The hash of this name begins with two octets of 0. */
static void no_name_has_tag_0(void **state)
{
	(void)state;
	assert_int_equal(tag_of_name("n45795"), 1);
}

static void a_tag_without_a_name_is_shown(void **state)
{
	char text[TAG_TEXT_CAP];

	(void)state;
	tag_text(65535, text);
	assert_string_equal(text, "#65535");
	tag_text(7, text);
	assert_string_equal(text, "#7");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_tag_of_a_name_stays),
		cmocka_unit_test(no_name_has_tag_0),
		cmocka_unit_test(a_tag_without_a_name_is_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
