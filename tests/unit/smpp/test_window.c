/*
 * The window finds by number, keeps the order written, and remembers what was given up.
 * It is included, not linked: the end of the numbers is two thousand million submits away.
 */
#include "../../../daemon/smpp/wire/window.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void the_window_finds_by_number(void **state)
{
	struct smpp_window *w = smpp_window_new();
	struct smpp_slot *slots[SMPP_WINDOW_MAX];
	(void)state;
	for (unsigned i = 0; i < SMPP_WINDOW_MAX; i++) {
		slots[i] = smpp_window_take(w, smpp_window_sequence(w));
		assert_int_equal(slots[i]->sequence, i + 1);
	}
	assert_null(smpp_window_take(w, 5000));
	smpp_window_release(w, smpp_window_find(w, 500));
	assert_null(smpp_window_find(w, 500));
	assert_ptr_equal(smpp_window_find(w, 501), slots[500]);
	smpp_window_release(w, slots[0]);
	assert_ptr_equal(smpp_window_oldest(w), slots[1]);
	assert_int_equal(smpp_window_used(w), SMPP_WINDOW_MAX - 2);
	smpp_window_free(w);
}

/* Numbers of one bucket: what is released leaves the others where they are found. */
static void numbers_of_one_bucket_do_not_hide_each_other(void **state)
{
	struct smpp_window *w = smpp_window_new();
	const uint32_t middle = 1 + BUCKETS;
	struct smpp_slot *first = smpp_window_take(w, 1), *last;
	(void)state;
	assert_non_null(smpp_window_take(w, middle));
	last = smpp_window_take(w, 1 + 2 * BUCKETS);
	smpp_window_release(w, smpp_window_find(w, middle));
	assert_null(smpp_window_find(w, middle));
	assert_ptr_equal(smpp_window_find(w, 1), first);
	assert_ptr_equal(smpp_window_find(w, 1 + 2 * BUCKETS), last);
	smpp_window_release(w, last);
	assert_ptr_equal(smpp_window_find(w, 1), first);
	smpp_window_free(w);
}

static void a_tomb_tells_once_whose_it_was(void **state)
{
	struct smpp_window *w = smpp_window_new();
	struct smpp_slot *s = smpp_window_take(w, 500);
	struct smpp_retired retired;
	(void)state;
	s->id.partition = 77;
	s->late.arg = w;
	smpp_window_retire(w, s);
	smpp_window_release(w, s);
	assert_false(smpp_window_take_retired(w, 501, &retired));
	assert_true(smpp_window_take_retired(w, 500, &retired));
	assert_int_equal(retired.id.partition, 77);
	assert_ptr_equal(retired.late.arg, w);
	assert_false(smpp_window_take_retired(w, 500, &retired));
	assert_false(smpp_window_take_retired(w, 0, &retired));
	smpp_window_free(w);
}

static void bury(struct smpp_window *w, uint32_t sequence)
{
	struct smpp_slot *s = smpp_window_take(w, sequence);
	s->id.partition = (uint16_t)sequence;
	smpp_window_retire(w, s);
	smpp_window_release(w, s);
}

static void the_oldest_tombs_go_first_and_all_with_the_session(void **state)
{
	struct smpp_window *w = smpp_window_new();
	struct smpp_retired retired;
	(void)state;
	for (uint32_t i = 1; i <= SMPP_RETIRED_MAX + 1; i++)
		bury(w, i);
	assert_false(smpp_window_take_retired(w, 1, &retired));
	assert_true(smpp_window_take_retired(w, 2, &retired));
	assert_int_equal(retired.id.partition, 2);
	assert_true(smpp_window_take_retired(w, SMPP_RETIRED_MAX + 1, &retired));
	assert_int_equal(retired.id.partition, SMPP_RETIRED_MAX + 1);
	smpp_window_reset(w);
	assert_false(smpp_window_take_retired(w, 3, &retired));
	smpp_window_free(w);
}

static void what_is_overdue_stays_but_is_not_due(void **state)
{
	struct smpp_window *w = smpp_window_new();
	struct smpp_slot *a = smpp_window_take(w, 1), *b = smpp_window_take(w, 2);
	(void)state;
	assert_ptr_equal(smpp_window_due(w), a);
	a->overdue = true;
	assert_ptr_equal(smpp_window_due(w), b);
	assert_ptr_equal(smpp_window_oldest(w), a);
	b->overdue = true;
	assert_null(smpp_window_due(w));
	smpp_window_free(w);
}

static void numbers_begin_again_at_one_and_skip_what_is_in_flight(void **state)
{
	struct smpp_window *w = smpp_window_new();
	(void)state;
	assert_int_equal(smpp_window_sequence(w), 1);
	(void)smpp_window_take(w, 1);
	(void)smpp_window_take(w, 3);
	w->last = 0x7FFFFFFD;
	assert_int_equal(smpp_window_sequence(w), 0x7FFFFFFE);
	assert_int_equal(smpp_window_sequence(w), 0x7FFFFFFF);
	assert_int_equal(smpp_window_sequence(w), 2);
	assert_int_equal(smpp_window_sequence(w), 4);
	smpp_window_release(w, smpp_window_find(w, 1));
	smpp_window_release(w, smpp_window_find(w, 3));
	smpp_window_reset(w);
	assert_int_equal(smpp_window_sequence(w), 1);
	smpp_window_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(the_window_finds_by_number),
		                            cmocka_unit_test(numbers_of_one_bucket_do_not_hide_each_other),
		                            cmocka_unit_test(a_tomb_tells_once_whose_it_was),
		                            cmocka_unit_test(the_oldest_tombs_go_first_and_all_with_the_session),
		                            cmocka_unit_test(what_is_overdue_stays_but_is_not_due),
		                            cmocka_unit_test(numbers_begin_again_at_one_and_skip_what_is_in_flight) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
