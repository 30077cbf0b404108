/*
 * usertext: judges every character of a VAR by its Unicode class, and finds links as phones do. This file owns both
 * rules. It has no list of bad words. It must never let through a character that the person cannot see or a link that
 * the person can tap.
 */
#include "otp/usertext.h"

#include <stdbool.h>
#include <string.h>
#include <unictype.h>
#include <unistr.h>

#define ADDRESS_LABELS 4 /* labels of an IPv4 address */
#define OCTET_MAX 255
#define CURRENCY_LETTERS 4
#define LETTERS (UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_M)
#define IS_ONE_OF(point, list) is_one_of(point, list, sizeof(list) / sizeof((list)[0]))

/*
 * Characters that a browser reads as a dot in a host name: full stop, ideographic, full-width and half-width
 * ideographic full stop.
 */
static const ucs4_t dots[] = { '.', 0x3002, 0xff0e, 0xff61 };

/*
 * The next three tables have .,'/&() and what other scripts write for them. Dashes are a Unicode class and need no
 * table.
 */
static const ucs4_t stops[] = {
	'.', 0x3002, 0xff0e, 0xff61, 0x06d4, 0x0964, ',', 0x060c, 0x3001, 0xff0c, 0xff64,
};
static const ucs4_t of_names[] = {
	'\'',   0x2018, 0x2019, 0xff07, 0x05f3, /* apostrophes */
	0x00b7, 0x30fb,                         /* dots between the names of one person */
};
static const ucs4_t marks[] = { '/', 0xff0f, '&', 0xff06, '(', ')', 0xff08, 0xff09 };

/* The labels joined by dots that were read so far. A new run of labels is all zero. */
struct labels {
	size_t count;   /* labels that ended at a dot */
	size_t len;     /* characters of the current label */
	size_t letters; /* letters at the beginning of the current label */
	size_t numbers,
	    triples; /* numbers: labels that are 0..255; triples: labels of exactly 3 digits, the first not counted */
	unsigned value;   /* number that the digits of the current label form */
	bool digits, www; /* digits: the label has only digits; www: it has only w, 3 at most */
	bool after_www;   /* the previous label was "www" */
};

static bool is_one_of(ucs4_t point, const ucs4_t *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (list[i] == point)
			return true;
	}
	return false;
}

static bool has_class(ucs4_t point, uint32_t mask)
{
	return uc_is_general_category_withtable(point, mask);
}

static enum usertext_fault judge(ucs4_t point)
{
	if (point == '\n' || point == '\r' || point == 0x85 || point == 0x2028 || point == 0x2029)
		return USERTEXT_LINE_END;
	if (has_class(point, UC_CATEGORY_MASK_Cc))
		return USERTEXT_CONTROL;
	if (uc_is_property_bidi_control(point))
		return USERTEXT_DIRECTION;
	if (uc_is_property_default_ignorable_code_point(point) || has_class(point, UC_CATEGORY_MASK_Cf))
		return USERTEXT_INVISIBLE;
	if (has_class(point, LETTERS | UC_CATEGORY_MASK_Nd | UC_CATEGORY_MASK_Zs | UC_CATEGORY_MASK_Pd) ||
	    IS_ONE_OF(point, stops) || IS_ONE_OF(point, of_names) || IS_ONE_OF(point, marks))
		return USERTEXT_OK;
	return USERTEXT_SYMBOL;
}

/* True if an allowed character is also allowed for this kind. letters counts the letters of an amount. */
static bool is_of_kind(ucs4_t point, enum usertext_kind kind, size_t *letters)
{
	switch (kind) {
	case USERTEXT_AMOUNT:
		if (has_class(point, LETTERS))
			return ++*letters <= CURRENCY_LETTERS;
		return has_class(point, UC_CATEGORY_MASK_Nd | UC_CATEGORY_MASK_Zs | UC_CATEGORY_MASK_Pd) ||
		       IS_ONE_OF(point, stops);
	case USERTEXT_NAME:
		return has_class(point, LETTERS | UC_CATEGORY_MASK_Zs | UC_CATEGORY_MASK_Pd) ||
		       IS_ONE_OF(point, stops) || IS_ONE_OF(point, of_names);
	case USERTEXT_WORD:
		return has_class(point, LETTERS | UC_CATEGORY_MASK_Nd);
	case USERTEXT_ANY:
		break;
	}
	return true;
}

/* --- links --- */

static void begin_label(struct labels *l)
{
	l->len = 0;
	l->letters = 0;
	l->value = 0;
	l->digits = true;
	l->www = true;
}

/* Counts the label that ends here if it can be a part of an IPv4 address. */
static void end_octet(struct labels *l)
{
	if (l->digits && l->len > 0 && l->value <= OCTET_MAX)
		l->numbers++;
	if (l->digits && l->len == 3 && l->count > 0)
		l->triples++;
}

static bool extend_label(struct labels *l, ucs4_t point)
{
	int digit = uc_decimal_value(point);

	/* An accent belongs to the letter before it and is not counted. */
	if (has_class(point, UC_CATEGORY_MASK_M))
		return false;
	if (l->len == l->letters && has_class(point, UC_CATEGORY_MASK_L))
		l->letters++;
	l->www = l->www && l->len < 3 && (point == 'w' || point == 'W');
	l->digits = l->digits && digit >= 0;
	if (l->digits && l->value <= OCTET_MAX)
		l->value = l->value * 10 + (unsigned)digit;
	l->len++;
	return l->after_www || (l->count > 0 && l->letters >= 2);
}

static void end_label(struct labels *l)
{
	if (l->len == 0) {
		*l = (struct labels){ .count = 0 };
	} else {
		end_octet(l);
		l->after_www = l->www && l->len == 3;
		l->count++;
	}
	begin_label(l);
}

/*
 * True if the labels before this character are an IPv4 address. 1.250.000.000 counts as an amount of money, except if a
 * path follows it.
 */
static bool is_address(struct labels *l, bool path)
{
	end_octet(l);
	return l->count + (l->len > 0) == ADDRESS_LABELS && l->numbers == ADDRESS_LABELS &&
	       (path || l->triples < ADDRESS_LABELS - 1);
}

static bool is_label_character(ucs4_t point)
{
	return has_class(point, UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_M | UC_CATEGORY_MASK_Nd | UC_CATEGORY_MASK_Pd);
}

/* Reads the next character, or 0 at the end of the text. Returns true if the text contains a link. */
static bool find_link(struct labels *l, ucs4_t point)
{
	if (IS_ONE_OF(point, dots)) {
		end_label(l);
		return false;
	}
	if (point && is_label_character(point))
		return extend_label(l, point);
	bool found = is_address(l, point == '/' || point == 0xff0f);
	*l = (struct labels){ .count = 0 };
	begin_label(l);
	return found;
}

enum usertext_fault usertext_check(const char *text, size_t len, enum usertext_kind kind, uint32_t *point)
{
	struct labels l = { .count = 0 };
	size_t letters = 0;
	bool link = false;
	ucs4_t c;

	begin_label(&l);
	for (size_t at = 0; at < len;) {
		int n = u8_mbtoucr(&c, (const uint8_t *)text + at, len - at);

		*point = 0;
		if (n < 0)
			return USERTEXT_NOT_UTF8;
		enum usertext_fault fault = judge(c);
		if (!fault && !is_of_kind(c, kind, &letters))
			fault = USERTEXT_UNLIKE;
		if (fault) {
			*point = c;
			return fault;
		}
		link = find_link(&l, c) || link;
		at += (size_t)n;
	}
	*point = 0;
	return find_link(&l, 0) || link ? USERTEXT_LINK : USERTEXT_OK;
}

bool usertext_find_link(const char *text, size_t len, size_t *from, size_t *to)
{
	struct labels l = { .count = 0 };
	size_t begin = *from, at = *from;
	bool link = false;

	begin_label(&l);
	while (at <= len) {
		ucs4_t c = 0;
		int n = at < len ? u8_mbtoucr(&c, (const uint8_t *)text + at, len - at) : 1;
		bool inside = n > 0 && c && (IS_ONE_OF(c, dots) || is_label_character(c));

		link = find_link(&l, n > 0 ? c : 0) || link;
		if (!inside && link) {
			*from = begin;
			*to = at;
			return true;
		}
		at += n > 0 ? (size_t)n : 1;
		if (!inside)
			begin = at;
	}
	return false;
}

const char *usertext_fault_text(enum usertext_fault fault)
{
	static const char *const texts[] = {
		[USERTEXT_OK] = "nothing",
		[USERTEXT_NOT_UTF8] = "octets that are no UTF-8",
		[USERTEXT_LINE_END] = "a line end",
		[USERTEXT_CONTROL] = "a control character",
		[USERTEXT_DIRECTION] = "a direction control",
		[USERTEXT_INVISIBLE] = "an invisible character",
		[USERTEXT_SYMBOL] = "a symbol",
		[USERTEXT_UNLIKE] = "not of its kind",
		[USERTEXT_LINK] = "a link",
	};

	return (size_t)fault < sizeof(texts) / sizeof(texts[0]) ? texts[fault] : "something unknown";
}

const char *usertext_kind_text(enum usertext_kind kind)
{
	static const char *const texts[] = {
		[USERTEXT_ANY] = "letters, marks, digits, spaces and .,'-/&()",
		[USERTEXT_AMOUNT] = "digits, spaces and .,- with at most 4 letters",
		[USERTEXT_NAME] = "letters, marks, spaces and .,'-",
		[USERTEXT_WORD] = "letters, marks and digits",
	};

	return (size_t)kind < sizeof(texts) / sizeof(texts[0]) ? texts[kind] : "";
}
