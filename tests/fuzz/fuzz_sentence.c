/*
 * A sentence of the configuration: one that is taken can be said with any figures, in one line without "=", which fits
 * beside the longest fields of its case. The first line names the case; one that is none is EXPIRED.
 */
#include "otp/sentences.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CASES_MAX 256

static const char *texts[CASES_MAX];
static const struct sentences_lang lang = { .name = "en", .texts = texts };

static void check(int holds)
{
	if (!holds)
		abort();
}

static void check_said(size_t which, const char *value)
{
	const struct sentences_case *c = sentences_case(which);
	const struct sentences_field field = { c->figure, value };
	size_t beside = c->widest ? 1 + strcspn(c->when, " ") + 1 + strlen(c->widest) + 1 + 2 : 0;
	char out[SENTENCES_CAP];

	check(sentences_fill(&lang, which, &field, 1, out));
	check(strlen(out) < sizeof(out) && !strpbrk(out, "=\r\n{}"));
	check(strlen(out) + beside <= SENTENCES_LINE_MAX + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const values[] = { "0",       "1",    "2",    "59",   "90",
		                              "91",      "3599", "5400", "5401", "99999",
		                              "2592000", "",     "-1",   "x",    "18446744073709551616" };
	char whole[1024], fault[SENTENCES_FAULT_CAP] = "";
	char *line_end;

	if (size >= sizeof(whole) || sentences_count() > CASES_MAX)
		return 0;
	memcpy(whole, data, size);
	whole[size] = '\0';
	line_end = strchr(whole, '\n');
	if (!line_end)
		return 0;
	*line_end = '\0';
	const char *text = line_end + 1;
	size_t which =
	    sentences_named(whole) < sentences_named("SECONDS") ? sentences_named(whole) : sentences_named("EXPIRED");
	texts[sentences_named("SECONDS")] = "{n} {n|second|seconds}";
	texts[sentences_named("MINUTES")] = "{n} {n|minute|minutes}";
	texts[sentences_named("HOURS")] = "{n} {n|hour|hours}";
	texts[which] = text;
	if (sentences_check(&lang, which, text, fault)) {
		for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
			check_said(which, values[i]);
	} else {
		check(fault[0]);
	}
	texts[which] = NULL;
	return 0;
}
