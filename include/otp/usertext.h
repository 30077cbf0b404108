/*
 * usertext: checks the value of a VAR, because an SMS shows it in the name of the operator. Allowed are letters, marks,
 * digits, spaces and .,'-/&() of any script, but nothing that a phone turns into a link. Pure.
 */
#ifndef OTP_USERTEXT_H
#define OTP_USERTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum usertext_fault {
	USERTEXT_OK = 0,
	USERTEXT_NOT_UTF8,
	USERTEXT_LINE_END, /* a line or paragraph separator is one too */
	USERTEXT_CONTROL,
	USERTEXT_DIRECTION, /* marks, embeddings, overrides and isolates */
	USERTEXT_INVISIBLE, /* zero-width characters, soft hyphens, fillers, tags */
	USERTEXT_SYMBOL,    /* symbols, other punctuation, what Unicode has not assigned */
	USERTEXT_UNLIKE,    /* good in another VAR, but not of this one's kind */
	USERTEXT_LINK       /* "bit.ly", "www.x1", "45.33.32.156": labels joined by dots that lead somewhere */
};

/* What the template says of a VAR; each kind is a part of the first. */
enum usertext_kind {
	USERTEXT_ANY = 0,
	USERTEXT_AMOUNT, /* digits, spaces, full stops, commas, dashes; at most 4 letters, of a currency */
	USERTEXT_NAME,   /* letters, marks, spaces and .,'- */
	USERTEXT_WORD    /* letters, marks and digits */
};

/* Judges len octets; the empty text is good. *point: the first character at fault, 0 if it is none of one character. */
enum usertext_fault usertext_check(const char *text, size_t len, enum usertext_kind kind, uint32_t *point);

/*
 * Finds the first link at or after octet *from of a whole text, of which VARs are a part: they may make a link only
 * with what stands beside them. True: it lies in the octets from *from to below *to. What is no UTF-8 ends a word.
 */
bool usertext_find_link(const char *text, size_t len, size_t *from, size_t *to);

/* What was found, e.g. "a direction control", to stand behind the character's number. Static. */
const char *usertext_fault_text(enum usertext_fault fault);

/* What is right, e.g. "letters, marks and digits". Static. */
const char *usertext_kind_text(enum usertext_kind kind);

#endif
