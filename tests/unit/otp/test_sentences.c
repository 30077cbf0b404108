/*
 * sentences: which case an answer is, what a sentence becomes with figures, and which sentences are refused.
 */
#include "otp/lifecycle.h"
#include "otp/msisdn.h"
#include "otp/sentences.h"
#include "otp/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define F(...)                                                                                                         \
	(const struct sentences_field[])                                                                               \
	{                                                                                                              \
		__VA_ARGS__                                                                                            \
	}
#define MANY_CASES 256

static const char *texts[MANY_CASES];
static const struct sentences_lang en = { .name = "en", .texts = texts };

static int setup(void **state)
{
	(void)state;
	assert_in_range(sentences_count(), 1, MANY_CASES);
	texts[sentences_named("SECONDS")] = "{n} {n|second|seconds}";
	texts[sentences_named("MINUTES")] = "{n} {n|minute|minutes}";
	texts[sentences_named("HOURS")] = "{n} {n|hour|hours}";
	texts[sentences_named("EXHAUSTED")] = "New code in {retry_after}.";
	texts[sentences_named("USED")] = "{ago} ago";
	texts[sentences_named("INCORRECT attempts_left")] = "{attempts_left} {attempts_left|try|tries} left";
	return 0;
}

static const char *case_of(const char *code, const struct sentences_field *fields, size_t n)
{
	size_t i = sentences_match(code, fields, n);

	return i < sentences_count() ? sentences_case(i)->when : "none";
}

static void an_answer_has_the_first_case_that_fits(void **state)
{
	(void)state;
	assert_string_equal(case_of("EXPIRED", NULL, 0), "EXPIRED");
	assert_string_equal(case_of("INCORRECT", F({ "attempts_left", "4" }), 1), "INCORRECT attempts_left");
	assert_string_equal(case_of("INCORRECT", F({ "attempts_left", "0" }, { "retry_after", "9" }), 2),
	                    "INCORRECT attempts_left=0");
	assert_string_equal(case_of("INCORRECT", F({ "attempts_left", "4" }, { "repeated", "1" }), 2),
	                    "INCORRECT repeated=1 attempts_left");
	assert_string_equal(
	    case_of("INCORRECT", F({ "reason", "too_short" }, { "want", "6" }, { "attempts_left", "5" }), 3),
	    "INCORRECT reason=too_short");
	assert_string_equal(case_of("INCORRECT", NULL, 0), "INCORRECT");
	assert_string_equal(case_of("BADTEMPLATE", F({ "reason", "var_bad" }), 1), "BADTEMPLATE reason");
	assert_string_equal(case_of("OVERLOADED", F({ "retry_after", "1" }, { "id", "x" }), 2), "OVERLOADED id");
	assert_string_equal(case_of("OVERLOADED", F({ "retry_after", "1" }), 1), "OVERLOADED");
}

/* Else a new reason would be told by a sentence about something else. */
static void a_reason_or_scope_that_no_case_names_has_none(void **state)
{
	(void)state;
	assert_string_equal(case_of("UNKNOWNID", F({ "reason", "new" }), 1), "none");
	assert_string_equal(case_of("UNKNOWNID", F({ "reason", "mistype" }), 1), "none");
	assert_string_equal(case_of("INCORRECT", F({ "reason", "new" }, { "attempts_left", "1" }), 2), "none");
	assert_string_equal(case_of("RATELIMITED", F({ "retry_after", "1" }, { "scope", "new" }), 2), "none");
	assert_string_equal(case_of("UNKNOWN", NULL, 0), "none");
	assert_string_equal(case_of("NEW", NULL, 0), "none");
}

static void has_case(const char *code, const char *reason)
{
	const struct sentences_field fields[] = { { "reason", reason }, { "delivery", "failed" } };

	if (sentences_match(code, fields, 2) == sentences_count())
		fail_msg("%s reason=%s has no case", code, reason);
}

/* The reasons that functions name; those that the commands write are found by tests/lint/sentences.py. */
static void every_reason_has_a_case(void **state)
{
	char when[64];

	(void)state;
	for (int r = MSISDN_OK + 1; r < 64; r++)
		if (strcmp(msisdn_reason_name((enum msisdn_reason)r), msisdn_reason_name((enum msisdn_reason)64)) != 0)
			has_case("BADNUMBER", msisdn_reason_name((enum msisdn_reason)r));
	for (int f = TEXT_OK + 1; f <= TEXT_VAR_BAD; f++)
		has_case("BADTEMPLATE", text_fault_name((enum text_fault)f));
	for (int r = REASON_NONE + 1; r < REASON_COUNT; r++) {
		snprintf(when, sizeof(when), "STATUS delivery=failed reason=%s",
		         lifecycle_reason_name((enum lifecycle_reason)r));
		if (sentences_named(when) == sentences_count())
			fail_msg("\"%s\" is no case", when);
	}
	for (int s = LIFECYCLE_PENDING + 1; s < LIFECYCLE_STATES; s++) {
		snprintf(when, sizeof(when), "STATUS state=%s", lifecycle_state_name((enum lifecycle_state)s));
		assert_true(sentences_named(when) < sentences_count());
	}
	for (int d = 0; d < DELIVERY_STATES; d++) {
		snprintf(when, sizeof(when), "STATUS delivery=%s", lifecycle_delivery_name((enum lifecycle_delivery)d));
		assert_true(sentences_named(when) < sentences_count());
	}
}

/* A STATUS of any delivery, and of any reason where that is told, is said. */
static void every_record_is_said(void **state)
{
	(void)state;
	for (int d = 0; d < DELIVERY_STATES; d++)
		for (int r = REASON_NONE + 1; r < REASON_COUNT; r++) {
			const struct sentences_field fields[] = {
				{ "delivery", lifecycle_delivery_name((enum lifecycle_delivery)d) },
				{ "reason", lifecycle_reason_name((enum lifecycle_reason)r) },
			};

			if (sentences_match("STATUS", fields, d == DELIVERY_FAILED || d == DELIVERY_QUEUED ? 2 : 1) ==
			    sentences_count())
				fail_msg("delivery=%s reason=%s has no case", fields[0].value, fields[1].value);
		}
}

static void told(const char *code, const char *key, const char *value, const char *want)
{
	char out[SENTENCES_CAP];
	const struct sentences_field f = { key, value };

	assert_true(sentences_fill(&en, sentences_match(code, &f, 1), &f, 1, out));
	assert_string_equal(out, want);
}

static void times_are_in_words(void **state)
{
	(void)state;
	told("EXHAUSTED", "retry_after", "0", "New code in 1 second.");
	told("EXHAUSTED", "retry_after", "1", "New code in 1 second.");
	told("EXHAUSTED", "retry_after", "90", "New code in 90 seconds.");
	told("EXHAUSTED", "retry_after", "91", "New code in 2 minutes.");
	told("EXHAUSTED", "retry_after", "120", "New code in 2 minutes.");
	told("EXHAUSTED", "retry_after", "121", "New code in 3 minutes.");
	told("EXHAUSTED", "retry_after", "5400", "New code in 90 minutes.");
	told("EXHAUSTED", "retry_after", "5401", "New code in 2 hours.");
	told("EXHAUSTED", "retry_after", "86400", "New code in 24 hours.");
	told("USED", "ago", "0", "1 second ago");
	told("USED", "ago", "91", "1 minute ago");
	told("USED", "ago", "5459", "90 minutes ago");
	told("USED", "ago", "5460", "1 hour ago");
	told("USED", "ago", "7199", "1 hour ago");
	told("INCORRECT", "attempts_left", "1", "1 try left");
	told("INCORRECT", "attempts_left", "2", "2 tries left");
}

/* What does not stand in an answer, or is no number, cannot make a wrong or endless text. */
static void figures_are_bounded(void **state)
{
	char out[SENTENCES_CAP];
	size_t exhausted = sentences_named("EXHAUSTED");

	(void)state;
	told("EXHAUSTED", "retry_after", "99999999999999999999", "New code in 720 hours.");
	told("EXHAUSTED", "retry_after", "-5", "New code in 1 second.");
	told("EXHAUSTED", "retry_after", "", "New code in 1 second.");
	assert_false(sentences_fill(&en, exhausted, NULL, 0, out));
	assert_string_equal(out, "");
}

static void refused(const char *when, const char *text, const char *why)
{
	char fault[SENTENCES_FAULT_CAP] = "";

	assert_false(sentences_check(&en, sentences_named(when), text, fault));
	if (!strstr(fault, why))
		fail_msg("%s: %s", text, fault);
}

static void what_cannot_be_said_is_refused(void **state)
{
	(void)state;
	refused("EXPIRED", "", "found no text");
	refused("EXPIRED", "a=b", "found an =");
	refused("EXPIRED", "two\nlines", "found a line end");
	refused("EXPIRED", "two\rlines", "found a line end");
	refused("EXPIRED", "two\xe2\x80\xa8lines", "found a line end");
	refused("EXPIRED", "a\x1b[2J", "allowed UTF-8 without control characters");
	refused("EXPIRED", "a\xc2\x85", "allowed UTF-8 without control characters");
	refused("EXPIRED", "a\xc3(", "allowed UTF-8 without control characters");
	refused("EXPIRED", "a\xed\xa0\x80", "allowed UTF-8 without control characters");
	refused("EXPIRED", " a", "found a space");
	refused("EXPIRED", "{ago}", "found {ago}, allowed no figure");
	refused("USED", "{agoo}", "found {agoo}, allowed {ago}");
	refused("USED", "{retry_after}", "found {retry_after}, allowed {ago}");
	refused("USED", "{attempts_left|one|many}", "found {attempts_left}, allowed {ago}");
	refused("USED", "{ago", "found a brace");
	refused("USED", "ago}", "found a brace");
	refused("USED", "{}", "found {}, allowed {ago}");
	refused("USED", "{ago|one}", "found a brace");
	refused("USED", "{ago|a|b|c}", "found a brace");
	refused("USED", "{{ago}}", "found a brace");
}

/* "-EXHAUSTED retry_after=2592000 " and CRLF leave 223 octets. "New code in 720 hours" is as long as a text gets. */
static void the_longest_fill_must_fit_the_line(void **state)
{
	char text[SENTENCES_CAP + 64], fault[SENTENCES_FAULT_CAP];
	size_t which = sentences_named("EXHAUSTED"), fields = strlen("-EXHAUSTED retry_after=2592000 ") + 2;
	size_t room = SENTENCES_LINE_MAX - fields, longest = strlen("90 seconds"), literal = room - longest;

	(void)state;
	memset(text, 'x', sizeof(text));
	snprintf(text + literal, sizeof(text) - literal, "{retry_after}");
	assert_true(sentences_check(&en, which, text, fault));
	memset(text, 'x', sizeof(text));
	snprintf(text + literal + 1, sizeof(text) - literal - 1, "{retry_after}");
	assert_false(sentences_check(&en, which, text, fault));
	assert_non_null(strstr(fault, "a sentence of 224 octets with its longest figures, allowed at most 223"));
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	assert_false(sentences_check(&en, which, text, fault));
	assert_non_null(strstr(fault, "more than 255 octets, allowed at most 223"));
	/* The longer of the two texts for one and for many counts, whichever it is. */
	memset(text, 'x', sizeof(text));
	snprintf(text + room - 10, sizeof(text) - room, "{retry_after|%s|b}", "12345678901");
	assert_false(sentences_check(&en, which, text, fault));
	snprintf(text + room - 10, sizeof(text) - room, "{retry_after|b|%s}", "12345678901");
	assert_false(sentences_check(&en, which, text, fault));
	snprintf(text + room - 10, sizeof(text) - room, "{retry_after|b|%s}", "1234567890");
	assert_true(sentences_check(&en, which, text, fault));
}

static void other_scripts_are_fine(void **state)
{
	char fault[SENTENCES_FAULT_CAP];

	(void)state;
	assert_true(sentences_check(&en, sentences_named("EXPIRED"), "หมดเวลาแล้ว ขอรหัสใหม่", fault));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_has_the_first_case_that_fits),
		cmocka_unit_test(a_reason_or_scope_that_no_case_names_has_none),
		cmocka_unit_test(every_reason_has_a_case),
		cmocka_unit_test(every_record_is_said),
		cmocka_unit_test(times_are_in_words),
		cmocka_unit_test(figures_are_bounded),
		cmocka_unit_test(what_cannot_be_said_is_refused),
		cmocka_unit_test(the_longest_fill_must_fit_the_line),
		cmocka_unit_test(other_scripts_are_fine),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
