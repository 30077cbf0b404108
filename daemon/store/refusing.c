/*
 * refusing: the words of errors that the next write would get too. A write of the connection's own, once a second,
 * takes a full memory back; a right that lacks is believed for some seconds, since not every command needs it.
 */
#include "refusing.h"

#include "fault.h"

#include <stddef.h>
#include <string.h>

#define HOLDS_MS 5000 /* leases are claimed more often than that: who may not do it is refused again */

const char *refusing_note(struct refusing *r, const char *text, int64_t now_ms)
{
	static const char *const words[] = { "OOM", "NOPERM", "NOAUTH" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!fault_is(text, words[i]))
			continue;
		const char *before = refusing_word(r, now_ms);

		r->word = words[i];
		r->until_ms = now_ms + HOLDS_MS;
		return strcmp(before, words[i]) ? words[i] : NULL;
	}
	return NULL;
}

void refusing_taken(struct refusing *r)
{
	if (r->word && strcmp(r->word, "OOM") == 0)
		r->word = NULL;
}

const char *refusing_word(const struct refusing *r, int64_t now_ms)
{
	return r->word && now_ms < r->until_ms ? r->word : "";
}
