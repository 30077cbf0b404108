/*
 * The part of the window that an SMSC answers in time, by models of SMSCs: one after the other, all alike, or one slow
 * answer among others.
 */
#include "smpp/wire/width.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define SECOND INT64_C(1000000)

static enum smpp_width_news note(struct smpp_width *w, unsigned place, int64_t held_us)
{
	const struct smpp_width_answer a = {
		.window = 100, .place = place, .held_us = held_us, .timeout_us = 10 * SECOND
	};

	return smpp_width_note(w, &a);
}

/* A session whose window is whole. */
static void whole(struct smpp_width *w)
{
	smpp_width_init(w);
	for (unsigned i = 10; i < 100; i++)
		assert_int_equal(note(w, i, 10000), SMPP_WIDTH_SAME);
	assert_int_equal(smpp_width(w, 100), 100);
}

static void a_session_begins_with_ten_and_grows_by_answers_in_time(void **state)
{
	struct smpp_width w;
	(void)state;
	smpp_width_init(&w);
	assert_int_equal(smpp_width(&w, 100), 10);
	assert_int_equal(smpp_width(&w, 3), 3);
	assert_int_equal(note(&w, 4, 10000), SMPP_WIDTH_SAME); /* few were in flight: not needed */
	assert_int_equal(smpp_width(&w, 100), 10);
	for (unsigned i = 10; i < 100; i++) {
		assert_int_equal(smpp_width(&w, 100), i);
		assert_int_equal(note(&w, i, 10000), SMPP_WIDTH_SAME);
	}
	assert_int_equal(smpp_width(&w, 100), 100);
}

static void one_after_the_other_is_never_given_more_than_it_answers_in_time(void **state)
{
	struct smpp_width w;
	(void)state;
	smpp_width_init(&w);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(note(&w, smpp_width(&w, 100), 125000 * (int64_t)smpp_width(&w, 100)), SMPP_WIDTH_SAME);
	assert_in_range(smpp_width(&w, 100), 64, 65); /* 8 s of 125 ms each */
}

static void one_that_becomes_slow_narrows_it_to_what_it_answers_in_time(void **state)
{
	struct smpp_width w;
	unsigned narrowed = 0;
	(void)state;
	whole(&w);
	for (unsigned place = 1; place <= 100; place++)
		narrowed += note(&w, place, 125000 * (int64_t)place) == SMPP_WIDTH_NARROWED;
	assert_int_equal(narrowed, 1); /* told once */
	assert_in_range(smpp_width(&w, 100), 60, 64);
	unsigned from = smpp_width(&w, 100);
	for (unsigned i = from; i < 99; i++)
		assert_int_equal(note(&w, i, 10000), SMPP_WIDTH_SAME);
	assert_int_equal(note(&w, 99, 10000), SMPP_WIDTH_WHOLE); /* it is quick again */
	assert_int_equal(smpp_width(&w, 100), 100);
}

static void where_all_take_that_long_a_smaller_width_would_help_nobody(void **state)
{
	struct smpp_width w;
	(void)state;
	smpp_width_init(&w);
	for (unsigned place = 1; place <= 10; place++)
		assert_int_equal(note(&w, place, 12 * SECOND), SMPP_WIDTH_SAME);
	assert_int_equal(smpp_width(&w, 100), 10);
}

static void one_late_answer_among_few_says_nothing(void **state)
{
	struct smpp_width w;
	(void)state;
	whole(&w);
	assert_int_equal(note(&w, 1, 12 * SECOND), SMPP_WIDTH_SAME);
	assert_int_equal(note(&w, 2, 12 * SECOND), SMPP_WIDTH_SAME);
	assert_int_equal(note(&w, 49, 12 * SECOND), SMPP_WIDTH_SAME);
	assert_int_equal(smpp_width(&w, 100), 100);
}

static void it_is_never_nothing_and_never_more_than_configured(void **state)
{
	struct smpp_width w;
	(void)state;
	whole(&w);
	(void)note(&w, 100, 10000 * SECOND);
	assert_int_equal(smpp_width(&w, 100), 1);
	assert_int_equal(smpp_width(&w, 1), 1);
	whole(&w);
	(void)note(&w, 100, 12500000);
	assert_int_equal(smpp_width(&w, 10), 10); /* a reload made the window smaller */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_session_begins_with_ten_and_grows_by_answers_in_time),
		cmocka_unit_test(one_after_the_other_is_never_given_more_than_it_answers_in_time),
		cmocka_unit_test(one_that_becomes_slow_narrows_it_to_what_it_answers_in_time),
		cmocka_unit_test(where_all_take_that_long_a_smaller_width_would_help_nobody),
		cmocka_unit_test(one_late_answer_among_few_says_nothing),
		cmocka_unit_test(it_is_never_nothing_and_never_more_than_configured),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
