/*
 * charset: converts UTF-8 to the alphabets of an SMS (3GPP TS 23.038 section 6.2.1, UCS-2, Latin 1, ASCII). Owns the
 * GSM tables. It must never replace a character: text that is not UTF-8 or that the alphabet lacks is refused.
 */
#include "otp/charset.h"

#include <string.h>

#define GSM_ESCAPE 0x1b
#define GSM_NONE 0xffff
#define SEPTET_EXTENDED 0x100u /* set beside the septet of a character of the extension table */

static const uint16_t gsm_default[128] = {
	0x0040, 0x00a3,   0x0024, 0x00a5, 0x00e8, 0x00e9, 0x00f9, 0x00ec, 0x00f2, 0x00c7, 0x000a, 0x00d8, 0x00f8,
	0x000d, 0x00c5,   0x00e5, 0x0394, 0x005f, 0x03a6, 0x0393, 0x039b, 0x03a9, 0x03a0, 0x03a8, 0x03a3, 0x0398,
	0x039e, GSM_NONE, 0x00c6, 0x00e6, 0x00df, 0x00c9, 0x0020, 0x0021, 0x0022, 0x0023, 0x00a4, 0x0025, 0x0026,
	0x0027, 0x0028,   0x0029, 0x002a, 0x002b, 0x002c, 0x002d, 0x002e, 0x002f, 0x0030, 0x0031, 0x0032, 0x0033,
	0x0034, 0x0035,   0x0036, 0x0037, 0x0038, 0x0039, 0x003a, 0x003b, 0x003c, 0x003d, 0x003e, 0x003f, 0x00a1,
	0x0041, 0x0042,   0x0043, 0x0044, 0x0045, 0x0046, 0x0047, 0x0048, 0x0049, 0x004a, 0x004b, 0x004c, 0x004d,
	0x004e, 0x004f,   0x0050, 0x0051, 0x0052, 0x0053, 0x0054, 0x0055, 0x0056, 0x0057, 0x0058, 0x0059, 0x005a,
	0x00c4, 0x00d6,   0x00d1, 0x00dc, 0x00a7, 0x00bf, 0x0061, 0x0062, 0x0063, 0x0064, 0x0065, 0x0066, 0x0067,
	0x0068, 0x0069,   0x006a, 0x006b, 0x006c, 0x006d, 0x006e, 0x006f, 0x0070, 0x0071, 0x0072, 0x0073, 0x0074,
	0x0075, 0x0076,   0x0077, 0x0078, 0x0079, 0x007a, 0x00e4, 0x00f6, 0x00f1, 0x00fc, 0x00e0,
};

static const struct {
	uint16_t point;
	uint8_t septet;
} gsm_extension[] = {
	{ 0x005e, 0x14 }, { 0x007b, 0x28 }, { 0x007d, 0x29 }, { 0x005c, 0x2f }, { 0x005b, 0x3c },
	{ 0x007e, 0x3d }, { 0x005d, 0x3e }, { 0x007c, 0x40 }, { 0x20ac, 0x65 },
};

/*
 * Reads the code point at *at and moves *at behind it. Returns false if the octets are not a Unicode scalar value in
 * the shortest form of UTF-8.
 */
static bool next_point(const char *utf8, size_t len, size_t *at, uint32_t *point)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char first = (unsigned char)utf8[*at];
	uint32_t value;
	size_t n;

	if (first < 0x80) {
		*point = first;
		(*at)++;
		return true;
	}
	if (first >= 0xc2 && first <= 0xdf) {
		n = 2;
		value = first & 0x1fu;
	} else if (first >= 0xe0 && first <= 0xef) {
		n = 3;
		value = first & 0x0fu;
	} else if (first >= 0xf0 && first <= 0xf4) {
		n = 4;
		value = first & 0x07u;
	} else {
		return false;
	}
	if (len - *at < n)
		return false;
	for (size_t i = 1; i < n; i++) {
		unsigned char c = (unsigned char)utf8[*at + i];

		if ((c & 0xc0u) != 0x80)
			return false;
		value = value << 6 | (c & 0x3fu);
	}
	if (value < least[n] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
		return false;
	*at += n;
	*point = value;
	return true;
}

static bool is_control(uint32_t point)
{
	return (point < 0x20 && point != '\n' && point != '\r') || (point >= 0x7f && point <= 0x9f);
}

/*
 * True if the character has the same octet in GSM, ASCII and Latin-1. This test comes first, because nearly all text
 * consists of such characters.
 */
static bool is_alike(uint32_t point)
{
	static const uint32_t alike[4] = { 1u << '\n' | 1u << '\r', ~(1u << ('$' - 32)), 0x07fffffe, 0x07fffffe };

	return point < 128 && (alike[point / 32] >> point % 32 & 1);
}

/*
 * Returns the septet, with SEPTET_EXTENDED set if an escape must precede it. Returns -1 if the alphabet lacks the
 * character.
 */
static int gsm_septet(uint32_t point)
{
	if (is_alike(point))
		return (int)point;
	for (size_t i = 0; i < 128; i++) {
		if (gsm_default[i] == point && point != GSM_NONE)
			return (int)i;
	}
	for (size_t i = 0; i < sizeof(gsm_extension) / sizeof(gsm_extension[0]); i++) {
		if (gsm_extension[i].point == point)
			return (int)(gsm_extension[i].septet | SEPTET_EXTENDED);
	}
	return -1;
}

enum err charset_measure(const char *utf8, size_t len, enum charset *set, size_t *units)
{
	size_t septets = 0, code_units = 0, at = 0;
	bool gsm = true;

	while (at < len) {
		uint32_t point;
		int septet;

		if (!next_point(utf8, len, &at, &point) || is_control(point))
			return ERR_INVALID;
		code_units += point > 0xffff ? 2 : 1;
		septet = gsm ? gsm_septet(point) : -1;
		if (septet < 0)
			gsm = false;
		else
			septets += ((unsigned)septet & SEPTET_EXTENDED) ? 2 : 1;
	}
	*set = gsm ? CHARSET_GSM : CHARSET_UCS2;
	*units = gsm ? septets : code_units;
	return ERR_OK;
}

size_t charset_octets(enum charset set)
{
	return set == CHARSET_GSM || set == CHARSET_ASCII ? CHARSET_OCTETS_MAX : CHARSET_UCS2_SEGMENT * 2;
}

/* Encodes one character and returns its length, 1..4 octets. Returns 0 if the set lacks it. */
static size_t encode_point(enum charset set, uint32_t point, uint8_t out[4])
{
	if (set == CHARSET_GSM) {
		int septet = gsm_septet(point);

		if (septet < 0)
			return 0;
		if (!((unsigned)septet & SEPTET_EXTENDED)) {
			out[0] = (uint8_t)septet;
			return 1;
		}
		out[0] = GSM_ESCAPE;
		out[1] = (uint8_t)((unsigned)septet & 0x7fu);
		return 2;
	}
	if (set == CHARSET_LATIN1 || set == CHARSET_ASCII) {
		out[0] = (uint8_t)point;
		return point <= (set == CHARSET_LATIN1 ? 0xffu : 0x7fu) ? 1 : 0;
	}
	if (point > 0xffff) {
		uint32_t high = 0xd800 + ((point - 0x10000) >> 10), low = 0xdc00 + ((point - 0x10000) & 0x3ffu);

		out[0] = (uint8_t)(high >> 8);
		out[1] = (uint8_t)high;
		out[2] = (uint8_t)(low >> 8);
		out[3] = (uint8_t)low;
		return 4;
	}
	out[0] = (uint8_t)(point >> 8);
	out[1] = (uint8_t)point;
	return 2;
}

enum err charset_encode(enum charset set, const char *utf8, size_t utf8_len, uint8_t *out, size_t *len)
{
	size_t at = 0, used = 0;

	while (at < utf8_len) {
		uint8_t octets[4];
		uint32_t point = (unsigned char)utf8[at];
		size_t n;

		if (set != CHARSET_UCS2 && is_alike(point) && used < *len) {
			out[used++] = (uint8_t)point;
			at++;
			continue;
		}
		if (!next_point(utf8, utf8_len, &at, &point) || is_control(point))
			return ERR_INVALID;
		n = encode_point(set, point, octets);
		if (n == 0)
			return ERR_INVALID;
		if (n > *len - used)
			return ERR_TOOBIG;
		memcpy(out + used, octets, n);
		used += n;
	}
	*len = used;
	return ERR_OK;
}

/* Adds one character that is not alike in all sets. */
static void add_point(struct charset_count *c, uint32_t point)
{
	for (unsigned set = 0; set < CHARSET_SETS; set++) {
		uint8_t octets[4];
		size_t n = encode_point((enum charset)set, point, octets);

		c->octets[set] += n;
		c->lacks[set] = c->lacks[set] || n == 0;
	}
}

enum err charset_add(struct charset_count *c, const char *utf8, size_t len)
{
	struct charset_count sum = *c;
	size_t alike = 0;

	for (size_t at = 0; at < len;) {
		uint32_t point = (unsigned char)utf8[at];

		if (is_alike(point)) {
			alike++;
			at++;
			continue;
		}
		if (!next_point(utf8, len, &at, &point) || is_control(point))
			return ERR_INVALID;
		add_point(&sum, point);
	}
	for (unsigned set = 0; set < CHARSET_SETS; set++)
		sum.octets[set] += alike * (set == CHARSET_UCS2 ? 2 : 1);
	*c = sum;
	return ERR_OK;
}

bool charset_invariant(const char *utf8, size_t len, uint32_t *point)
{
	for (size_t at = 0; at < len;) {
		if (!next_point(utf8, len, &at, point)) {
			*point = 0xfffd;
			return false;
		}
		uint32_t c = *point;
		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
			continue;
		if (c == 0 || c > 0x7f || !strchr(" \n.,:;-()?!/+%&*'\"<>=", (int)c))
			return false;
	}
	return true;
}
