/*
 * like: finds the key that a misspelt name probably means. Pure.
 */
#include "like.h"

#include <string.h>

/*
 * Returns Levenshtein's distance of two names of at most 32 characters. With a longer name it returns 33, which is like
 * no key.
 */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[34];
	size_t la = strlen(a), lb = strlen(b);

	if (la > 32 || lb > 32)
		return 33;
	for (unsigned j = 0; j <= lb; j++)
		row[j] = j;
	for (unsigned i = 1; i <= la; i++) {
		unsigned diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			unsigned best = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[lb];
}

const struct conf_key *conf_key_like(const char *group, const char *name)
{
	const struct conf_key *best = NULL;
	unsigned least = 5;

	for (size_t i = 0; i < conf_key_count(); i++) {
		const struct conf_key *key = conf_key_at(i);
		const char *other = conf_key_name(key);

		if (!conf_key_in(key, group))
			continue;
		unsigned d = distance(name, other);

		/*
		 * A name that is the beginning of the key, or that begins with the key, counts as one mistake, e.g. a
		 * key without its unit.
		 */
		if (d > 1 && (strncmp(name, other, strlen(name)) == 0 || strncmp(name, other, strlen(other)) == 0))
			d = 1;
		if (d < least && d < strlen(other)) {
			least = d;
			best = key;
		}
	}
	return best;
}
