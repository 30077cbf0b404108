/*
 * refusing: whether a Redis that answers takes what is to be written, by what it refused last. Pure. Private to store.
 */
#ifndef STORE_REFUSING_H
#define STORE_REFUSING_H

#include <stdint.h>

/* Begin with a zeroed one. */
struct refusing {
	const char *word; /* NULL: nothing was refused yet */
	int64_t until_ms; /* monotonic */
};

/* An error reply to a write, or to a script; what says nothing of the next write is passed over. Static: the word that
 * is news, "OOM"; NULL: none. */
const char *refusing_note(struct refusing *r, const char *text, int64_t now_ms);

/* A write was taken. */
void refusing_taken(struct refusing *r);

/* "OOM" (its memory is full), "NOPERM", "NOAUTH" (our user may not); "" if it takes what is written. Static. */
const char *refusing_word(const struct refusing *r, int64_t now_ms);

#endif
