/*
 * text_size: explains to the author of a template why a text does not fit one SMS: its length, the length allowed, and
 * the character that causes this limit. Pure.
 */
#ifndef OTP_TEXT_SIZE_H
#define OTP_TEXT_SIZE_H

#include "otp/charset.h"

#include <stddef.h>
#include <stdint.h>

#define TEXT_SIZE_WORDS_CAP 192 /* size of the result of text_size_words, NUL included */

/* The count of a text. The caller starts with a zeroed one. */
struct text_size {
	size_t octets[CHARSET_SETS];  /* octets of the text in this set, without the characters that the set lacks */
	uint32_t lacks[CHARSET_SETS]; /* first character that the set lacks; 0: none */
};

/* Adds UTF-8 text to the count. An octet that is not UTF-8 is skipped. */
void text_size_add(struct text_size *s, const char *utf8, size_t len);

/*
 * Writes one line: "it has 83 characters and one SMS takes 70, since U+4E2D is not in the GSM alphabet". sets: as in
 * text_fill. If the text fits all sets, the line says that it has too many octets of UTF-8.
 */
void text_size_words(const struct text_size *s, unsigned sets, char out[TEXT_SIZE_WORDS_CAP]);

#endif
