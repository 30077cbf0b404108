/*
 * ident: converts the public id between its parts and its text. Owns the layout of the 39 octets. It must never need a
 * key, because keyring makes the tags.
 */
#include "otp/ident.h"

#include <string.h>

#define IDENT_VERSION 1
#define IDENT_HEAD_LEN 3
#define CHECK_LEN 3
#define CRC_START 0xB704CEU
#define CRC_POLYNOMIAL 0x864CFBU
#define IDENT_OCTETS (IDENT_HEAD_LEN + 2 * IDENT_TAG_LEN + IDENT_GENERATION_LEN)

_Static_assert(IDENT_PACKED_LEN == IDENT_OCTETS - CHECK_LEN, "ident.h");

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static int sextet(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '-')
		return 62;
	return c == '_' ? 63 : -1;
}

void ident_base64url(const uint8_t *octets, size_t len, char *out)
{
	for (size_t i = 0; i + 2 < len; i += 3) {
		uint32_t v = (uint32_t)octets[i] << 16 | (uint32_t)octets[i + 1] << 8 | octets[i + 2];

		*out++ = alphabet[v >> 18];
		*out++ = alphabet[v >> 12 & 63];
		*out++ = alphabet[v >> 6 & 63];
		*out++ = alphabet[v & 63];
	}
	*out = '\0';
}

/* Decodes len characters, a multiple of 4. Returns false if one is not of the alphabet. */
static bool from_base64url(const char *text, size_t len, uint8_t *out)
{
	for (size_t i = 0; i < len; i += 4) {
		uint32_t v = 0;

		for (size_t j = 0; j < 4; j++) {
			int s = sextet(text[i + j]);

			if (s < 0)
				return false;
			v = v << 6 | (uint32_t)s;
		}
		*out++ = (uint8_t)(v >> 16);
		*out++ = (uint8_t)(v >> 8);
		*out++ = (uint8_t)v;
	}
	return true;
}

static void pack(const struct ident *id, uint8_t o[IDENT_OCTETS])
{
	o[0] = (uint8_t)(IDENT_VERSION << 4 | (id->partition >> 8 & 0x0f));
	o[1] = (uint8_t)id->partition;
	o[2] = id->kid;
	memcpy(o + IDENT_HEAD_LEN, id->number_tag, IDENT_TAG_LEN);
	memcpy(o + IDENT_HEAD_LEN + IDENT_TAG_LEN, id->tuple_tag, IDENT_TAG_LEN);
	memcpy(o + IDENT_HEAD_LEN + 2 * IDENT_TAG_LEN, id->generation, IDENT_GENERATION_LEN);
}

static enum err unpack(const uint8_t o[IDENT_OCTETS], struct ident *out)
{
	if (o[0] >> 4 != IDENT_VERSION)
		return ERR_INVALID;
	memset(out, 0, sizeof(*out));
	out->partition = (uint16_t)((o[0] & 0x0f) << 8 | o[1]);
	out->kid = o[2];
	memcpy(out->number_tag, o + IDENT_HEAD_LEN, IDENT_TAG_LEN);
	memcpy(out->tuple_tag, o + IDENT_HEAD_LEN + IDENT_TAG_LEN, IDENT_TAG_LEN);
	memcpy(out->generation, o + IDENT_HEAD_LEN + 2 * IDENT_TAG_LEN, IDENT_GENERATION_LEN);
	return ERR_OK;
}

void ident_format(const struct ident *id, char out[IDENT_TEXT_LEN + 1])
{
	uint8_t o[IDENT_OCTETS];

	pack(id, o);
	ident_base64url(o, sizeof(o), out);
}

/* The remainders of all octets, divided by the polynomial. */
static const uint32_t *remainders(void)
{
	static uint32_t of[256];

	for (uint32_t octet = 0; !of[255] && octet < 256; octet++) {
		uint32_t crc = octet << 16;

		for (int bit = 0; bit < 8; bit++)
			crc = crc << 1 ^ (crc & 0x800000 ? CRC_POLYNOMIAL : 0);
		of[octet] = crc & 0xFFFFFF;
	}
	return of;
}

/* Computes CRC-24 (RFC 4880 section 6.1). It finds every change within four consecutive characters. */
static uint32_t check_of(const struct ident *id)
{
	const uint32_t *rest = remainders();
	uint8_t o[IDENT_OCTETS];
	uint32_t crc = CRC_START;

	pack(id, o);
	for (size_t i = 0; i < sizeof(o) - CHECK_LEN; i++)
		crc = crc << 8 ^ rest[(crc >> 16 ^ o[i]) & 255];
	return crc;
}

void ident_complete(struct ident *id)
{
	uint32_t check = check_of(id);

	for (size_t i = 0; i < CHECK_LEN; i++)
		id->generation[IDENT_GENERATION_LEN - 1 - i] = (uint8_t)(check >> 8 * i);
}

bool ident_is_complete(const struct ident *id)
{
	struct ident right = *id;

	ident_complete(&right);
	return memcmp(right.generation, id->generation, IDENT_GENERATION_LEN) == 0;
}

void ident_short(const struct ident *id, char out[IDENT_SHORT_LEN + 1])
{
	ident_base64url(id->generation, IDENT_SHORT_LEN / 4 * 3, out);
}

void ident_tuple(const struct ident *id, char out[IDENT_TUPLE_LEN + 1])
{
	ident_base64url(id->number_tag, IDENT_TAG_LEN, out);
	ident_base64url(id->tuple_tag, IDENT_TAG_LEN, out + IDENT_NUMBER_LEN);
}

enum err ident_parse(const char *text, size_t len, struct ident *out)
{
	uint8_t o[IDENT_OCTETS];

	return len == IDENT_TEXT_LEN && from_base64url(text, len, o) ? unpack(o, out) : ERR_INVALID;
}

void ident_pack(const struct ident *id, uint8_t out[IDENT_PACKED_LEN])
{
	uint8_t o[IDENT_OCTETS];

	pack(id, o);
	memcpy(out, o, IDENT_PACKED_LEN);
}

enum err ident_unpack(const uint8_t packed[IDENT_PACKED_LEN], struct ident *out)
{
	uint8_t o[IDENT_OCTETS] = { 0 };

	memcpy(o, packed, IDENT_PACKED_LEN);
	enum err err = unpack(o, out);
	if (!err)
		ident_complete(out);
	return err;
}

enum err ident_parse_tuple(const char *text, size_t len, struct ident *out)
{
	uint8_t o[2 * IDENT_TAG_LEN];

	if (len != IDENT_TUPLE_LEN || !from_base64url(text, len, o))
		return ERR_INVALID;
	memcpy(out->number_tag, o, IDENT_TAG_LEN);
	memcpy(out->tuple_tag, o + IDENT_TAG_LEN, IDENT_TAG_LEN);
	return ERR_OK;
}

bool ident_same(const struct ident *a, const struct ident *b)
{
	return a->kid == b->kid && a->partition == b->partition &&
	       memcmp(a->number_tag, b->number_tag, IDENT_TAG_LEN) == 0 &&
	       memcmp(a->tuple_tag, b->tuple_tag, IDENT_TAG_LEN) == 0 &&
	       memcmp(a->generation, b->generation, IDENT_GENERATION_LEN) == 0;
}
