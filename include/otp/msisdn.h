/*
 * msisdn: telephone numbers: parse what people write, normalise to E.164 by the numbering plan of the configuration,
 * match prefixes, mask. Pure. A whole number has no printer: log takes the mask only.
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

/* A national prefix range: all national numbers that begin with a text from `from` to `to` (equal length, digits). */
struct msisdn_range {
	char from[8];
	char to[8];
	const char *operator_name; /* whose; owned by the plan */
};

struct msisdn_country {
	char region[3];  /* "ID" */
	char code[4];    /* "62" */
	char trunk[4];   /* "0"; "" if none */
	uint8_t len_min; /* national significant digits of a mobile number */
	uint8_t len_max;
	char (*mobile)[8]; /* leading digits that mean mobile, e.g. "81" "82" "83" "85"; others are not_mobile */
	size_t mobile_count;
	struct msisdn_range *ranges; /* assigned prefixes with operators; none: every mobile one is assigned */
	size_t range_count;
};

struct msisdn_plan {
	struct msisdn_country *countries;
	size_t country_count;
	size_t home; /* index of the country of numbers written without country code; country_count if none */
	char idd[5]; /* how people dial abroad: "00" */
};

struct msisdn_info {
	const struct msisdn_country *country; /* NULL if not known */
	const char *operator_name;            /* "" if not known */
};

/*
 * Reads text of len octets of UTF-8, as people paste it: decimal digits of any script with an optional leading "+" and,
 * before that, "tel:". Spaces, hyphens and dashes of every kind, tabs, line ends, parentheses, direction marks and
 * zero-width characters are dropped; "." and "/" only between groups of two digits or more, and a single "." with two
 * digits or zeros behind it is a fraction. Everything else is not_a_number: no digit is ever added, lost or moved.
 * Accepts +62 812-3456-7890, 0812 3456 7890, 62812..., 0062812..., +62 (0)812..., 6262812... (a country code typed
 * twice is taken once; three times is extra_country_code). *out is set only on MSISDN_OK; *info (may be NULL) as far
 * as known.
 */
enum msisdn_reason msisdn_parse(const struct msisdn_plan *plan, const char *text, size_t len, struct msisdn *out,
                                struct msisdn_info *info);

/* "too_short" ... as in the protocol's BADNUMBER reason=; "ok". Static. */
const char *msisdn_reason_name(enum msisdn_reason reason);

/* One sentence for a person, e.g. "The number has fewer digits than numbers of this country have." Static. */
const char *msisdn_reason_text(enum msisdn_reason reason);

/* "+62812****890": country code and 3 digits, 3 last. Short numbers mask more. */
void msisdn_mask(const struct msisdn *m, char out[MSISDN_MASK_CAP]);

/* True if the number begins with prefix (digits; "" matches all). */
bool msisdn_has_prefix(const struct msisdn *m, const char *prefix);

/*
 * The end of a number as an SMSC writes it (+62812..., 0062812..., 0812..., 812..., 521... for 52...): its last 8
 * digits, or all if it has fewer, zeros in front left out. False: it is no number, or has less than 6 digits.
 */
#define MSISDN_TAIL_CAP 9
bool msisdn_tail(const char *written, char tail[MSISDN_TAIL_CAP]);

/* True if the number ends so; a number that is shorter than the tail: if the tail ends as the number. */
bool msisdn_ends(const struct msisdn *m, const char *tail);

void msisdn_wipe(struct msisdn *m);

#endif
