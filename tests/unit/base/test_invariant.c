/*
 * invariant, as a release has it: what does not hold is counted, said once for each place, and the caller goes on.
 */
#undef OTPGWD_INVARIANTS_ABORT
#include "base/invariant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* A place of the code that counts down, and one beside it. */
static void leave(unsigned *open)
{
	*open -= invariant(*open > 0);
}

static void leave_there(unsigned *open)
{
	*open -= invariant(*open > 0);
}

static int begin_log(void)
{
	FILE *file = tmpfile();
	int kept = dup(STDERR_FILENO);

	assert_non_null(file);
	assert_true(kept >= 0 && dup2(fileno(file), STDERR_FILENO) >= 0);
	fclose(file);
	return kept;
}

/* What was written to standard error since. The caller frees it. */
static char *end_log(int kept)
{
	off_t len = lseek(STDERR_FILENO, 0, SEEK_END);
	char *text = calloc(1, (size_t)len + 1);

	assert_non_null(text);
	assert_int_equal(pread(STDERR_FILENO, text, (size_t)len, 0), len);
	assert_true(dup2(kept, STDERR_FILENO) >= 0);
	close(kept);
	return text;
}

static size_t lines_of(const char *text)
{
	size_t n = 0;

	while ((text = strchr(text, '\n'))) {
		text++;
		n++;
	}
	return n;
}

static void what_holds_is_silent(void **state)
{
	uint64_t before = invariant_count();
	unsigned open = 3;
	int kept = begin_log();

	(void)state;
	leave(&open);
	char *log = end_log(kept);
	assert_int_equal(open, 2);
	assert_int_equal(invariant_count(), before);
	assert_string_equal(log, "");
	free(log);
}

static void a_counter_does_not_underflow(void **state)
{
	uint64_t before = invariant_count();
	unsigned open = 1;
	int kept = begin_log();

	(void)state;
	for (int i = 0; i < 4; i++)
		leave(&open);
	free(end_log(kept));
	assert_int_equal(open, 0);
	assert_int_equal(invariant_count(), before + 3);
}

static void each_place_is_told_once(void **state)
{
	unsigned open = 0;
	int kept = begin_log();

	(void)state;
	for (int i = 0; i < 3; i++) {
		leave(&open);
		leave_there(&open);
	}
	char *log = end_log(kept);
	/* The former test was the first of leave. */
	assert_int_equal(lines_of(log), 1);
	assert_non_null(strstr(log, "<3>invariant: broken file="));
	assert_non_null(strstr(log, "test_invariant.c line=25 expression=\"*open > 0\"\n"));
	free(log);
}

static void it_is_evaluated_once(void **state)
{
	unsigned n = 0;

	(void)state;
	assert_true(invariant(++n == 1));
	assert_int_equal(n, 1);
}

/* A fault in each of very many places floods no log, and none is missing in the count. */
static void many_places_are_counted(void **state)
{
	uint64_t before = invariant_count();
	int kept = begin_log();

	(void)state;
	for (int i = 0; i < 1000; i++)
		assert_false(invariant_broken("many.c", i, "0", INVARIANT_ABORTS));
	char *log = end_log(kept);
	assert_int_equal(invariant_count(), before + 1000);
	assert_in_range(lines_of(log), 100, 128);
	free(log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_holds_is_silent),    cmocka_unit_test(a_counter_does_not_underflow),
		cmocka_unit_test(each_place_is_told_once), cmocka_unit_test(it_is_evaluated_once),
		cmocka_unit_test(many_places_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
