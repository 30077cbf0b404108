/*
 * test_bucket: the token bucket and the back-off, with the time in the test's hand.
 */
#include "base/backoff.h"
#include "base/bucket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void test_takes_what_is_there(void **state)
{
	struct bucket b;

	(void)state;
	bucket_init(&b, 10, 2, 1000);
	assert_true(bucket_take(&b, 1, 1000));
	assert_true(bucket_take(&b, 1, 1000));
	assert_false(bucket_take(&b, 1, 1099));
	assert_true(bucket_wait_ms(&b, 1, 1099) <= 2);
	assert_true(bucket_take(&b, 1, 1100));
	assert_int_equal(bucket_wait_ms(&b, 1, 9000), 0);
	assert_true(bucket_take(&b, 2, 9000));
	assert_false(bucket_take(&b, 1, 9000));
}

/* The highest rates that a configuration may have: each token of ten seconds is there, none is there twice. */
static void test_a_million_a_second(void **state)
{
	static const double rates[] = { 1000000, 999983, 250000.5, 20000 };

	(void)state;
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		struct bucket b;
		double taken = 0;

		bucket_init(&b, rates[i], rates[i] * 0.1, 1000);
		for (int64_t now_ms = 1000; now_ms <= 11000; now_ms++)
			while (bucket_take(&b, 1, now_ms))
				taken++;
		assert_true(taken <= rates[i] * 10.1 + 1 && taken >= rates[i] * 10.1 - 2);
		assert_int_equal(bucket_wait_ms(&b, 1, 11000), 1); /* the next tokens come with the next millisecond */
		assert_false(bucket_take(&b, 1, 11000 - 1000000)); /* nor does a clock that goes back give any */
		assert_int_equal(bucket_wait_ms(&b, 1, INT64_MAX / 2), 0);
		assert_true(bucket_take(&b, b.depth, INT64_MAX / 2));
		assert_false(bucket_take(&b, 1, INT64_MAX / 2)); /* of a rest of ages, a tenth of a second is left */
	}
}

static void test_no_rate_is_no_limit(void **state)
{
	struct bucket b;

	(void)state;
	bucket_init(&b, 0, 1, 0);
	for (int i = 0; i < 1000; i++)
		assert_true(bucket_take(&b, 1, 0));
	assert_int_equal(bucket_wait_ms(&b, 1, 0), 0);
}

static void test_backoff_doubles_to_its_cap(void **state)
{
	struct backoff b;

	(void)state;
	backoff_init(&b, 100, 1000);
	assert_in_range(backoff_next_ms(&b, UINT32_MAX / 2), 99, 101);
	assert_in_range(backoff_next_ms(&b, UINT32_MAX / 2), 199, 201);
	assert_in_range(backoff_next_ms(&b, 0), 200, 200);
	assert_in_range(backoff_next_ms(&b, UINT32_MAX), 1200, 1200);
	for (int i = 0; i < 50; i++)
		assert_in_range(backoff_next_ms(&b, UINT32_MAX), 1, 1500);
	backoff_reset(&b);
	assert_in_range(backoff_next_ms(&b, UINT32_MAX / 2), 99, 101);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_takes_what_is_there),
		cmocka_unit_test(test_a_million_a_second),
		cmocka_unit_test(test_no_rate_is_no_limit),
		cmocka_unit_test(test_backoff_doubles_to_its_cap),
	};

	return cmocka_run_group_tests_name("test_bucket", tests, NULL, NULL);
}
