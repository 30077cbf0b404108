/*
 * text: reads, fills and renders templates. This file owns the grammar of braces and the two octets that mark holes. A
 * VAR of a request must never bring in a control character, a hole or a link, and a text of two segments must never
 * leave this file.
 */
#include "otp/text.h"

#include "autofill.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define HOLE_CODE '\x01'
#define HOLE_MINUTES '\x02'
#define MEASURED_CAP (TEXT_FILLED_CAP + 32) /* holes add 18 for two codes, and 1 per {minutes} */
#define CODE_DIGITS_MAX 10

/* One piece of a template: literal text, or a name that stood between braces. */
struct piece {
	const char *at;
	size_t len;
	bool name;
};

struct filling {
	const struct text_fill *in;
	bool lenient; /* true at load, when the VARs are not known: they count as empty */
	char *out;
	size_t len;
	unsigned codes, used; /* used: bit i for vars[i] */
	size_t *which;
	char *missing;
	uint8_t from_var[TEXT_FILLED_CAP]; /* per octet of out: 1 + index of the VAR that it came from; 0: none */
};

static bool name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/*
 * Reads the next piece and moves *at behind it. Returns false if an opening brace is not followed by a name and a
 * closing brace.
 */
static bool next_piece(const char **at, struct piece *p)
{
	const char *s = *at;

	if (s[0] == '{' && s[1] == '{') {
		*p = (struct piece){ s, 1, false };
		*at = s + 2;
		return true;
	}
	if (s[0] == '{') {
		size_t n = 0;

		while (n < TEXT_NAME_CAP && name_char(s[1 + n]))
			n++;
		if (n == 0 || n >= TEXT_NAME_CAP || s[1 + n] != '}')
			return false;
		*p = (struct piece){ s + 1, n, true };
		*at = s + n + 2;
		return true;
	}
	*p = (struct piece){ s, strcspn(s, "{"), false };
	*at = s + p->len;
	return true;
}

static bool is(const struct piece *p, const char *name)
{
	return strlen(name) == p->len && memcmp(p->at, name, p->len) == 0;
}

static enum text_fault append(struct filling *f, const char *text, size_t len)
{
	if (len >= TEXT_FILLED_CAP - f->len)
		return TEXT_TOO_LONG;
	if (len > 0)
		memcpy(f->out + f->len, text, len);
	f->len += len;
	return TEXT_OK;
}

static enum text_fault append_checked(struct filling *f, const char *text, size_t len)
{
	enum charset set;
	size_t units;

	if (charset_measure(text, len, &set, &units) != ERR_OK)
		return TEXT_NOT_ENCODABLE;
	return append(f, text, len);
}

static bool is_given(const struct piece *p)
{
	return is(p, "code") || is(p, "minutes") || is(p, "brand") || is(p, "ref");
}

static enum text_fault fill_var(struct filling *f, const struct piece *p)
{
	for (size_t i = 0; i < f->in->var_count; i++) {
		const struct text_var *v = &f->in->vars[i];

		if (v->name_len != p->len || memcmp(v->name, p->at, p->len) != 0)
			continue;
		f->used |= 1u << i;
		if (v->value_len < TEXT_FILLED_CAP - f->len)
			memset(f->from_var + f->len, (int)i + 1, v->value_len);
		return append(f, v->value, v->value_len);
	}
	if (f->lenient)
		return TEXT_OK;
	if (f->missing) {
		memcpy(f->missing, p->at, p->len);
		f->missing[p->len] = '\0';
	}
	return TEXT_VAR_MISSING;
}

static enum text_fault fill_piece(struct filling *f, const struct piece *p)
{
	const char *brand = f->in->brand ? f->in->brand : "", *ref = f->in->ref ? f->in->ref : "";

	if (!p->name)
		return append_checked(f, p->at, p->len);
	if (is(p, "code")) {
		f->codes++;
		return append(f, &(const char){ HOLE_CODE }, 1);
	}
	if (is(p, "minutes"))
		return append(f, &(const char){ HOLE_MINUTES }, 1);
	if (is(p, "brand"))
		return append_checked(f, brand, strlen(brand));
	if (is(p, "ref"))
		return append_checked(f, ref, strlen(ref));
	return fill_var(f, p);
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
	static const char zeros[CODE_DIGITS_MAX + 1] = "0000000000";
	char text[MEASURED_CAP];
	enum charset set;
	size_t units;

	if (code_len > CODE_DIGITS_MAX)
		return TEXT_TOO_LONG;
	if (text_render(filled, zeros + CODE_DIGITS_MAX - code_len, 99, text, sizeof(text)) != ERR_OK)
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
		struct piece p;

		if (!next_piece(&at, &p))
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
	return fault ? fault : text_fits(f->out, f->in->code_len, f->in->sets);
}

/* --- how long it is --- */

static void add_digits(struct text_size *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		text_size_add(s, "0", 1);
}

static void add_name(const struct text_fill *in, const struct piece *p, struct text_size *s)
{
	if (is(p, "code"))
		add_digits(s, in->code_len);
	else if (is(p, "minutes"))
		add_digits(s, 2);
	else if (is(p, "brand") && in->brand)
		text_size_add(s, in->brand, strlen(in->brand));
	else if (is(p, "ref") && in->ref)
		text_size_add(s, in->ref, strlen(in->ref));
	for (size_t i = 0; !is_given(p) && i < in->var_count; i++) {
		const struct text_var *v = &in->vars[i];

		if (v->name_len == p->len && memcmp(v->name, p->at, p->len) == 0)
			text_size_add(s, v->value, v->value_len);
	}
}

void text_fill_size(const struct text_fill *in, struct text_size *out)
{
	const char *at = in->x->text;
	struct piece p;

	*out = (struct text_size){ { 0 }, { 0 } };
	while (*at && next_piece(&at, &p)) {
		if (p.name)
			add_name(in, &p, out);
		else
			text_size_add(out, p.at, p.len);
	}
}

void text_fits_size(const char *filled, size_t code_len, struct text_size *out)
{
	static const char holes[] = { HOLE_CODE, HOLE_MINUTES, '\0' };

	*out = (struct text_size){ { 0 }, { 0 } };
	while (*filled) {
		size_t n = strcspn(filled, holes);

		text_size_add(out, filled, n);
		filled += n;
		if (*filled)
			add_digits(out, *filled == HOLE_CODE ? code_len : 2);
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
	struct piece p;

	while (*text && next_piece(&text, &p)) {
		if (p.name && is(&p, name) && !is_given(&p))
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
		struct piece p;

		if (!next_piece(&text, &p)) {
			*point = '{';
			return true;
		}
		if (!p.name && !charset_invariant(p.at, p.len, point))
			return true;
	}
	return false;
}

enum text_fault text_fill(const struct text_fill *in, char out[TEXT_FILLED_CAP], size_t *which,
                          char missing[TEXT_NAME_CAP])
{
	struct filling f = { .in = in, .out = out, .which = which, .missing = missing };

	return fill(&f);
}

enum err text_render(const char *filled, const char *code, unsigned minutes, char *out, size_t cap)
{
	char number[12];
	size_t at = 0;

	snprintf(number, sizeof(number), "%u", minutes > 0 ? minutes : 1);
	for (const char *s = filled; *s; s++) {
		const char *piece = *s == HOLE_CODE ? code : (*s == HOLE_MINUTES ? number : s);
		size_t n = piece == s ? 1 : strlen(piece);

		if (n >= cap - at) {
			explicit_bzero(out, at);
			return ERR_TOOBIG;
		}
		memcpy(out + at, piece, n);
		at += n;
	}
	if (at >= cap)
		return ERR_TOOBIG;
	out[at] = '\0';
	return ERR_OK;
}
