/*
 * text_size: counts the length of a text in every alphabet of an SMS at once, and describes the alphabet for which it
 * is too long. Owns nothing. It only explains: text.c decides whether a text is accepted.
 */
#include "otp/text_size.h"

#include "otp/text.h"

#include <stdbool.h>
#include <stdio.h>

/* Returns how many octets a UTF-8 character has, by its first octet. */
static size_t octets_of(char first)
{
	unsigned char c = (unsigned char)first;

	if (c < 0xc0)
		return 1;
	return c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

/* Returns the code point of one character in UTF-16BE: one code unit, or a surrogate pair. */
static uint32_t point_of(const uint8_t *octets, size_t len)
{
	uint32_t high = (uint32_t)octets[0] << 8 | octets[1];

	if (len < 4)
		return high;
	return 0x10000 + ((high - 0xd800) << 10) + (((uint32_t)octets[2] << 8 | octets[3]) - 0xdc00);
}

/* Returns false if the octets are not one valid character. */
static bool add_character(struct text_size *s, const char *utf8, size_t len)
{
	uint8_t octets[4];
	size_t n = sizeof(octets);

	if (charset_encode(CHARSET_UCS2, utf8, len, octets, &n) != ERR_OK)
		return false;
	uint32_t point = point_of(octets, n);
	s->octets[CHARSET_UCS2] += n;
	for (unsigned set = 0; set < CHARSET_SETS; set++) {
		n = sizeof(octets);
		if (set == CHARSET_UCS2)
			continue;
		if (charset_encode((enum charset)set, utf8, len, octets, &n) == ERR_OK)
			s->octets[set] += n;
		else if (!s->lacks[set])
			s->lacks[set] = point;
	}
	return true;
}

void text_size_add(struct text_size *s, const char *utf8, size_t len)
{
	for (size_t at = 0; at < len;) {
		size_t n = octets_of(utf8[at]);

		if (n > len - at)
			n = len - at;
		at += add_character(s, utf8 + at, n) ? n : 1;
	}
}

static const char *name_of(enum charset set)
{
	static const char *const names[CHARSET_SETS] = {
		[CHARSET_GSM] = "GSM", [CHARSET_UCS2] = "UCS-2", [CHARSET_LATIN1] = "Latin 1", [CHARSET_ASCII] = "ASCII"
	};

	return names[set];
}

/* Writes why the text does not fit if the SMSC takes this set. Returns false if the text fits. */
static bool say(const struct text_size *s, enum charset set, char out[TEXT_SIZE_WORDS_CAP])
{
	enum charset used = s->lacks[set] ? CHARSET_UCS2 : set;
	size_t per = used == CHARSET_UCS2 ? 2 : 1, has = s->octets[used] / per, takes = charset_octets(used) / per;
	char shown[8] = "";

	if (has <= takes)
		return false;
	if (s->lacks[set] > 0x20 && s->lacks[set] < 0x7f)
		snprintf(shown, sizeof(shown), " (%c)", (int)s->lacks[set]);
	if (s->lacks[set])
		snprintf(out, TEXT_SIZE_WORDS_CAP,
		         "it has %zu characters and one SMS takes %zu, since U+%04X%s is not in the %s alphabet", has,
		         takes, (unsigned)s->lacks[set], shown, name_of(set));
	else
		snprintf(out, TEXT_SIZE_WORDS_CAP, "it has %zu characters and one SMS takes %zu of the %s alphabet",
		         has, takes, name_of(set));
	return true;
}

void text_size_words(const struct text_size *s, unsigned sets, char out[TEXT_SIZE_WORDS_CAP])
{
	if (say(s, CHARSET_GSM, out))
		return;
	for (unsigned set = 0; set < CHARSET_SETS; set++) {
		if (sets >> set & 1 && say(s, (enum charset)set, out))
			return;
	}
	snprintf(out, TEXT_SIZE_WORDS_CAP, "it has more than %d octets of UTF-8", TEXT_FILLED_CAP - 1);
}
