/*
 * Label text and families: what is on the metrics page of names, labels and values.
 */
#include "base/stats.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define PAGE_CAP 65536

static char page[PAGE_CAP];

static const char *render(void)
{
	struct buf out;

	buf_init(&out, PAGE_CAP - 1);
	assert_int_equal(stats_render(&out), ERR_OK);
	memcpy(page, buf_data(&out), buf_len(&out));
	page[buf_len(&out)] = 0;
	buf_clear(&out);
	return page;
}

static int teardown(void **state)
{
	(void)state;
	stats_clear();
	return 0;
}

static void labels_are_joined_and_escaped(void **state)
{
	struct stats_labels l = stats_label(NULL, "smsc", "te\"l\\s\n");

	(void)state;
	assert_string_equal(l.text, "smsc=\"te\\\"l\\\\s_\"");
	l = stats_label(&l, "bind", "2");
	assert_string_equal(l.text, "smsc=\"te\\\"l\\\\s_\",bind=\"2\"");
	l = stats_label(&l, "state", NULL);
	assert_string_equal(l.text, "smsc=\"te\\\"l\\\\s_\",bind=\"2\",state");
}

/* Quotes still pair, and no escape is cut in two, wherever the text ends. */
static void labels_that_are_too_long_are_cut(void **state)
{
	char value[2 * STATS_LABELS_CAP];

	(void)state;
	for (size_t odd = 0; odd < 2; odd++) {
		memset(value, '"', sizeof(value));
		memset(value, 'a', odd);
		value[sizeof(value) - 1] = 0;
		struct stats_labels l = stats_label(NULL, "n", value);
		size_t len = strlen(l.text), backslashes = 0;

		assert_true(len < STATS_LABELS_CAP && len > STATS_LABELS_CAP - 4);
		assert_int_equal(l.text[len - 1], '"');
		for (size_t i = 0; l.text[len - 2 - i] == '\\'; i++)
			backslashes++;
		assert_int_equal(backslashes % 2, 0);
		l = stats_label(&l, "m", value);
		assert_true(strlen(l.text) < STATS_LABELS_CAP);
	}
}

static void a_family_is_there_from_the_start(void **state)
{
	static const char *const names[] = { "late", NULL, "early" };
	struct stats_family f = stats_family("otpgwd_things_total", "Things.", "event", names, 3);

	(void)state;
	stats_inc(f.of[2]);
	stats_inc(f.of[1]);
	assert_string_equal(render(), "# HELP otpgwd_things_total Things.\n# TYPE otpgwd_things_total counter\n"
	                              "otpgwd_things_total{event=\"early\"} 1\n"
	                              "otpgwd_things_total{event=\"late\"} 0\n");
}

static void a_family_is_found_again(void **state)
{
	static const char *const names[] = { "a", "b" };
	struct stats_labels smsc = stats_label(NULL, "smsc", "tsel"), open = stats_label(&smsc, "kind", NULL);
	struct stats_family f = stats_family("otpgwd_things_total", "Things.", open.text, names, 2);

	(void)state;
	stats_inc(f.of[1]);
	f = stats_family("otpgwd_things_total", "Things.", open.text, names, 2);
	stats_inc(f.of[1]);
	assert_int_equal(stats_value(f.of[1]), 2);
	assert_ptr_equal(f.of[1], stats_counter("otpgwd_things_total", "Things.", "smsc=\"tsel\",kind=\"b\""));
	assert_non_null(strstr(render(), "\notpgwd_things_total{smsc=\"tsel\",kind=\"a\"} 0\n"));
}

/* What has no series counts where nothing is shown. */
static void beyond_a_family_is_no_series(void **state)
{
	static const char *const names[] = { "a" };
	struct stats_family f = stats_family("otpgwd_things_total", "Things.", "kind", names, 1);

	(void)state;
	for (size_t i = 1; i < STATS_FAMILY_MAX; i++)
		stats_inc(f.of[i]);
	assert_int_equal(stats_value(f.of[0]), 0);
	assert_null(strstr(render(), "} 1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(labels_are_joined_and_escaped, teardown),
		cmocka_unit_test_teardown(labels_that_are_too_long_are_cut, teardown),
		cmocka_unit_test_teardown(a_family_is_there_from_the_start, teardown),
		cmocka_unit_test_teardown(a_family_is_found_again, teardown),
		cmocka_unit_test_teardown(beyond_a_family_is_no_series, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
