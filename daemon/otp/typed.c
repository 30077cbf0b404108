/*
 * typed: classifies the characters that people type and paste by what they mean in a number or a code. It owns no rule
 * about numbers or codes. It must never read one digit as another, and never drop a character that has a meaning.
 */
#include "otp/typed.h"

#include <string.h>
#include <unictype.h>
#include <unistr.h>

#define ZERO_WIDTH_FIRST 0x200b /* U+200B space, U+200C non-joiner, U+200D joiner */
#define ZERO_WIDTH_LAST 0x200d
#define WORD_JOINER 0x2060
#define VOWEL_SEPARATOR 0x180e
#define SOFT_HYPHEN 0x00ad
#define BYTE_ORDER_MARK 0xfeff
#define RIGHT_TO_LEFT_OVERRIDE 0x202e /* text behind it is shown reversed, so the person did not see this number */
#define FULL_WIDTH 0xfee0             /* distance from '!'..'~' to their full-width forms */

static struct typed sort_ascii(char c)
{
	if (c >= '0' && c <= '9')
		return (struct typed){ TYPED_DIGIT, c };
	if (c >= 'a' && c <= 'z')
		return (struct typed){ TYPED_LATIN, (char)(c - 'a' + 'A') };
	if (c >= 'A' && c <= 'Z')
		return (struct typed){ TYPED_LATIN, c };
	if (c == '.')
		return (struct typed){ TYPED_DOT, 0 };
	if (c == '/')
		return (struct typed){ TYPED_SLASH, 0 };
	if (c == '+')
		return (struct typed){ TYPED_PLUS, 0 };
	if (c && strchr(" \t\n\v\f\r-()", c))
		return (struct typed){ TYPED_SEPARATOR, 0 };
	return (struct typed){ TYPED_OTHER, 0 };
}

static bool is_invisible(ucs4_t point)
{
	if (point == RIGHT_TO_LEFT_OVERRIDE)
		return false;
	if (point >= ZERO_WIDTH_FIRST && point <= ZERO_WIDTH_LAST)
		return true;
	return uc_is_property_bidi_control(point) || point == WORD_JOINER || point == VOWEL_SEPARATOR ||
	       point == SOFT_HYPHEN || point == BYTE_ORDER_MARK;
}

static struct typed sort(ucs4_t point)
{
	int digit = uc_decimal_value(point);

	if (digit >= 0)
		return (struct typed){ TYPED_DIGIT, (char)('0' + digit) };
	if (point > FULL_WIDTH + ' ' && point < FULL_WIDTH + 0x7f)
		return sort_ascii((char)(point - FULL_WIDTH));
	if (uc_is_property_white_space(point) || uc_is_property_dash(point))
		return (struct typed){ TYPED_SEPARATOR, 0 };
	if (is_invisible(point))
		return (struct typed){ TYPED_INVISIBLE, 0 };
	if (uc_is_general_category_withtable(point, UC_CATEGORY_MASK_LC))
		return (struct typed){ TYPED_LETTER, 0 };
	if (uc_is_general_category_withtable(point, UC_CATEGORY_MASK_M))
		return (struct typed){ TYPED_MARK, 0 };
	return (struct typed){ TYPED_OTHER, 0 };
}

static bool next_wide(const char *text, size_t len, size_t *at, struct typed *out)
{
	ucs4_t point;
	int n = u8_mbtoucr(&point, (const uint8_t *)text + *at, len - *at);

	if (n < 0)
		return false;
	*out = sort(point);
	*at += (size_t)n;
	return true;
}

/*
 * ASCII is handled first and without Unicode tables, because nearly all typed text is ASCII and this function reads
 * every number and code.
 */
bool typed_next(const char *text, size_t len, size_t *at, struct typed *out)
{
	if ((unsigned char)text[*at] >= 0x80)
		return next_wide(text, len, at, out);
	*out = sort_ascii(text[*at]);
	(*at)++;
	return true;
}
