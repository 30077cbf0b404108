/*
 * smsc_set: what is put into a set is in it, at each index, and nothing else.
 */
#include "otp/smsc_set.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct smsc_set set_of(unsigned from, unsigned step)
{
	struct smsc_set s = { 0 };

	for (unsigned i = from; i < SMSC_SET_MAX; i += step)
		smsc_set_add(&s, i);
	return s;
}

static void each_index_is_in_it_or_not(void **state)
{
	(void)state;
	for (unsigned i = 0; i < SMSC_SET_MAX; i++) {
		struct smsc_set s = { 0 };

		assert_true(smsc_set_is_empty(&s));
		assert_int_equal(smsc_set_next(&s, i), SMSC_SET_MAX);
		smsc_set_add(&s, i);
		assert_false(smsc_set_is_empty(&s));
		assert_int_equal(smsc_set_count(&s), 1);
		for (unsigned j = 0; j < SMSC_SET_MAX; j++) {
			assert_int_equal(smsc_set_has(&s, j), i == j);
			assert_int_equal(smsc_set_next(&s, j), j <= i ? i : SMSC_SET_MAX);
		}
		smsc_set_remove(&s, i);
		assert_true(smsc_set_is_empty(&s));
	}
}

static void one_after_the_other(void **state)
{
	const struct smsc_set s = set_of(5, 50);
	unsigned n = 0;

	(void)state;
	for (unsigned i = smsc_set_next(&s, 0); i < SMSC_SET_MAX; i = smsc_set_next(&s, i + 1))
		assert_int_equal(i, 5 + 50 * n++);
	assert_int_equal(n, 6);
	assert_int_equal(smsc_set_next(&s, SMSC_SET_MAX), SMSC_SET_MAX);
}

static void two_sets(void **state)
{
	const struct smsc_set all = set_of(0, 1), even = set_of(0, 2), odd = set_of(1, 2), fours = set_of(0, 4);
	struct smsc_set s = fours;

	(void)state;
	assert_int_equal(smsc_set_count(&even), 128);
	assert_true(smsc_set_within(&fours, &even) && !smsc_set_within(&even, &fours));
	assert_true(smsc_set_within(&even, &even) && !smsc_set_within(&even, &odd));
	smsc_set_join(&s, &even);
	assert_true(smsc_set_same(&s, &even) && !smsc_set_same(&s, &fours));
	smsc_set_join(&s, &odd);
	assert_true(smsc_set_same(&s, &all));
	s = fours;
	smsc_set_join_others(&s, &even);
	for (unsigned i = 0; i < SMSC_SET_MAX; i++)
		assert_int_equal(smsc_set_has(&s, i), i % 2 == 1 || i % 4 == 0);
	/* One index makes the difference, in whatever part of the set it is. */
	for (unsigned i = 0; i < SMSC_SET_MAX; i++) {
		s = all;
		smsc_set_remove(&s, i);
		assert_false(smsc_set_same(&s, &all) || smsc_set_within(&all, &s));
		assert_true(smsc_set_within(&s, &all));
		assert_int_equal(smsc_set_count(&s), SMSC_SET_MAX - 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_index_is_in_it_or_not),
		cmocka_unit_test(one_after_the_other),
		cmocka_unit_test(two_sets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
