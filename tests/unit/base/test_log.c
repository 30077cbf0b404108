/*
 * log and visible: whatever an argument holds, a line stays a line of visible text.
 */
#include "base/log.h"
#include "base/visible.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char written[8192];

/* What one line of the log becomes on standard error. */
static const char *line_of(const char *text)
{
	FILE *file = tmpfile();
	int kept = dup(STDERR_FILENO);

	assert_non_null(file);
	assert_true(kept >= 0 && dup2(fileno(file), STDERR_FILENO) >= 0);
	log_info("t", "x=%s", text);
	assert_true(dup2(kept, STDERR_FILENO) >= 0);
	close(kept);
	rewind(file);
	written[fread(written, 1, sizeof(written) - 1, file)] = '\0';
	fclose(file);
	return written;
}

static void text_stays_as_it_is(void **state)
{
	(void)state;
	assert_string_equal(line_of("Rp 5.000 ~ \"kata\""), "<6>t: x=Rp 5.000 ~ \"kata\"\n");
	assert_string_equal(line_of("caf\xc3\xa9 \xe2\x82\xac \xe7\xa7\x98 \xf0\x9f\x94\x91"),
	                    "<6>t: x=caf\xc3\xa9 \xe2\x82\xac \xe7\xa7\x98 \xf0\x9f\x94\x91\n");
}

static void controls_are_escaped(void **state)
{
	(void)state;
	assert_string_equal(line_of("a\nb\r\t\x1b[2J\x7f"), "<6>t: x=a\\x0ab\\x0d\\x09\\x1b[2J\\x7f\n");
	/* CSI and NEL, as characters and as single octets. */
	assert_string_equal(line_of("\xc2\x9b[2J\xc2\x85"), "<6>t: x=\\xc2\\x9b[2J\\xc2\\x85\n");
	assert_string_equal(line_of("\x9b[2J\x85\x90"), "<6>t: x=\\x9b[2J\\x85\\x90\n");
}

static void what_misleads_the_eye_is_escaped(void **state)
{
	static const char *const hidden[] = { "\xc2\xad",        "\xd8\x9c",     "\xe1\xa0\x8e", "\xe2\x80\x8b",
		                              "\xe2\x80\x8e",    "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xae",
		                              "\xe2\x81\xa0",    "\xe2\x81\xa7", "\xef\xbb\xbf", "\xef\xbf\xb9",
		                              "\xf3\xa0\x80\xa0" };

	(void)state;
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
		assert_int_equal(visible_len(hidden[i]), 0);
		assert_null(strstr(line_of(hidden[i]), hidden[i]));
		assert_non_null(strstr(written, "\\x"));
	}
}

static void octets_that_are_not_utf8_are_escaped(void **state)
{
	static const char *const bad[] = { "\x80",
		                           "\xbf",
		                           "\xc0\xaf",
		                           "\xc1\xbf",
		                           "\xc3",
		                           "\xe0\x80\xaf",
		                           "\xe2\x82",
		                           "\xed\xa0\x80",
		                           "\xf0\x80\x80\x80",
		                           "\xf4\x90\x80\x80",
		                           "\xf5\x80\x80\x80",
		                           "\xff",
		                           "\xe2\x28\xa1" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(visible_len(bad[i]), 0);
	assert_int_equal(visible_len(""), 0);
	assert_int_equal(visible_len("\xf4\x8f\xbf\xbf"), 4);
	assert_string_equal(line_of("\xc3"), "<6>t: x=\\xc3\n");
	assert_string_equal(line_of("\xe2\x82"), "<6>t: x=\\xe2\\x82\n");
}

/* A long line ends in "..." and in a whole character, however it is cut. */
static void a_long_line_is_cut_between_characters(void **state)
{
	static char text[6000];

	(void)state;
	for (size_t shift = 0; shift < 4; shift++) {
		size_t len = shift;

		memset(text, 'x', shift);
		for (; len + 3 < sizeof(text); len += 3)
			memcpy(text + len, "\xe2\x82\xac", 3);
		text[len] = '\0';
		line_of(text);
		len = strlen(written);
		assert_in_range(len, 1900, 2048);
		assert_string_equal(written + len - 4, "...\n");
		for (const char *at = written; *at != '\n'; at += visible_len(at))
			assert_true(visible_len(at) > 0);
	}
	memset(text, '\n', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	line_of(text);
	assert_string_equal(written + strlen(written) - 8, "\\x0a...\n");
}

static void a_line_nobody_takes_is_counted(void **state)
{
	uint64_t before = log_dropped();
	int kept = dup(STDERR_FILENO);

	(void)state;
	assert_true(kept >= 0);
	close(STDERR_FILENO);
	log_info("t", "lost");
	assert_true(dup2(kept, STDERR_FILENO) >= 0);
	close(kept);
	assert_int_equal(log_dropped(), before + 1);
}

/* A person reads a terminal: no number of the journal, a word where something is wrong. */
static void a_terminal_gets_no_number(void **state)
{
	int screen = posix_openpt(O_RDWR | O_NOCTTY), kept = dup(STDERR_FILENO);
	char name[64], text[512];

	(void)state;
	assert_true(screen >= 0 && kept >= 0 && grantpt(screen) == 0 && unlockpt(screen) == 0);
	assert_int_equal(ptsname_r(screen, name, sizeof(name)), 0);
	int terminal = open(name, O_RDWR | O_NOCTTY);
	assert_true(terminal >= 0 && dup2(terminal, STDERR_FILENO) >= 0);
	log_info("t", "a=1");
	log_warn("t", "b=2");
	log_error("t", "c=3");
	assert_true(dup2(kept, STDERR_FILENO) >= 0);
	/* What was written comes in pieces. */
	size_t len = 0;
	for (ssize_t n = 1; n > 0 && !memchr(text, '3', len); len += n > 0 ? (size_t)n : 0)
		n = read(screen, text + len, sizeof(text) - 1 - len);
	while (len < sizeof(text) - 1 && text[len - 1] != '\n' && read(screen, text + len, 1) == 1)
		len++;
	text[len] = '\0';
	assert_string_equal(text, "t: a=1\r\nwarning: t: b=2\r\nerror: t: c=3\r\n");
	close(kept);
	close(terminal);
	close(screen);
}

static void levels_hold_back(void **state)
{
	int64_t quiet_ms = 0;

	(void)state;
	assert_int_equal(log_get_level(), LOG_LEVEL_INFO);
	log_set_level(LOG_LEVEL_ERROR);
	assert_string_equal(line_of("nothing"), "");
	log_set_level(LOG_LEVEL_INFO);
	assert_int_equal(log_seldom(&quiet_ms), LOG_LEVEL_WARN);
	assert_int_equal(log_seldom(&quiet_ms), LOG_LEVEL_DEBUG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_stays_as_it_is),
		cmocka_unit_test(controls_are_escaped),
		cmocka_unit_test(what_misleads_the_eye_is_escaped),
		cmocka_unit_test(octets_that_are_not_utf8_are_escaped),
		cmocka_unit_test(a_long_line_is_cut_between_characters),
		cmocka_unit_test(a_line_nobody_takes_is_counted),
		cmocka_unit_test(a_terminal_gets_no_number),
		cmocka_unit_test(levels_hold_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
