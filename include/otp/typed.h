/*
 * typed: classifies each character of a text that a person typed or pasted: digits of every script, Latin letters, and
 * characters that may be dropped between them. Numbers and codes are read in these terms. Pure.
 */
#ifndef OTP_TYPED_H
#define OTP_TYPED_H

#include <stdbool.h>
#include <stddef.h>

enum typed_kind {
	TYPED_DIGIT,     /* a decimal digit of any script (Unicode class Nd); ascii is '0'..'9' */
	TYPED_LATIN,     /* an ASCII letter or its full-width form; ascii is its capital */
	TYPED_LETTER,    /* another letter of a script that has capitals; part of a word */
	TYPED_MARK,      /* an accent or vowel sign; belongs to the character before it */
	TYPED_SEPARATOR, /* a space, hyphen or dash of any kind, tab, line end, parenthesis; dropped, and ends a word */
	TYPED_INVISIBLE, /* direction mark, zero-width character, soft hyphen, byte order mark; dropped */
	TYPED_DOT,
	TYPED_SLASH,
	TYPED_PLUS,
	TYPED_OTHER /* everything else: symbols, controls, letters of scripts without capitals, U+202E */
};

struct typed {
	enum typed_kind kind;
	char ascii; /* set for TYPED_DIGIT and TYPED_LATIN; else 0 */
};

/* True for an ASCII digit. Callers use it to skip typed_next, because nearly all typed characters are ASCII digits. */
static inline bool typed_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/*
 * Reads the character at text[*at] and moves *at behind it. *at counts octets and is below len. Returns false and
 * leaves *at if the octets are not UTF-8. text need not end in NUL. A NUL in it is TYPED_OTHER.
 */
bool typed_next(const char *text, size_t len, size_t *at, struct typed *out);

#endif
