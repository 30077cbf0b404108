/*
 * invariant: counts broken invariants and logs each place once. Owns the count and the list of logged places. Must
 * never allocate memory or call code that checks invariants.
 */
#include "base/invariant.h"

#include "base/log.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define TOPIC "invariant"
#define PLACES 128 /* places that are logged; further ones are only counted */

struct place {
	const char *file;
	int line;
};

static struct place places[PLACES];
static size_t told;
static uint64_t broken;

static bool is_told(const char *file, int line)
{
	for (size_t i = 0; i < told; i++) {
		if (places[i].line == line && strcmp(places[i].file, file) == 0)
			return true;
	}
	return told == PLACES;
}

bool invariant_broken(const char *file, int line, const char *expression, bool aborts)
{
	broken++;
	if (!is_told(file, line)) {
		places[told++] = (struct place){ .file = file, .line = line };
		log_error(TOPIC, "broken file=%s line=%d expression=\"%s\"", file, line, expression);
	}
	if (aborts)
		abort();
	return false;
}

uint64_t invariant_count(void)
{
	return broken;
}
