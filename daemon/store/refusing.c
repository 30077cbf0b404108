/*
 * refusing: the errors that the next write would get too. Each holds for some seconds. OOM ends earlier if a write
 * succeeds, and the connection tries one per second. NOPERM and NOAUTH do not, because not every command needs the
 * missing right. Owns nothing.
 */
#include "refusing.h"

#include "redis_error.h"

#include <stddef.h>
#include <string.h>

#define HOLDS_MS 5000 /* leases are claimed more often than that, so a refusal that persists is noted again in time */

const char *refusing_note(struct refusing *r, const char *text, int64_t now_ms)
{
	static const char *const words[] = { "OOM", "NOPERM", "NOAUTH" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		bool right = strcmp(words[i], "NOPERM") == 0;

		if (right ? !redis_error_is_no_right(text) : !redis_error_is(text, words[i]))
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

void refusing_permitted(struct refusing *r)
{
	if (r->word && strcmp(r->word, "NOPERM") == 0)
		r->word = NULL;
}

const char *refusing_word(const struct refusing *r, int64_t now_ms)
{
	return r->word && now_ms < r->until_ms ? r->word : "";
}
