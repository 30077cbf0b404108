/*
 * visible: decodes one character and looks it up in a table. Owns nothing. Must never read past the end of the text,
 * and never interpret octets that are not UTF-8.
 */
#include "base/visible.h"

#include <stdbool.h>
#include <stdint.h>

/* Ranges of characters without a visible shape, in ascending order. */
static const struct {
	uint32_t first, last;
} hidden[] = {
	{ 0x0000, 0x001f },   /* C0 */
	{ 0x007f, 0x009f },   /* DEL, C1 */
	{ 0x00ad, 0x00ad },   /* soft hyphen */
	{ 0x061c, 0x061c },   /* Arabic letter mark */
	{ 0x180e, 0x180e },   /* Mongolian vowel separator */
	{ 0x200b, 0x200f },   /* no width; direction */
	{ 0x2028, 0x202e },   /* separators; direction */
	{ 0x2060, 0x206f },   /* joiners; isolates */
	{ 0xd800, 0xdfff },   /* halves of a pair: not UTF-8 */
	{ 0xfeff, 0xfeff },   /* byte order mark */
	{ 0xfff9, 0xfffb },   /* interlinear annotation */
	{ 0xe0000, 0xe0fff }, /* tags, variation selectors */
};

static bool is_hidden(uint32_t point)
{
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
		if (point >= hidden[i].first && point <= hidden[i].last)
			return true;
	}
	return false;
}

size_t visible_len(const char *text)
{
	/* The least code point that needs this many octets; overlong forms are refused. */
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char first = (unsigned char)text[0];
	size_t len = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
	uint32_t point = len > 1 ? first & (0xffu >> (len + 1)) : first;

	for (size_t i = 1; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if ((c & 0xc0u) != 0x80)
			return 0;
		point = point << 6 | (c & 0x3fu);
	}
	return point < least[len] || point > 0x10ffff || is_hidden(point) ? 0 : len;
}
