/*
 * visible: tells which UTF-8 characters are visible as they are in any output. Pure.
 */
#ifndef BASE_VISIBLE_H
#define BASE_VISIBLE_H

#include <stddef.h>

/*
 * Returns the octets of the character at the start of this NUL-terminated text, 1 to 4. Returns 0 at its end, for
 * octets that are not UTF-8, and for a character without a visible shape: controls (C0, DEL, C1), line and paragraph
 * separators, direction marks, joiners, zero-width spaces, tags, byte order marks.
 */
size_t visible_len(const char *text);

#endif
