/*
 * usertext: checks the value of a VAR, because the reader of the SMS believes that the brand wrote it. Allowed are
 * letters, marks, digits, spaces and .,'-/&() of any script, but nothing that a phone turns into a link. Pure.
 */
#ifndef OTP_USERTEXT_H
#define OTP_USERTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum usertext_fault {
	USERTEXT_OK = 0,
	USERTEXT_NOT_UTF8,
	USERTEXT_LINE_END, /* also a line or paragraph separator */
	USERTEXT_CONTROL,
	USERTEXT_DIRECTION, /* marks, embeddings, overrides and isolates */
	USERTEXT_INVISIBLE, /* zero-width characters, soft hyphens, fillers, tags */
	USERTEXT_SYMBOL,    /* symbols, other punctuation, what Unicode has not assigned */
	USERTEXT_UNLIKE,    /* allowed in another VAR, but not in one of this kind */
	USERTEXT_LINK       /* "bit.ly", "www.x1", "45.33.32.156": what a phone turns into a link */
};

/* The kinds of text that a template sets for a VAR. Each kind allows a part of what USERTEXT_ANY allows. */
enum usertext_kind {
	USERTEXT_ANY = 0,
	USERTEXT_AMOUNT, /* digits, spaces, full stops, commas, dashes, and at most 4 letters for a currency */
	USERTEXT_NAME,   /* letters, marks, spaces and .,'- */
	USERTEXT_WORD    /* letters, marks and digits */
};

/*
 * Checks len octets. An empty text is allowed. *point is the first character at fault, or 0 if the fault is not one
 * character.
 */
enum usertext_fault usertext_check(const char *text, size_t len, enum usertext_kind kind, uint32_t *point);

/*
 * Finds the first link at or after octet *from of a whole SMS text. It is needed because a VAR may form a link only
 * together with the text beside it. Returns true if there is one, in the octets from *from to below *to. An octet that
 * is not UTF-8 ends a word.
 */
bool usertext_find_link(const char *text, size_t len, size_t *from, size_t *to);

/* Returns what was found, e.g. "a direction control", to stand behind the number of the character. Static. */
const char *usertext_fault_text(enum usertext_fault fault);

/* Returns what is allowed, e.g. "letters, marks and digits". Static. */
const char *usertext_kind_text(enum usertext_kind kind);

#endif
