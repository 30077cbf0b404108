/*
 * charset: what an SMS can carry. UTF-8 to GSM 03.38 septets (unpacked, one per octet), UCS-2, or what some SMSCs take
 * instead: Latin 1, ASCII. Pure.
 * Implements 3GPP TS 23.038 section 6.2.1 (default alphabet and its extension table).
 */
#ifndef OTP_CHARSET_H
#define OTP_CHARSET_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHARSET_GSM_SEGMENT 160 /* septets */
#define CHARSET_UCS2_SEGMENT 70 /* code units */

#define CHARSET_OCTETS_MAX 160 /* of charset_octets */

enum charset { CHARSET_GSM, CHARSET_UCS2, CHARSET_LATIN1, CHARSET_ASCII };

/* Octets of charset_encode that one SMS carries: 160 of those sets that have 7 bits, 140 of the others. */
size_t charset_octets(enum charset set);

/*
 * Measures UTF-8 text: the alphabet it needs, GSM or UCS-2, and its length in units of it (an extension character is
 * 2 septets; beyond the BMP 2 code units). ERR_INVALID: not UTF-8, or a control character other than LF and CR.
 */
enum err charset_measure(const char *utf8, size_t len, enum charset *set, size_t *units) ERR_CHECKED;

/* Encodes into at most *len octets of out; then *len is how many. GSM: one septet per octet; UCS-2: big-endian, no BOM.
 * ERR_INVALID (not encodable in set, not UTF-8), ERR_TOOBIG (nothing useful in out). */
enum err charset_encode(enum charset set, const char *utf8, size_t utf8_len, uint8_t *out, size_t *len) ERR_CHECKED;

/* True if every character is in the subset that no SMSC mangles: letters, digits, space, LF and .,:;-()?!/+%&*'"<>=
 * Else *point is the first that is not; 0xFFFD if it is no UTF-8. */
bool charset_invariant(const char *utf8, size_t len, uint32_t *point);

#endif
