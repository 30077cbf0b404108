/*
 * The window finds by number, keeps the order written, and remembers what was given up.
 */
#include "smpp/window.h"

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
	smpp_window_bury(w, 500);
	assert_true(smpp_window_exhume(w, 500));
	assert_false(smpp_window_exhume(w, 500));
	assert_false(smpp_window_exhume(w, 0));
	smpp_window_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(the_window_finds_by_number)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
