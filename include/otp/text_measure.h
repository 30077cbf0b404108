/*
 * text_measure: the length of a text in every alphabet of an SMS. What a template itself adds is measured once per
 * configuration, and a SEND adds its VARs. The length of a text is the sum of the lengths of its parts, because every
 * alphabet encodes each character by itself. Pure.
 */
#ifndef OTP_TEXT_MEASURE_H
#define OTP_TEXT_MEASURE_H

#include "otp/charset.h"

#include <stdbool.h>
#include <stddef.h>

struct text_measure {
	struct charset_count count;    /* of everything but codes, minutes and refs */
	size_t utf8;                   /* octets of the same in UTF-8 */
	unsigned codes, minutes, refs; /* how often each stands in the text */
};

/*
 * Measures the template's own text with its brand. VARs count as empty. Returns false if the text has a brace
 * that opens no name, is not UTF-8, or has a control character; it must then be measured whole.
 */
bool text_measure_template(const char *text, const char *brand, struct text_measure *out);

/* Adds UTF-8 text. Returns false, and adds nothing, if it is not UTF-8 or has a control character. */
bool text_measure_add(struct text_measure *m, const char *utf8, size_t len);

/*
 * True if a text of this measure fits one segment with a code of code_len characters and two-digit minutes. sets: as in
 * text_fill. The verdict is that of text_fits.
 */
bool text_measure_fits(const struct text_measure *m, size_t code_len, unsigned sets);

#endif
