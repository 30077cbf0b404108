/*
 * typed: text that a person typed or pasted, character by character, in the terms that numbers and codes are read in:
 * digits of every script, Latin letters, and what may be dropped between them. Pure.
 */
#ifndef OTP_TYPED_H
#define OTP_TYPED_H

#include <stdbool.h>
#include <stddef.h>

enum typed_kind {
	TYPED_DIGIT,     /* a decimal digit of any script (Unicode class Nd); ascii is '0'..'9' */
	TYPED_LATIN,     /* a letter of ASCII, or its full-width form; ascii is its capital */
	TYPED_LETTER,    /* another letter of a script that has capitals: part of a word */
	TYPED_MARK,      /* an accent or vowel sign: belongs to the character before it */
	TYPED_SEPARATOR, /* a space, hyphen or dash of any kind, tab, line end, parenthesis: dropped, but a word ends */
	TYPED_INVISIBLE, /* direction mark, zero-width character, soft hyphen, byte order mark: dropped */
	TYPED_DOT,
	TYPED_SLASH,
	TYPED_PLUS,
	TYPED_OTHER /* means something else, or nothing: symbols, controls, letters of scripts without capitals, U+202E
	             */
};

struct typed {
	enum typed_kind kind;
	char ascii; /* of TYPED_DIGIT and TYPED_LATIN; else 0 */
};

/* A digit of ASCII, which is nearly all that is typed, is known without typed_next. */
static inline bool typed_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/*
 * Reads the character at text[*at] and moves *at (octets, below len) behind it. False, and *at stays: it is no UTF-8.
 * text need not end in NUL; a NUL in it is TYPED_OTHER.
 */
bool typed_next(const char *text, size_t len, size_t *at, struct typed *out);

#endif
