/*
 * story: reads a story line by line. A line that begins at the margin is done; an indented one must be seen next. What
 * must be expected and is not, or comes in another order, ends the story.
 */
#include "story.h"

#include "acts.h"
#include "world.h"
#include "../fakes/saw.h"

#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINES_MAX 2000
#define LINE_CAP 512
#define SEEN_MAX 8192
#define LAST_MS 2000 /* nothing more may be seen so long after the last line */

static struct {
	const char *path;
	char *lines[LINES_MAX];
	size_t count, at; /* at: the line that is being read, from 0 */
	bool mute;
	struct {
		bool must;
		char *text;
	} seen[SEEN_MAX];
	size_t seen_count, taken, act; /* act: the first that was seen after what was done last */
} story;

void story_fail(const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "%s:%zu: ", story.path, story.at + 1);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	for (size_t i = story.act; i < story.seen_count; i++)
		fprintf(stderr, "\tseen: %s\n", story.seen[i].text);
	_exit(1);
}

void story_mute(bool mute)
{
	story.mute = mute;
}

void fake_saw(bool must, const char *fmt, ...)
{
	va_list args;
	char *text = NULL;

	if (story.mute)
		return;
	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		abort();
	va_end(args);
	if (story.seen_count == SEEN_MAX)
		story_fail("more was seen than a story can hold");
	story.seen[story.seen_count].must = must;
	story.seen[story.seen_count++].text = text;
}

/* --- what must be seen --- */

/* "*" in the line stands for anything. */
static void expect(const char *line)
{
	while (story.taken < story.seen_count) {
		const char *text = story.seen[story.taken].text;

		if (fnmatch(line, text, FNM_NOESCAPE) == 0) {
			story.taken++;
			return;
		}
		if (story.seen[story.taken].must)
			story_fail("expected \"%s\", but saw \"%s\"", line, text);
		story.taken++;
	}
	story_fail("expected \"%s\", but nothing more happened", line);
}

/* Before the next line is done, all that must be expected has been. */
static void nothing_more(void)
{
	for (; story.taken < story.seen_count; story.taken++)
		if (story.seen[story.taken].must)
			story_fail("did not expect \"%s\"", story.seen[story.taken].text);
}

/* --- lines --- */

static void load(const char *path)
{
	FILE *in = fopen(path, "r");
	char line[LINE_CAP];

	story.path = path;
	if (!in)
		story_fail("cannot be read");
	while (fgets(line, sizeof(line), in)) {
		size_t len = strcspn(line, "\n");

		if (story.count == LINES_MAX || !line[len])
			story_fail("too long");
		line[len] = '\0';
		story.lines[story.count] = strdup(line);
		if (!story.lines[story.count++])
			abort();
	}
	fclose(in);
}

/* The line with "#" as the round's number: "M#" is M3 in the third. */
static void in_round(const char *line, unsigned round, char out[LINE_CAP])
{
	size_t n = 0;

	for (; *line && n + 12 < LINE_CAP; line++) {
		if (*line == '#' && round)
			n += (size_t)snprintf(out + n, LINE_CAP - n, "%u", round);
		else
			out[n++] = *line;
	}
	out[n] = '\0';
}

static void read_line(const char *raw, unsigned round)
{
	char line[LINE_CAP], words[LINE_CAP];
	size_t indent = strspn(raw, " \t");

	if (!raw[indent] || (raw[indent] == '#' && !indent))
		return;
	in_round(raw + indent, round, line);
	if (indent) {
		expect(line);
		return;
	}
	nothing_more();
	story.act = story.seen_count;
	memcpy(words, line, sizeof(words));
	if (!acts_do(words))
		story_fail("not understood: \"%s\"", line);
}

/* The lines between "repeat 8" and "end", so many times. */
static void read_repeat(void)
{
	unsigned rounds = (unsigned)strtoul(story.lines[story.at] + strlen("repeat "), NULL, 10);
	size_t first = story.at + 1, last = first;

	while (last < story.count && strcmp(story.lines[last], "end") != 0)
		last++;
	if (!rounds || last == story.count)
		story_fail("a repeat needs a number, and a line that says end");
	for (unsigned round = 1; round <= rounds; round++)
		for (story.at = first; story.at < last; story.at++)
			read_line(story.lines[story.at], round);
	story.at = last;
}

static void forget(void)
{
	for (size_t i = 0; i < story.count; i++)
		free(story.lines[i]);
	for (size_t i = 0; i < story.seen_count; i++)
		free(story.seen[i].text);
}

void story_run(const char *path)
{
	load(path);
	world_make();
	for (story.at = 0; story.at < story.count; story.at++) {
		if (strncmp(story.lines[story.at], "repeat ", 7) == 0)
			read_repeat();
		else
			read_line(story.lines[story.at], 0);
	}
	story.at = story.count ? story.count - 1 : 0;
	nothing_more();
	world_wait(LAST_MS);
	nothing_more();
	world_end();
	nothing_more();
	forget();
}
