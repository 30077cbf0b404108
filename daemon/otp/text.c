/*
 * text: fills and renders templates. This file owns the two octets that mark holes. A VAR of a request must never bring
 * in a control character, a hole or a link, and a text of two segments must never leave this file.
 */
#include "otp/text.h"

#include "autofill.h"
#include "text_piece.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct filling {
	const struct text_fill *in;
	bool lenient; /* true at load, when the VARs are not known: they count as empty */
	char *out;
	size_t len;
	struct text_measure sum; /* of the text so far, if the template was measured before */
	unsigned codes, used;    /* used: bit i for vars[i] */
	struct text_vars *vars;
	size_t *which;
	char *missing;
	uint8_t from_var[TEXT_FILLED_CAP]; /* per octet of out: 1 + index of the VAR that it came from; 0: none */
};

static enum text_fault append(struct filling *f, const char *text, size_t len)
{
	if (len >= TEXT_FILLED_CAP - f->len)
		return TEXT_TOO_LONG;
	if (len > 0)
		memcpy(f->out + f->len, text, len);
	f->len += len;
	return TEXT_OK;
}

/* Appends text of the template, which need not be measured if it was before. */
static enum text_fault append_own(struct filling *f, const char *text, size_t len)
{
	enum charset set;
	size_t units;

	if (!f->in->own && charset_measure(text, len, &set, &units) != ERR_OK)
		return TEXT_NOT_ENCODABLE;
	return append(f, text, len);
}

/* Appends text that the measure of the template does not have. */
static enum text_fault append_measured(struct filling *f, const char *text, size_t len)
{
	if (!text_measure_add(&f->sum, text, len))
		return TEXT_NOT_ENCODABLE;
	return append(f, text, len);
}

/* Notes where the value of a VAR will stand. */
static void note_var(struct filling *f, size_t i, size_t len)
{
	bool first = !(f->used & 1u << i);

	f->used |= 1u << i;
	if (len >= TEXT_FILLED_CAP - f->len)
		return;
	memset(f->from_var + f->len, (int)i + 1, len);
	if (!first || !f->vars)
		return;
	f->vars->at[f->vars->count] = (uint8_t)f->len;
	f->vars->len[f->vars->count++] = (uint8_t)len;
}

static enum text_fault fill_var(struct filling *f, const struct text_piece *p)
{
	for (size_t i = 0; i < f->in->var_count; i++) {
		const struct text_var *v = &f->in->vars[i];

		if (!text_piece_is(p, v->name, v->name_len))
			continue;
		note_var(f, i, v->value_len);
		return append_measured(f, v->value, v->value_len);
	}
	if (f->lenient)
		return TEXT_OK;
	if (f->missing) {
		memcpy(f->missing, p->at, p->len);
		f->missing[p->len] = '\0';
	}
	return TEXT_VAR_MISSING;
}

static enum text_fault fill_piece(struct filling *f, const struct text_piece *p)
{
	const char *brand = f->in->brand ? f->in->brand : "";

	switch (p->kind) {
	case TEXT_PIECE_CODE:
		f->codes++;
		return append(f, &(const char){ TEXT_HOLE_CODE }, 1);
	case TEXT_PIECE_MINUTES:
		return append(f, &(const char){ TEXT_HOLE_MINUTES }, 1);
	case TEXT_PIECE_BRAND:
		return append_own(f, brand, strlen(brand));
	case TEXT_PIECE_REF:
		return append(f, &(const char){ TEXT_HOLE_REF }, 1);
	case TEXT_PIECE_VAR:
		return fill_var(f, p);
	case TEXT_PIECE_LITERAL:
		break;
	}
	return append_own(f, p->at, p->len);
}

static bool fits(const char *text, enum charset set)
{
	uint8_t octets[CHARSET_OCTETS_MAX];
	size_t len = charset_octets(set);

	return charset_encode(set, text, strlen(text), octets, &len) == ERR_OK;
}

static bool fits_each(const char *text, unsigned sets)
{
	for (unsigned set = 0; sets >> set; set++) {
		if (!(sets >> set & 1))
			continue;
		if (!fits(text, (enum charset)set) && !fits(text, CHARSET_UCS2))
			return false;
	}
	return true;
}

enum text_fault text_fits(const char *filled, size_t code_len, unsigned sets)
{
	static const char zeros[TEXT_CODE_MAX + 1] = "0000000000";
	char text[TEXT_MEASURED_CAP];
	enum charset set;
	size_t units;

	if (code_len > TEXT_CODE_MAX)
		return TEXT_TOO_LONG;
	const struct text_holes holes = { zeros + TEXT_CODE_MAX - code_len, "00", 99 };

	if (text_render(filled, &holes, text, sizeof(text)) != ERR_OK)
		return TEXT_TOO_LONG;
	if (charset_measure(text, strlen(text), &set, &units) != ERR_OK)
		return TEXT_NOT_ENCODABLE;
	if (!fits_each(text, sets))
		return TEXT_TOO_LONG;
	return units > (set == CHARSET_GSM ? CHARSET_GSM_SEGMENT : CHARSET_UCS2_SEGMENT) ? TEXT_TOO_LONG : TEXT_OK;
}

static enum text_fault fail_at(struct filling *f, size_t i, enum text_fault fault)
{
	if (f->which)
		*f->which = i;
	return fault;
}

/*
 * Looks for links in the filled text. Two VARs side by side, or a VAR beside the template's own words, may form a link
 * although each of them alone is none.
 */
static enum text_fault check_links(struct filling *f)
{
	size_t from = 0, to = 0;

	for (; usertext_find_link(f->out, f->len, &from, &to); from = to) {
		for (size_t i = from; i < to; i++) {
			if (f->from_var[i])
				return fail_at(f, f->from_var[i] - 1U, TEXT_VAR_BAD);
		}
	}
	return TEXT_OK;
}

static enum text_fault fill(struct filling *f)
{
	const char *at = f->in->x->text;

	if (f->in->own)
		f->sum = *f->in->own;
	if (f->vars)
		f->vars->count = 0;
	for (size_t i = 0; i < f->in->var_count; i++) {
		const struct text_var *v = &f->in->vars[i];
		uint32_t point;

		if (i >= TEXT_VARS_MAX)
			return fail_at(f, i, TEXT_VAR_UNUSED);
		if (usertext_check(v->value, v->value_len, text_kind_of(f->in->x, v), &point) != USERTEXT_OK)
			return fail_at(f, i, TEXT_VAR_BAD);
	}
	while (*at) {
		enum text_fault fault;
		struct text_piece p;

		if (!text_piece_next(&at, &p))
			return TEXT_BAD_BRACE;
		fault = fill_piece(f, &p);
		if (fault != TEXT_OK)
			return fault;
	}
	f->out[f->len] = '\0';
	if (f->codes != 1 && !(f->codes == 2 && autofill_ends(f->in->x->text)))
		return TEXT_NO_CODE;
	for (size_t i = 0; i < f->in->var_count; i++) {
		if (!(f->used & 1u << i))
			return fail_at(f, i, TEXT_VAR_UNUSED);
	}
	enum text_fault fault = f->in->var_count ? check_links(f) : TEXT_OK;
	if (fault)
		return fault;
	if (!f->in->own)
		return text_fits(f->out, f->in->code_len, f->in->sets);
	return text_measure_fits(&f->sum, f->in->code_len, f->in->sets) ? TEXT_OK : TEXT_TOO_LONG;
}

/* --- how long it is --- */

static void add_digits(struct text_size *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		text_size_add(s, "0", 1);
}

static void add_var(const struct text_fill *in, const struct text_piece *p, struct text_size *s)
{
	for (size_t i = 0; i < in->var_count; i++) {
		const struct text_var *v = &in->vars[i];

		if (text_piece_is(p, v->name, v->name_len))
			text_size_add(s, v->value, v->value_len);
	}
}

static void add_piece(const struct text_fill *in, const struct text_piece *p, struct text_size *s)
{
	switch (p->kind) {
	case TEXT_PIECE_CODE:
		add_digits(s, in->code_len);
		break;
	case TEXT_PIECE_MINUTES:
		add_digits(s, TEXT_MINUTES_DIGITS);
		break;
	case TEXT_PIECE_BRAND:
		text_size_add(s, in->brand, in->brand ? strlen(in->brand) : 0);
		break;
	case TEXT_PIECE_REF:
		add_digits(s, TEXT_REF_LEN);
		break;
	case TEXT_PIECE_VAR:
		add_var(in, p, s);
		break;
	case TEXT_PIECE_LITERAL:
		text_size_add(s, p->at, p->len);
		break;
	}
}

void text_fill_size(const struct text_fill *in, struct text_size *out)
{
	const char *at = in->x->text;
	struct text_piece p;

	*out = (struct text_size){ { 0 }, { 0 } };
	while (*at && text_piece_next(&at, &p))
		add_piece(in, &p, out);
}

void text_fits_size(const char *filled, size_t code_len, struct text_size *out)
{
	static const char holes[] = { TEXT_HOLE_CODE, TEXT_HOLE_MINUTES, TEXT_HOLE_REF, '\0' };

	*out = (struct text_size){ { 0 }, { 0 } };
	while (*filled) {
		size_t n = strcspn(filled, holes);

		text_size_add(out, filled, n);
		filled += n;
		if (*filled)
			add_digits(out, *filled == TEXT_HOLE_CODE      ? code_len
			                : *filled == TEXT_HOLE_MINUTES ? TEXT_MINUTES_DIGITS
			                                               : TEXT_REF_LEN);
		filled += *filled != '\0';
	}
}

const char *text_fault_name(enum text_fault fault)
{
	static const char *const names[] = {
		[TEXT_OK] = "ok",
		[TEXT_NO_CODE] = "no_code",
		[TEXT_BAD_BRACE] = "bad_brace",
		[TEXT_NOT_ENCODABLE] = "not_encodable",
		[TEXT_TOO_LONG] = "too_long",
		[TEXT_VAR_MISSING] = "var_missing",
		[TEXT_VAR_UNUSED] = "var_unused",
		[TEXT_VAR_BAD] = "var_bad",
	};

	return (size_t)fault < sizeof(names) / sizeof(names[0]) ? names[fault] : "unknown";
}

enum text_fault text_check(const char *text, const char *brand, size_t code_len, unsigned sets)
{
	const struct text_template x = { .text = text };
	const struct text_fill in = { .x = &x, .brand = brand, .code_len = code_len, .sets = sets };
	char out[TEXT_FILLED_CAP];
	struct filling f = { .in = &in, .lenient = true, .out = out };

	return fill(&f);
}

bool text_has_var(const char *text, const char *name)
{
	struct text_piece p;

	while (*text && text_piece_next(&text, &p)) {
		if (p.kind == TEXT_PIECE_VAR && text_piece_is(&p, name, strlen(name)))
			return true;
	}
	return false;
}

enum usertext_kind text_kind_of(const struct text_template *x, const struct text_var *var)
{
	for (size_t i = 0; i < x->kind_count; i++) {
		if (strlen(x->kinds[i].name) == var->name_len &&
		    memcmp(x->kinds[i].name, var->name, var->name_len) == 0)
			return x->kinds[i].kind;
	}
	return USERTEXT_ANY;
}

bool text_risky(const char *text, uint32_t *point)
{
	while (*text) {
		struct text_piece p;

		if (!text_piece_next(&text, &p)) {
			*point = '{';
			return true;
		}
		if (p.kind == TEXT_PIECE_LITERAL && !charset_invariant(p.at, p.len, point))
			return true;
	}
	return false;
}

enum text_fault text_fill(const struct text_fill *in, char out[TEXT_FILLED_CAP], struct text_vars *vars, size_t *which,
                          char missing[TEXT_NAME_CAP])
{
	struct filling f = { .in = in, .out = out, .vars = vars, .which = which, .missing = missing };

	return fill(&f);
}

bool text_has_ref(const char *filled)
{
	return strchr(filled, TEXT_HOLE_REF) != NULL;
}

/* What stands in the hole. NULL: it is none, but a character of the text. */
static const char *in_hole(char hole, const struct text_holes *holes, const char *minutes)
{
	switch (hole) {
	case TEXT_HOLE_CODE:
		return holes->code;
	case TEXT_HOLE_MINUTES:
		return minutes;
	case TEXT_HOLE_REF:
		return holes->ref;
	default:
		return NULL;
	}
}

enum err text_render(const char *filled, const struct text_holes *holes, char *out, size_t cap)
{
	char number[12];
	size_t at = 0;

	snprintf(number, sizeof(number), "%u", holes->minutes > 0 ? holes->minutes : 1);
	for (const char *s = filled; *s; s++) {
		const char *piece = in_hole(*s, holes, number);
		size_t n = piece ? strlen(piece) : 1;

		if (n >= cap - at) {
			explicit_bzero(out, at);
			return ERR_TOOBIG;
		}
		memcpy(out + at, piece ? piece : s, n);
		at += n;
	}
	if (at >= cap)
		return ERR_TOOBIG;
	out[at] = '\0';
	return ERR_OK;
}
