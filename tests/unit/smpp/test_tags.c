/*
 * tags: each SMSC is found by its tag, in whatever order they were put, and no tag finds another SMSC.
 */
#include "smpp/tags.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void each_is_found(void **state)
{
	struct smpp_tags t = { .count = 0 };

	(void)state;
	assert_int_equal(smpp_tags_find(&t, 7), -1);
	for (unsigned i = 0; i < SMPP_SMSC_MAX; i++)
		smpp_tags_put(&t, (uint16_t)(i * 7919 + 1), i); /* up and down, as 16 bits wrap */
	assert_int_equal(t.count, SMPP_SMSC_MAX);
	for (unsigned tag = 0; tag <= UINT16_MAX; tag++) {
		int want = -1;

		for (unsigned i = 0; i < SMPP_SMSC_MAX; i++)
			if ((uint16_t)(i * 7919 + 1) == tag)
				want = (int)i;
		assert_int_equal(smpp_tags_find(&t, (uint16_t)tag), want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(each_is_found) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
