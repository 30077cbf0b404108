/*
 * text: the templates of an SMS. A template is checked at load and filled with the VARs of a request when the request
 * is accepted. The code, the minutes and {ref} are put in just before the submit. Pure.
 *
 *   "{brand}: kode Anda {code}. Berlaku {minutes} menit. JANGAN berikan kepada siapa pun."
 *
 * {code} must occur exactly once. A second {code} is allowed only in a last line for autofill, "@host #{code}". The
 * gateway fills {minutes}, {brand} and {ref}. Any other {name} is a VAR of the request. "{{" stands for one brace.
 */
#ifndef OTP_TEXT_H
#define OTP_TEXT_H

#include "base/err.h"
#include "otp/charset.h"
#include "otp/text_measure.h"
#include "otp/text_size.h"
#include "otp/usertext.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TEXT_FILLED_CAP 224 /* octets of a filled text (UTF-8 with holes), NUL included */
#define TEXT_NAME_CAP 33    /* name of a template, purpose, tenant or SMSC: 1-32 of a-z 0-9 _ - */
#define TEXT_VARS_MAX 8
#define TEXT_CODE_MAX 10                         /* most characters of a code */
#define TEXT_MINUTES_DIGITS 2                    /* the minutes are measured as two digits */
#define TEXT_REF_LEN 2                           /* characters of {ref}, which names one SMS of a verification */
#define TEXT_MEASURED_CAP (TEXT_FILLED_CAP + 32) /* octets of a text with code and minutes, NUL included */

/* Restricts the VAR of this name to a kind of text. */
struct text_kind {
	const char *name;
	enum usertext_kind kind;
};

struct text_template {
	const char *name; /* "otp" */
	const char *lang; /* "id" */
	const char *text;
	const struct text_kind *kinds; /* kinds of some of its VARs */
	size_t kind_count;
};

struct text_var {
	const char *name, *value;
	size_t name_len, value_len;
};

enum text_fault {
	TEXT_OK = 0,
	TEXT_NO_CODE,       /* {code} is missing, or a second one is not in the line for autofill */
	TEXT_BAD_BRACE,     /* "{" without "}", or no valid name between them */
	TEXT_NOT_ENCODABLE, /* not UTF-8, or a control character */
	TEXT_TOO_LONG,      /* more than one segment with code_len characters of code and two-digit minutes */
	TEXT_VAR_MISSING,   /* the template has a VAR that the request does not give: its name in missing */
	TEXT_VAR_UNUSED,    /* the request gives a VAR that the template lacks, or too many VARs: *which */
	TEXT_VAR_BAD        /* usertext_check refuses a VAR's value, or it forms a link with its neighbours: *which */
};

/* Returns "var_missing" ... for reason= of BADTEMPLATE. Static. */
const char *text_fault_name(enum text_fault fault);

/* Checks a template at load. VARs count as empty. code_len: 4..10. sets: as in text_fill. */
enum text_fault text_check(const char *text, const char *brand, size_t code_len, unsigned sets);

/* True if the template has {name} and the gateway does not fill that name itself. */
bool text_has_var(const char *text, const char *name);

/* Returns the kind that the template sets for the VAR, or USERTEXT_ANY if it sets none. */
enum usertext_kind text_kind_of(const struct text_template *x, const struct text_var *var);

/*
 * True if the template's own text has a character outside the invariant subset, which causes a warning at start. *point
 * is the first such character.
 */
bool text_risky(const char *text, uint32_t *point);

/*
 * Fills in brand and VARs, and leaves holes (0x01 for the code, 0x02 for the minutes, 0x03 for {ref}) for text_render.
 * Checks that the result fits one segment. vars (may be NULL) gets where the VARs stand. which (may be NULL) gets the
 * index in vars for TEXT_VAR_UNUSED and TEXT_VAR_BAD. missing (may be NULL) gets the name for TEXT_VAR_MISSING.
 */
struct text_fill {
	const struct text_template *x;
	const char *brand;
	const struct text_var *vars;
	size_t var_count;
	size_t code_len;
	/*
	 * bits 1 << enum charset of the SMSCs; the text must fit each of them, as UCS-2 where the set lacks a character
	 */
	unsigned sets;
	const struct text_measure *own; /* text_measure_template of x and brand; NULL: everything is measured here */
};
/* Where the values of the VARs stand in a filled text, in the order in which the template has them first. */
struct text_vars {
	uint8_t count;
	uint8_t at[TEXT_VARS_MAX], len[TEXT_VARS_MAX]; /* octets */
};
enum text_fault text_fill(const struct text_fill *in, char out[TEXT_FILLED_CAP], struct text_vars *vars, size_t *which,
                          char missing[TEXT_NAME_CAP]);

/*
 * Fills a template with the values that an earlier text_fill of the same text and brand took. vars
 * says where each value stands in values, and then where in out. ERR_CORRUPT: the template has other VARs. ERR_TOOBIG.
 */
enum err text_refill(const char *text, const char *brand, const char *values, struct text_vars *vars,
                     char out[TEXT_FILLED_CAP]) ERR_CHECKED;

/*
 * Checks that a filled text with holes fits one segment, with a code of code_len characters (4..10) and two-digit
 * minutes. sets: as in text_fill. Returns TEXT_OK, TEXT_TOO_LONG or TEXT_NOT_ENCODABLE.
 */
enum text_fault text_fits(const char *filled, size_t code_len, unsigned sets);

/* Count the text as text_fill and text_fits do. After TEXT_TOO_LONG, text_size_words explains the result. */
void text_fill_size(const struct text_fill *in, struct text_size *out);
void text_fits_size(const char *filled, size_t code_len, struct text_size *out);

/* True if a filled text has a hole for {ref}. */
bool text_has_ref(const char *filled);

/* What stands in the holes. minutes 0 is written as 1. ref: "" if the text has no hole for it. */
struct text_holes {
	const char *code, *ref;
	unsigned minutes;
};

/* Fills the holes. out is UTF-8, NUL-terminated. ERR_TOOBIG: cap is too small. */
enum err text_render(const char *filled, const struct text_holes *holes, char *out, size_t cap) ERR_CHECKED;

#endif
