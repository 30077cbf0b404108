/*
 * text: templates. Checked at load, filled with the request's variables when the request is taken, rendered with code
 * and minutes at the last moment. Pure.
 *
 *   "{brand}: kode Anda {code}. Berlaku {minutes} menit. JANGAN berikan kepada siapa pun."
 *
 * {code} must stand exactly once; a second time only in a last line for autofill, "@host #{code}". {minutes}, {brand},
 * {ref} are given by the gateway; any other {name} is a VAR of the request. "{{" is a brace.
 */
#ifndef OTP_TEXT_H
#define OTP_TEXT_H

#include "base/err.h"
#include "otp/charset.h"
#include "otp/text_size.h"
#include "otp/usertext.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TEXT_FILLED_CAP 224 /* octets of a filled text (UTF-8 with holes), NUL included */
#define TEXT_NAME_CAP 33    /* a name of template, purpose, tenant, SMSC: 1-32 of a-z 0-9 _ - */
#define TEXT_VARS_MAX 8

/* What the VAR of this name may be. */
struct text_kind {
	const char *name;
	enum usertext_kind kind;
};

struct text_template {
	const char *name; /* "otp" */
	const char *lang; /* "id" */
	const char *text;
	const struct text_kind *kinds; /* of some of its VARs */
	size_t kind_count;
};

struct text_var {
	const char *name, *value;
	size_t name_len, value_len;
};

enum text_fault {
	TEXT_OK = 0,
	TEXT_NO_CODE,       /* {code} is missing, or a second one is not in the line for autofill */
	TEXT_BAD_BRACE,     /* "{" without "}", or a name that is no name */
	TEXT_NOT_ENCODABLE, /* not UTF-8, control characters */
	TEXT_TOO_LONG,      /* more than one segment with code_len digits and two-digit minutes */
	TEXT_VAR_MISSING,   /* the template names a VAR the request lacks: *which */
	TEXT_VAR_UNUSED,    /* the request gives a VAR the template lacks: *which */
	TEXT_VAR_BAD        /* usertext_check refuses a VAR's value: *which */
};

/* "var_missing" ... for BADTEMPLATE reason=. Static. */
const char *text_fault_name(enum text_fault fault);

/* Checks a template at load, with VARs counted as empty. code_len 4..10; sets as in text_fill. */
enum text_fault text_check(const char *text, const char *brand, size_t code_len, unsigned sets);

/* True if the template has {name} and it is a VAR, not one of those that the gateway gives. */
bool text_has_var(const char *text, const char *name);

/* What the template says of the VAR; USERTEXT_ANY if nothing. */
enum usertext_kind text_kind_of(const struct text_template *x, const struct text_var *var);

/* True if the template's own text is outside the invariant subset (worth a warning at start); *point is the first
 * character that is. */
bool text_risky(const char *text, uint32_t *point);

/*
 * Puts brand, ref and vars in; leaves holes (0x01 code, 0x02 minutes) for text_render. Checks that the result fits one
 * segment. which (may be NULL): index in vars for UNUSED and BAD; for MISSING the name is copied to missing (may be
 * NULL).
 */
struct text_fill {
	const struct text_template *x;
	const char *brand, *ref;
	const struct text_var *vars;
	size_t var_count;
	size_t code_len;
	unsigned sets; /* bits 1 << enum charset, of SMSCs: it must fit each, as UCS-2 where that lacks a character */
};
enum text_fault text_fill(const struct text_fill *in, char out[TEXT_FILLED_CAP], size_t *which,
                          char missing[TEXT_NAME_CAP]);

/*
 * Checks that a filled text (with its holes) fits one segment with a code of code_len characters (4..10) and two-digit
 * minutes; sets as in text_fill. TEXT_OK, TEXT_TOO_LONG, or TEXT_NOT_ENCODABLE.
 */
enum text_fault text_fits(const char *filled, size_t code_len, unsigned sets);

/* What text_fill or text_fits counts, for text_size_words: with TEXT_TOO_LONG it tells how long the text is. */
void text_fill_size(const struct text_fill *in, struct text_size *out);
void text_fits_size(const char *filled, size_t code_len, struct text_size *out);

/* Fills the holes. minutes is at least 1. out is UTF-8, NUL-terminated; ERR_TOOBIG if cap is too small. */
enum err text_render(const char *filled, const char *code, unsigned minutes, char *out, size_t cap) ERR_CHECKED;

#endif
