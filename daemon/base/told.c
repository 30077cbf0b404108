/*
 * told: finds out whether a log text is new. Keeps hashes of log texts, and must never keep the texts.
 */
#include "base/told.h"

#include <stddef.h>

/* FNV-1a; 0 means an empty place, so it is not returned. */
static uint64_t hash_of(const char *text)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * UINT64_C(1099511628211);
	return h ? h : 1;
}

enum log_level told_level(struct told *t, const char *text)
{
	uint64_t hash = hash_of(text);

	for (size_t i = 0; i < TOLD_TEXTS; i++) {
		if (t->texts[i].hash == hash)
			return log_seldom(&t->texts[i].quiet_ms);
	}
	unsigned at = t->oldest;

	t->oldest = (t->oldest + 1) % TOLD_TEXTS;
	t->texts[at].hash = hash;
	t->texts[at].quiet_ms = 0;
	return log_seldom(&t->texts[at].quiet_ms);
}

void told_forget(struct told *t)
{
	*t = (struct told){ .oldest = 0 };
}
