/*
 * text_size: explains to the author why a text does not fit one SMS: its length, the length allowed, and the character
 * that causes this limit. Pure.
 */
#ifndef OTP_TEXT_SIZE_H
#define OTP_TEXT_SIZE_H

#include "otp/charset.h"

#include <stddef.h>
#include <stdint.h>

#define TEXT_SIZE_SETS 4        /* of enum charset */
#define TEXT_SIZE_WORDS_CAP 192 /* of text_size_words, NUL included */

/* A text as it is counted; begin with a zeroed one. */
struct text_size {
	size_t octets[TEXT_SIZE_SETS];  /* in this set, of the characters that it has */
	uint32_t lacks[TEXT_SIZE_SETS]; /* the first character that the set has not; 0: none */
};

/* Counts UTF-8 text; an octet that is none is passed over. */
void text_size_add(struct text_size *s, const char *utf8, size_t len);

/*
 * Writes one line: "it has 83 characters and one SMS takes 70, since U+4E2D is not in the GSM alphabet". sets: as in
 * text_fill. A text that fits all of them has too many octets of UTF-8.
 */
void text_size_words(const struct text_size *s, unsigned sets, char out[TEXT_SIZE_WORDS_CAP]);

#endif
