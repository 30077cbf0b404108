/*
 * text_piece: reads a template piece by piece: literal text, or a name between braces. Pure. Private to otp.
 */
#ifndef OTP_TEXT_PIECE_H
#define OTP_TEXT_PIECE_H

#include <stdbool.h>
#include <stddef.h>

/* The octets that stand in a filled text for what text_render puts in. */
#define TEXT_HOLE_CODE '\x01'
#define TEXT_HOLE_MINUTES '\x02'
#define TEXT_HOLE_REF '\x03'

enum text_piece_kind {
	TEXT_PIECE_LITERAL,
	TEXT_PIECE_CODE,
	TEXT_PIECE_MINUTES,
	TEXT_PIECE_BRAND,
	TEXT_PIECE_REF,
	TEXT_PIECE_VAR /* any other name: a VAR of the request */
};

/* Points into the template: the literal text, or the name. */
struct text_piece {
	enum text_piece_kind kind;
	const char *at;
	size_t len;
};

/*
 * Reads the piece at **at, which is not the end of the template, and moves *at behind it. Returns false if an opening
 * brace is not followed by a name and a closing brace.
 */
bool text_piece_next(const char **at, struct text_piece *p);

/* True if the piece is a name, and this one. */
bool text_piece_is(const struct text_piece *p, const char *name, size_t len);

#endif
