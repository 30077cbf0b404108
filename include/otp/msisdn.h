/*
 * msisdn: telephone numbers. Parses what people write, normalises it to E.164 by the numbering plan of the
 * configuration, matches prefixes, groups and masks numbers. Pure. The log shows the mask only.
 */
#ifndef OTP_MSISDN_H
#define OTP_MSISDN_H

#include "otp/plan.h"

#include <stdbool.h>
#include <stddef.h>

#define MSISDN_CAP 16         /* 15 digits of E.164 and NUL */
#define MSISDN_MASK_CAP 24    /* "+62812****890" and NUL */
#define MSISDN_DISPLAY_CAP 32 /* "+62 812-3456-7890" and NUL */

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

struct msisdn_info {
	const struct msisdn_country *country; /* NULL if not known */
	const char *brand, *network;          /* "" if not known */
};

/* What a text holds: its digits in ASCII, and whether "+" was before them. */
#define MSISDN_TYPED_MAX 32 /* digits: 15 of E.164 and the prefixes that people put before them */
struct msisdn_typed {
	char digits[MSISDN_TYPED_MAX + 1];
	size_t count;
	bool plus;
};

/*
 * Reads len octets of UTF-8 as people paste them: decimal digits of any script, with an optional "+" before them and
 * "tel:" before that. Spaces, hyphens and dashes of every kind, tabs, line ends, parentheses, direction marks and
 * zero-width characters are dropped. "." and "/" may stand only between groups of two digits or more. A single "." with
 * two digits or only zeros behind it is a fraction. Everything else is not_a_number, and so is a text of more than 128
 * octets or 32 digits. No digit is ever added, lost or moved.
 *
 * Accepted are +62 812-3456-7890, 0812 3456 7890, 62812..., 0062812..., +62 (0)812..., 6262812... A country code typed
 * twice is taken once. Three times is extra_country_code. A prefix that is mobile and that no range of the country has
 * is accepted, unless the country is strict.
 *
 * *out is set only on MSISDN_OK. *info (may be NULL) gets what is known, also on an error.
 */
enum msisdn_reason msisdn_parse(const struct msisdn_plan *plan, const char *text, size_t len, struct msisdn *out,
                                struct msisdn_info *info);

/*
 * Reads the source address of a message of a phone as the network gives it, with its type of number (TON: 0 unknown, 1
 * international, 2 national). Unlike what a person types, nothing is guessed: it is all digits of E.164, with or
 * without "+" or the international prefix, or a number of the home country, if it is national or begins with 0. False:
 * it is none of these, or no mobile number of the plan. *out is set only on true.
 */
bool msisdn_of_source(const struct msisdn_plan *plan, const char *address, unsigned ton, struct msisdn *out);

/* Reads the digits of a text as msisdn_parse does, without judging them. False: the text is not written like a number.
 */
bool msisdn_typed_read(const char *text, size_t len, struct msisdn_typed *out);

/* Judges digits that were read, as msisdn_parse does. */
enum msisdn_reason msisdn_of_typed(const struct msisdn_plan *plan, const struct msisdn_typed *typed, struct msisdn *out,
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

/*
 * Writes the number of this country as people group it: "+62 812-3456-7890". Without a grouping for its length the
 * national digits are in groups of three and four: "+62 812 3456 7890".
 */
void msisdn_display(const struct msisdn_country *c, const struct msisdn *m, char out[MSISDN_DISPLAY_CAP]);

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
