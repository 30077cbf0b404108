/*
 * script: see script.h. The draw of the Nth submit depends on the seed and N alone, so a run can be had again.
 */
#include "script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MIX_MAX = 64, LINES_MAX = 256, WORDS_MAX = 8 };

static struct {
	struct fault fault;
	double weight;
} mix[MIX_MAX];

static struct fault always[FAULTS_MAX];

/* For submits from `at` on, `count` of them, or every `every`. option: set it instead. */
static struct line {
	uint64_t at, count, every;
	struct fault fault;
	char *option, *value;
} lines[LINES_MAX];

static size_t mixed, alwaysed, lined;
static uint64_t seed;

static _Noreturn void wrong(const char *what)
{
	fprintf(stderr, "smsc: neither a fault nor a line of a scenario: %s\n", what);
	exit(2);
}

static void read_mix(const char *text)
{
	double sum = 0;

	while (*(text += strspn(text, " \t\n"))) {
		size_t len = strcspn(text, " \t\n"), name = strcspn(text, "=");
		char *end;

		if (mixed == MIX_MAX || name >= len || !fault_parse(text, name, &mix[mixed].fault))
			wrong(text);
		mix[mixed].weight = strtod(text + name + 1, &end);
		if (end != text + len || (sum += mix[mixed].weight) > 1000)
			wrong(text);
		mixed++;
		text += len;
	}
}

static size_t split(char *text, char *words[WORDS_MAX])
{
	size_t count = 0;
	char *rest = text;

	for (char *w = strtok_r(text, " \t\n", &rest); w && count < WORDS_MAX; w = strtok_r(NULL, " \t\n", &rest))
		words[count++] = w;
	return count;
}

static char *keep(const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		wrong("out of memory");
	return copy;
}

/* "at N submits: FAULT [for M]", "every N submits: FAULT", "at N submits: set OPTION [VALUE]". */
static void read_line(char *text)
{
	char *words[WORDS_MAX], whole[512], *end = NULL;
	struct line line = { .count = 1 };

	snprintf(whole, sizeof(whole), "%s", text);
	size_t n = split(text, words);
	bool every = n && strcmp(words[0], "every") == 0;

	if (n < 4 || (!every && strcmp(words[0], "at") != 0) || strncmp(words[2], "submit", 6) != 0 ||
	    lined == LINES_MAX)
		wrong(whole);
	line.at = strtoull(words[1], &end, 10);
	if (*end || line.at == 0)
		wrong(whole);
	line.every = every ? line.at : 0;
	if (strcmp(words[3], "set") == 0 && n >= 5 && n <= 6) {
		line.option = keep(words[4]);
		line.value = n == 6 ? keep(words[5]) : NULL;
	} else if (!fault_parse(words[3], strlen(words[3]), &line.fault)) {
		wrong(whole);
	} else if (n == 6 && strcmp(words[4], "for") == 0) {
		line.count = strtoull(words[5], &end, 10);
	} else if (n != 4) {
		wrong(whole);
	}
	lines[lined++] = line;
}

static void read_scenario(struct options *o, const char *path)
{
	char text[512], *hash;
	FILE *from = fopen(path, "r");

	if (!from) {
		perror(path);
		exit(2);
	}
	while (fgets(text, sizeof(text), from)) {
		hash = strchr(text, '#');
		if (hash)
			*hash = '\0';
		if (text[strspn(text, " \t\n")] == '\0')
			continue;
		if (strncmp(text, "mix ", 4) == 0)
			read_mix(text + 4);
		else if (strncmp(text, "seed ", 5) == 0)
			o->seed = strtoull(text + 5, NULL, 0);
		else
			read_line(text);
	}
	fclose(from);
}

void script_open(struct options *o)
{
	for (; alwaysed < o->fault_count; alwaysed++)
		if (!fault_parse(o->faults[alwaysed], strlen(o->faults[alwaysed]), &always[alwaysed]))
			wrong(o->faults[alwaysed]);
	if (o->mix)
		read_mix(o->mix);
	if (o->scenario)
		read_scenario(o, o->scenario);
	seed = o->seed;
}

/* From 0 to 1000. */
static double draw(uint64_t submit)
{
	uint64_t z = (seed + 1) * 0x9E3779B97F4A7C15 + submit * 0xD1342543DE82EF95;

	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
	z = (z ^ z >> 27) * 0x94D049BB133111EB;
	return (double)((z ^ z >> 31) >> 11) / (double)(1ULL << 53) * 1000;
}

static bool due(const struct line *l, uint64_t submit)
{
	return l->every ? submit % l->every == 0 : submit >= l->at && submit - l->at < l->count;
}

void script_apply(struct options *o, uint64_t submit, struct fate *fate, uint64_t *made)
{
	double at = mixed ? draw(submit) : 0;

	for (size_t i = 0; i < alwaysed; i++)
		fault_apply(&always[i], fate, made);
	for (size_t i = 0; i < mixed; i++) {
		if (at < mix[i].weight) {
			fault_apply(&mix[i].fault, fate, made);
			break;
		}
		at -= mix[i].weight;
	}
	for (size_t i = 0; i < lined; i++) {
		if (!due(&lines[i], submit))
			continue;
		if (!lines[i].option)
			fault_apply(&lines[i].fault, fate, made);
		else if (!options_set(o, lines[i].option, lines[i].value))
			wrong(lines[i].option);
	}
}

void script_help(void)
{
	puts("A scenario's lines (# begins a remark):");
	puts("  at N submits: FAULT          the Nth submit meets it; \"for M\" after it: M of them");
	puts("  every N submits: FAULT");
	puts("  at N submits: set OPTION [VALUE]   an option from then on, without its dashes");
	puts("  mix F=W ...                  as --mix;  seed N: as --seed");
	puts("A fault of the destination comes last and wins. Example: --seed 7 --mix \"throttle=5 late=3 drop=1\"");
}
