/*
 * charset: converts UTF-8 to what an SMS can carry: GSM 03.38 septets (unpacked, one per octet), UCS-2, or the Latin 1
 * and ASCII that some SMSCs take instead. Pure. Implements 3GPP TS 23.038 section 6.2.1 (default alphabet and its
 * extension table).
 */
#ifndef OTP_CHARSET_H
#define OTP_CHARSET_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHARSET_GSM_SEGMENT 160 /* septets */
#define CHARSET_UCS2_SEGMENT 70 /* code units */

#define CHARSET_OCTETS_MAX 160 /* largest result of charset_octets */
#define CHARSET_SETS 4         /* number of values of enum charset */

enum charset { CHARSET_GSM, CHARSET_UCS2, CHARSET_LATIN1, CHARSET_ASCII };

/* How many octets of charset_encode one SMS carries: 160 for the sets of 7 bits (GSM, ASCII), 140 for the others. */
size_t charset_octets(enum charset set);

/*
 * Measures UTF-8 text. *set gets the alphabet that it needs, GSM or UCS-2. *units gets its length in units of that
 * alphabet: a GSM extension character has 2 septets, and a character beyond the BMP has 2 code units. ERR_INVALID: the
 * text is not UTF-8, or has a control character other than LF and CR.
 */
enum err charset_measure(const char *utf8, size_t len, enum charset *set, size_t *units) ERR_CHECKED;

/*
 * Encodes into at most *len octets of out, and sets *len to the number written. GSM has one septet per octet. UCS-2 is
 * big-endian without BOM. On an error *len is unchanged and out has no valid content. ERR_INVALID: the text is not
 * UTF-8, has a control character, or has a character that the set lacks. ERR_TOOBIG: it does not fit.
 */
enum err charset_encode(enum charset set, const char *utf8, size_t utf8_len, uint8_t *out, size_t *len) ERR_CHECKED;

/* The length of a text in every set. The caller starts with a zeroed one. */
struct charset_count {
	size_t octets[CHARSET_SETS]; /* as charset_encode writes them, without the characters that the set lacks */
	bool lacks[CHARSET_SETS];    /* the set lacks a character of the text */
};

/*
 * Adds UTF-8 text to the count. ERR_INVALID: the text is not UTF-8, or has a control character other than LF and CR;
 * the count is then unchanged.
 */
enum err charset_add(struct charset_count *c, const char *utf8, size_t len) ERR_CHECKED;

/*
 * True if every character is in the subset that no SMSC changes: letters, digits, space, LF and .,:;-()?!/+%&*'"<>=
 * Otherwise *point is the first character outside the subset, or 0xFFFD if that is not UTF-8.
 */
bool charset_invariant(const char *utf8, size_t len, uint32_t *point);

#endif
