/*
 * visible: which characters of UTF-8 a person sees as they are, wherever they are shown. Pure.
 */
#ifndef BASE_VISIBLE_H
#define BASE_VISIBLE_H

#include <stddef.h>

/*
 * Octets of the character at the start of this NUL-terminated text, 1 to 4; 0 at its end, for octets that are not
 * UTF-8, and for a character that has no shape of its own: controls (C0, DEL, C1), line and paragraph separators, marks
 * of direction, joiners and spaces of no width, tags, byte order marks.
 */
size_t visible_len(const char *text);

#endif
