/*
 * msisdn: telephone numbers. Parses what people write, normalises it to E.164 by the numbering plan of the
 * configuration, matches prefixes, and masks numbers. Pure. No function prints a whole number, because the log shows
 * the mask only.
 */
#ifndef OTP_MSISDN_H
#define OTP_MSISDN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MSISDN_CAP 16      /* 15 digits of E.164 and NUL */
#define MSISDN_MASK_CAP 24 /* "+62812****890" and NUL */

struct msisdn {
	char digits[MSISDN_CAP]; /* E.164 without "+", NUL-terminated */
};

enum msisdn_reason {
	MSISDN_OK = 0,
	MSISDN_TOO_SHORT,
	MSISDN_TOO_LONG,
	MSISDN_NOT_MOBILE,
	MSISDN_UNASSIGNED_PREFIX,
	MSISDN_EXTRA_COUNTRY_CODE,
	MSISDN_NOT_A_NUMBER,
	MSISDN_COUNTRY_NOT_SERVED
};

/*
 * A range of national prefixes: all national numbers that begin with a text from `from` to `to`. Both have the same
 * number of digits.
 */
struct msisdn_range {
	char from[8];
	char to[8];
	const char *operator_name; /* the operator that has the range; owned by the plan */
};

struct msisdn_country {
	char region[3];  /* "ID" */
	char code[4];    /* "62" */
	char trunk[4];   /* "0"; "" if none */
	uint8_t len_min; /* fewest and most national significant digits of a mobile number */
	uint8_t len_max;
	char (*mobile)[8]; /* leading digits of mobile numbers, e.g. "81" "82"; others are not_mobile */
	size_t mobile_count;
	struct msisdn_range *ranges; /* assigned prefixes and operators; none: every mobile prefix is assigned */
	size_t range_count;
};

struct msisdn_plan {
	struct msisdn_country *countries;
	size_t country_count;
	size_t home; /* country of numbers without country code: its index; country_count: none */
	char idd[5]; /* international dialling prefix, e.g. "00" */
};

struct msisdn_info {
	const struct msisdn_country *country; /* NULL if not known */
	const char *operator_name;            /* "" if not known */
};

/*
 * Reads len octets of UTF-8 as people paste them: decimal digits of any script, with an optional "+" before them and
 * "tel:" before that. Spaces, hyphens and dashes of every kind, tabs, line ends, parentheses, direction marks and
 * zero-width characters are dropped. "." and "/" may stand only between groups of two digits or more. A single "." with
 * two digits or only zeros behind it is a fraction. Everything else is not_a_number, and so is a text of more than 128
 * octets or 32 digits. No digit is ever added, lost or moved.
 *
 * Accepted are +62 812-3456-7890, 0812 3456 7890, 62812..., 0062812..., +62 (0)812..., 6262812... A country code typed
 * twice is taken once. Three times is extra_country_code.
 *
 * *out is set only on MSISDN_OK. *info (may be NULL) gets what is known, also on an error.
 */
enum msisdn_reason msisdn_parse(const struct msisdn_plan *plan, const char *text, size_t len, struct msisdn *out,
                                struct msisdn_info *info);

/* Returns "ok", or "too_short" ... as in reason= of the protocol's BADNUMBER. Static. */
const char *msisdn_reason_name(enum msisdn_reason reason);

/* Returns one sentence for a person, e.g. "The number has fewer digits than numbers of this country have." Static. */
const char *msisdn_reason_text(enum msisdn_reason reason);

/*
 * Writes "+62812****890": the first 5 and the last 3 digits of a number that has at least 11. A number of 7 to 10
 * digits shows its first 2 and last 2. A shorter one shows none.
 */
void msisdn_mask(const struct msisdn *m, char out[MSISDN_MASK_CAP]);

/* True if the number begins with prefix (digits; "" matches all). */
bool msisdn_has_prefix(const struct msisdn *m, const char *prefix);

/*
 * Writes the last digits of a number as an SMSC writes it (+62812..., 0062812..., 0812..., 812..., 521... for 52...),
 * without its leading zeros: 8 digits, or all if it has fewer. Returns false if the text is not a number or has fewer
 * than 6 digits.
 */
#define MSISDN_TAIL_CAP 9
bool msisdn_tail(const char *written, char tail[MSISDN_TAIL_CAP]);

/* True if the number ends in the tail. If the number is the shorter of the two, the tail must end in the number. */
bool msisdn_ends(const struct msisdn *m, const char *tail);

void msisdn_wipe(struct msisdn *m);

#endif
