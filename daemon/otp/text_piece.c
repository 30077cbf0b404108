/*
 * text_piece: reads the pieces of a template. This file owns the grammar of braces. It must never judge what a template
 * says.
 */
#include "text_piece.h"

#include "otp/text.h"

#include <string.h>

static bool name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static enum text_piece_kind kind_of(const char *name, size_t len)
{
	static const struct {
		const char *name;
		size_t len;
		enum text_piece_kind kind;
	} given[] = { { "code", 4, TEXT_PIECE_CODE },
		      { "minutes", 7, TEXT_PIECE_MINUTES },
		      { "brand", 5, TEXT_PIECE_BRAND },
		      { "ref", 3, TEXT_PIECE_REF } };

	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
		if (given[i].len == len && memcmp(given[i].name, name, len) == 0)
			return given[i].kind;
	}
	return TEXT_PIECE_VAR;
}

bool text_piece_next(const char **at, struct text_piece *p)
{
	const char *s = *at;
	size_t n = 0;

	if (s[0] != '{') {
		*p = (struct text_piece){ TEXT_PIECE_LITERAL, s, strcspn(s, "{") };
		*at = s + p->len;
		return true;
	}
	if (s[1] == '{') {
		*p = (struct text_piece){ TEXT_PIECE_LITERAL, s, 1 };
		*at = s + 2;
		return true;
	}
	while (n < TEXT_NAME_CAP && name_char(s[1 + n]))
		n++;
	if (n == 0 || n >= TEXT_NAME_CAP || s[1 + n] != '}')
		return false;
	*p = (struct text_piece){ kind_of(s + 1, n), s + 1, n };
	*at = s + n + 2;
	return true;
}

bool text_piece_is(const struct text_piece *p, const char *name, size_t len)
{
	return p->kind != TEXT_PIECE_LITERAL && p->len == len && memcmp(p->at, name, len) == 0;
}
