/*
 * refusing: whether a Redis that answers refuses writes, judged by the errors it replied. Pure. Private to store.
 */
#ifndef STORE_REFUSING_H
#define STORE_REFUSING_H

#include <stdint.h>

/* Zeroed: nothing was refused yet. */
struct refusing {
	const char *word; /* static; NULL: no write is refused */
	int64_t until_ms; /* until then the word holds; monotonic */
};

/*
 * Notes an error reply to a write or a function. Ignores errors that say nothing about the next write. Returns the
 * word, "OOM", if it was not known before; otherwise NULL. Static.
 */
const char *refusing_note(struct refusing *r, const char *text, int64_t now_ms);

/* Notes that a write succeeded, so that there is memory again. */
void refusing_taken(struct refusing *r);

/* Notes that the user has all rights. */
void refusing_permitted(struct refusing *r);

/* "OOM" (the memory of Redis is full), "NOPERM" or "NOAUTH" (the user has no right); "": writes are taken. Static. */
const char *refusing_word(const struct refusing *r, int64_t now_ms);

#endif
