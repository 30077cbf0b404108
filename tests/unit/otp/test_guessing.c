/*
 * guessing: wrong codes against their own history, by the second.
 */
#include "otp/guessing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define FLOOR 50

/* So many of each in every one of these seconds; what the looks said, as the last change. */
static enum guessing_change pass(struct guessing *g, int64_t *now, int seconds, int right, int wrong)
{
	enum guessing_change last = GUESSING_SAME;

	for (int s = 0; s < seconds; s++) {
		for (int i = 0; i < right; i++)
			guessing_note(g, false, *now);
		for (int i = 0; i < wrong; i++)
			guessing_note(g, true, *now);
		enum guessing_change change = guessing_look(g, *now, FLOOR);
		last = change ? change : last;
		*now += 1000;
	}
	return last;
}

static void usual_mistakes_are_usual(void **state)
{
	struct guessing g;
	int64_t now = 5000;

	(void)state;
	guessing_init(&g, now);
	assert_int_equal(pass(&g, &now, 600, 80, 20), GUESSING_SAME);
	assert_true(guessing_usual(&g) > 0.18 && guessing_usual(&g) < 0.21);
	/* A busy hour has more of both. */
	assert_int_equal(pass(&g, &now, 600, 800, 200), GUESSING_SAME);
}

static void many_wrong_ones_are_told_within_ten_seconds(void **state)
{
	struct guessing g;
	uint32_t right, wrong;
	int64_t now = 5000;

	(void)state;
	guessing_init(&g, now);
	pass(&g, &now, 600, 80, 20);
	assert_int_equal(pass(&g, &now, GUESSING_WINDOW_S, 80, 3000), GUESSING_BEGAN);
	assert_true(g.unusual);
	guessing_lately(&g, &right, &wrong);
	assert_int_equal(wrong, 3000 * GUESSING_WINDOW_S);
	assert_int_equal(right, 80 * GUESSING_WINDOW_S);
	/* However long it lasts, it does not become what is usual. */
	assert_int_equal(pass(&g, &now, 20000, 8, 300), GUESSING_SAME);
	assert_true(g.unusual && guessing_usual(&g) < 0.21);
	assert_int_equal(pass(&g, &now, 30, 80, 20), GUESSING_ENDED);
	assert_false(g.unusual);
}

static void a_few_wrong_ones_are_no_sign(void **state)
{
	struct guessing g;
	int64_t now = 5000;

	(void)state;
	guessing_init(&g, now);
	assert_int_equal(pass(&g, &now, 100, 0, 4), GUESSING_SAME);
	assert_int_equal(pass(&g, &now, 100, 0, 5), GUESSING_BEGAN);
	assert_int_equal(pass(&g, &now, 100, 0, 0), GUESSING_ENDED);
}

/* Where most codes are wrong, as in a test of a backend, more than nine of ten is still unusual. */
static void no_share_is_too_usual_to_be_passed(void **state)
{
	struct guessing g;
	int64_t now = 5000;

	(void)state;
	guessing_init(&g, now);
	g.old_right = 5000;
	g.old_wrong = 5000;
	assert_int_equal(pass(&g, &now, 60, 15, 85), GUESSING_SAME);
	assert_int_equal(pass(&g, &now, 60, 0, 100), GUESSING_BEGAN);
}

static void the_history_forgets(void **state)
{
	struct guessing g;
	int64_t now = 5000;

	(void)state;
	guessing_init(&g, now);
	pass(&g, &now, 600, 100, 60);
	assert_true(guessing_usual(&g) > 0.35);
	now += 86400 * 1000;
	guessing_look(&g, now, FLOOR);
	assert_true(guessing_usual(&g) > 0.14 && guessing_usual(&g) < 0.18);
	uint32_t right, wrong;
	guessing_lately(&g, &right, &wrong);
	assert_int_equal(right + wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(usual_mistakes_are_usual),
		cmocka_unit_test(many_wrong_ones_are_told_within_ten_seconds),
		cmocka_unit_test(a_few_wrong_ones_are_no_sign),
		cmocka_unit_test(no_share_is_too_usual_to_be_passed),
		cmocka_unit_test(the_history_forgets),
	};

	return cmocka_run_group_tests_name("test_guessing", tests, NULL, NULL);
}
