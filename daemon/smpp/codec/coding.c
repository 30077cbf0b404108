/*
 * coding: turns the octets of a delivered text into characters, by data_coding and esm_class. Some SMSCs name one
 * coding and use another. The fields of a receipt are ASCII, so the octets themselves show the real coding. Pure.
 */
#include "smpp/codec/coding.h"

#include <string.h>

#define ESM_UDHI 0x40u
#define ESCAPE 0x1B
#define PAIRS_SEEN 16 /* number of first characters by which the coding is recognised */

enum width { ONE_OCTET, BIG_ENDIAN_PAIRS, LITTLE_ENDIAN_PAIRS };

struct octets {
	const uint8_t *at;
	size_t len;
};

/*
 * Returns the length of a user data header whose elements fill it exactly. Returns 0 if there is no such header, even
 * if the flag is set.
 */
static size_t header_of(struct octets o)
{
	size_t end = o.len ? (size_t)o.at[0] + 1 : 0, at = 1;
	if (end < 3 || end > o.len)
		return 0;
	while (at + 2 <= end)
		at += 2 + (size_t)o.at[at + 1];
	return at == end ? end : 0;
}

static bool is_printable(uint8_t c)
{
	return c >= 0x20 && c < 0x7F;
}

/* Recognises two-octet characters by the first octets of the text. ONE_OCTET: there are none. */
static enum width look(struct octets o)
{
	size_t pairs = o.len / 2 < PAIRS_SEEN ? o.len / 2 : PAIRS_SEEN, big = 0, little = 0;
	for (size_t i = 0; i < pairs; i++) {
		big += o.at[2 * i] == 0 && o.at[2 * i + 1] != 0;
		little += o.at[2 * i] != 0 && o.at[2 * i + 1] == 0;
	}
	if (pairs >= 2 && big == pairs)
		return BIG_ENDIAN_PAIRS;
	return pairs >= 2 && little == pairs ? LITTLE_ENDIAN_PAIRS : ONE_OCTET;
}

/* True for UCS-2: 8, or 0x18 to 0x1B with a message class. */
static bool names_ucs2(uint8_t data_coding)
{
	return data_coding == 8 || (data_coding & 0xFCu) == 0x18;
}

/* True for the default alphabet of the SMSC: 0, or one of the values with a message class. */
static bool names_gsm(uint8_t data_coding)
{
	return data_coding == 0 || (data_coding & 0xFCu) == 0x10 || (data_coding & 0xF4u) == 0xF0;
}

static enum width width_of(uint8_t data_coding, struct octets *o)
{
	bool little = o->len >= 2 && o->at[0] == 0xFF && o->at[1] == 0xFE;
	bool big = o->len >= 2 && o->at[0] == 0xFE && o->at[1] == 0xFF;
	if (little || big) { /* a byte order mark */
		o->at += 2;
		o->len -= 2;
		return big ? BIG_ENDIAN_PAIRS : LITTLE_ENDIAN_PAIRS;
	}
	enum width seen = look(*o);
	if (seen != ONE_OCTET || !names_ucs2(data_coding))
		return seen;
	for (size_t i = 0; i < o->len && i < (size_t)2 * PAIRS_SEEN; i++)
		if (!is_printable(o->at[i]))
			return BIG_ENDIAN_PAIRS;
	return ONE_OCTET; /* every two-octet character at the start of a receipt has a zero octet */
}

static size_t put_pairs(struct octets o, enum width width, char out[SMPP_CODING_CAP])
{
	size_t n = 0;
	for (size_t i = 0; i + 1 < o.len && n < SMPP_CODING_CAP; i += 2) {
		uint8_t high = o.at[width == BIG_ENDIAN_PAIRS ? i : i + 1];
		uint8_t low = o.at[width == BIG_ENDIAN_PAIRS ? i + 1 : i];
		out[n++] = (char)(high ? '?' : low);
	}
	return n;
}

static char escaped(uint8_t c)
{
	static const uint8_t from[] = { 0x14, 0x28, 0x29, 0x2F, 0x3C, 0x3D, 0x3E, 0x40 };
	static const char to[] = "^{}\\[~]|";
	const uint8_t *at = memchr(from, c, sizeof from);
	return at ? to[at - from] : '?';
}

/* Decodes GSM 03.38, one septet per octet. Changes only the characters that an id may contain: '_', '$' and the escaped
 * ones. Octet 0 is '@' in that alphabet, but in receipts it ends a string. */
static size_t put_gsm(struct octets o, char out[SMPP_CODING_CAP])
{
	size_t n = o.len < SMPP_CODING_CAP ? o.len : SMPP_CODING_CAP;
	if (!memchr(o.at, ESCAPE, o.len) && !memchr(o.at, 0x11, o.len) && !memchr(o.at, 0x02, o.len)) {
		memcpy(out, o.at, n);
		return n;
	}
	n = 0;
	for (size_t i = 0; i < o.len && n < SMPP_CODING_CAP; i++) {
		uint8_t c = o.at[i];
		if (c == ESCAPE && i + 1 < o.len)
			out[n++] = escaped(o.at[++i]);
		else
			out[n++] = (char)(c == 0x11 ? '_' : c == 0x02 ? '$' : c);
	}
	return n;
}

/*
 * Unpacks septets (3GPP TS 23.038 section 6.1.2.1). header: octets of the user data header before them, which end with
 * fill bits up to the next septet.
 */
static size_t unpack(struct octets o, size_t header, uint8_t out[SMPP_CODING_CAP])
{
	size_t skipped = (header * 8 + 6) / 7, count = o.len * 8 / 7, n = 0;
	for (size_t i = skipped; i < count && n < SMPP_CODING_CAP; i++) {
		size_t bit = i * 7, at = bit / 8;
		unsigned pair = o.at[at] | (at + 1 < o.len ? (unsigned)o.at[at + 1] << 8 : 0);
		out[n++] = (uint8_t)(pair >> bit % 8 & 0x7F);
	}
	return n;
}

size_t smpp_coding_mo(const struct smpp_deliver *d, bool packed, char out[SMPP_CODING_CAP])
{
	struct octets o = { .at = d->text, .len = d->text ? d->text_len : 0 };
	uint8_t septets[SMPP_CODING_CAP];
	if (!packed || !names_gsm(d->data_coding) || o.len == 0)
		return smpp_coding_text(d, out);
	struct octets unpacked = { .at = septets };
	unpacked.len = unpack(o, d->esm_class & ESM_UDHI ? header_of(o) : 0, septets);
	size_t n = unpacked.len ? put_gsm(unpacked, out) : 0;
	explicit_bzero(septets, sizeof septets);
	return n;
}

size_t smpp_coding_text(const struct smpp_deliver *d, char out[SMPP_CODING_CAP])
{
	struct octets o = { .at = d->text, .len = d->text ? d->text_len : 0 };
	size_t header = d->esm_class & ESM_UDHI ? header_of(o) : 0;
	if (o.len == 0)
		return 0;
	o.at += header;
	o.len -= header;
	enum width width = width_of(d->data_coding, &o);
	if (width != ONE_OCTET)
		return put_pairs(o, width, out);
	if (names_gsm(d->data_coding))
		return put_gsm(o, out);
	size_t n = o.len < SMPP_CODING_CAP ? o.len : SMPP_CODING_CAP;
	if (n)
		memcpy(out, o.at, n);
	return n;
}
