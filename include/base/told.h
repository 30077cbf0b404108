/*
 * told: remembers the last few log texts of one source. If a state alternates between a few texts, each of them is
 * logged at once, and then seldom.
 */
#ifndef BASE_TOLD_H
#define BASE_TOLD_H

#include "base/log.h"

#include <stdint.h>

#define TOLD_TEXTS 4

/* The texts of one source. Begin with a zeroed struct. */
struct told {
	struct {
		uint64_t hash;    /* hash of the text; 0: none */
		int64_t quiet_ms; /* state of log_seldom */
	} texts[TOLD_TEXTS];
	unsigned oldest; /* index of the text to replace next */
};

/* WARN for a text that is not among the last TOLD_TEXTS, and once in 10 s for one that is; else DEBUG. */
enum log_level told_level(struct told *t, const char *text);

/* Forgets all texts, so that each is logged at once again. */
void told_forget(struct told *t);

#endif
