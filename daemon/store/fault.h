/*
 * fault: what an error reply of Redis means, by its first word. Private to store.
 */
#ifndef STORE_FAULT_H
#define STORE_FAULT_H

#include <stdbool.h>

bool fault_is(const char *text, const char *word);

/* The server as a whole is no use now, not this command: why, as a static word; else NULL. */
const char *fault_away(const char *text);

void fault_start(void); /* all series of the metric are there, at zero */

/*
 * Into the metric and the log; by its first word alone, since behind it Redis may repeat what it was told.
 * followed: the command went elsewhere and is not lost, which is no news.
 */
void fault_count(const char *text, bool followed);

#endif
