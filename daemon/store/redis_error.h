/*
 * redis_error: what an error reply of Redis means, by its first word. Private to store.
 */
#ifndef STORE_REDIS_ERROR_H
#define STORE_REDIS_ERROR_H

#include <stdbool.h>

bool redis_error_is(const char *text, const char *word);

/* If the error means that the server as a whole cannot be used now, returns its first word, static; else NULL. */
const char *redis_error_away(const char *text);

void redis_error_start(void); /* registers all series of the metric, at zero */

/*
 * Counts and logs an error by its first word alone, because Redis may repeat the command in the words behind it.
 * followed: the command was sent elsewhere and is not lost, so the line has level debug.
 */
void redis_error_count(const char *text, bool followed);

/* Redis has no words of their own for these. */
bool redis_error_is_no_function(const char *text); /* the reply to FCALL; the function did not run */
bool redis_error_is_no_right(const char *text);    /* NOPERM, also of a command that a function called */
bool redis_error_is_loaded(const char *text);      /* the reply to FUNCTION LOAD; the library is there */
bool redis_error_is_no_library(const char *text);  /* the reply to FUNCTION DELETE; the library is gone */
bool redis_error_is_unknown_command(const char *text);

#endif
