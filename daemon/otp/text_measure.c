/*
 * text_measure: adds up the lengths of the parts of a text and compares the sum with one SMS. Owns no rule of its own:
 * a text that text_fits takes is taken here, and no other.
 */
#include "otp/text_measure.h"

#include "otp/text.h"
#include "text_piece.h"

#include <string.h>

bool text_measure_add(struct text_measure *m, const char *utf8, size_t len)
{
	if (charset_add(&m->count, utf8, len) != ERR_OK)
		return false;
	m->utf8 += len;
	return true;
}

bool text_measure_template(const char *text, const char *brand, struct text_measure *out)
{
	struct text_piece p;
	bool good = true;

	*out = (struct text_measure){ .utf8 = 0 };
	while (*text && good) {
		if (!text_piece_next(&text, &p))
			return false;
		if (p.kind == TEXT_PIECE_LITERAL)
			good = text_measure_add(out, p.at, p.len);
		else if (p.kind == TEXT_PIECE_BRAND)
			good = text_measure_add(out, brand, strlen(brand));
		out->codes += p.kind == TEXT_PIECE_CODE;
		out->minutes += p.kind == TEXT_PIECE_MINUTES;
		out->refs += p.kind == TEXT_PIECE_REF;
	}
	return good;
}

/* True if the text fits in this set with so many digits more. */
static bool fits(const struct charset_count *c, enum charset set, size_t digits)
{
	return !c->lacks[set] && c->octets[set] + (set == CHARSET_UCS2 ? 2 : 1) * digits <= charset_octets(set);
}

bool text_measure_fits(const struct text_measure *m, size_t code_len, unsigned sets)
{
	size_t digits = m->codes * code_len + m->minutes * (size_t)TEXT_MINUTES_DIGITS + m->refs * (size_t)TEXT_REF_LEN;
	bool ucs2 = fits(&m->count, CHARSET_UCS2, digits);

	if (code_len > TEXT_CODE_MAX || m->utf8 + digits >= TEXT_MEASURED_CAP)
		return false;
	for (unsigned set = 0; sets >> set; set++) {
		if (sets >> set & 1 && !ucs2 && !fits(&m->count, (enum charset)set, digits))
			return false;
	}
	return m->count.lacks[CHARSET_GSM] ? ucs2 : fits(&m->count, CHARSET_GSM, digits);
}
