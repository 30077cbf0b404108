/*
 * text_refill: fills a template anew with the VARs of an earlier filling. Owns nothing. It checks no VAR, because
 * text_fill has taken the same values before.
 */
#include "otp/text.h"
#include "text_piece.h"

#include <string.h>

struct refilling {
	const char *values;
	const struct text_vars *vars;
	struct text_vars now; /* where the values stand in out; count is the number of VARs that were met */
	struct text_piece names[TEXT_VARS_MAX];
	char *out;
	size_t len;
};

static enum err append(struct refilling *r, const char *text, size_t len)
{
	if (len >= TEXT_FILLED_CAP - r->len)
		return ERR_TOOBIG;
	memcpy(r->out + r->len, text, len);
	r->len += len;
	return ERR_OK;
}

static enum err append_var(struct refilling *r, const struct text_piece *p)
{
	size_t i = 0;

	while (i < r->now.count && !text_piece_is(p, r->names[i].at, r->names[i].len))
		i++;
	if (i >= r->vars->count)
		return ERR_CORRUPT;
	if (i == r->now.count) {
		r->names[i] = *p;
		r->now.at[i] = (uint8_t)r->len;
		r->now.len[i] = r->vars->len[i];
		r->now.count++;
	}
	return append(r, r->values + r->vars->at[i], r->vars->len[i]);
}

static enum err append_piece(struct refilling *r, const struct text_piece *p, const char *brand)
{
	switch (p->kind) {
	case TEXT_PIECE_CODE:
		return append(r, &(const char){ TEXT_HOLE_CODE }, 1);
	case TEXT_PIECE_MINUTES:
		return append(r, &(const char){ TEXT_HOLE_MINUTES }, 1);
	case TEXT_PIECE_BRAND:
		return append(r, brand, strlen(brand));
	case TEXT_PIECE_REF:
		return append(r, &(const char){ TEXT_HOLE_REF }, 1);
	case TEXT_PIECE_VAR:
		return append_var(r, p);
	case TEXT_PIECE_LITERAL:
		break;
	}
	return append(r, p->at, p->len);
}

enum err text_refill(const char *text, const char *brand, const char *values, struct text_vars *vars,
                     char out[TEXT_FILLED_CAP])
{
	struct refilling r = { .values = values, .vars = vars, .out = out };
	struct text_piece p;
	enum err err = ERR_OK;

	while (*text && !err)
		err = text_piece_next(&text, &p) ? append_piece(&r, &p, brand) : ERR_CORRUPT;
	if (!err && r.now.count != vars->count)
		err = ERR_CORRUPT;
	if (err) {
		explicit_bzero(out, r.len);
		out[0] = '\0';
		return err;
	}
	out[r.len] = '\0';
	*vars = r.now;
	return ERR_OK;
}
