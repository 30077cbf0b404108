/*
 * plan: the numbering plan of the configuration: which countries are served, how their mobile numbers begin and how
 * long they are, and whose each prefix is. Pure. Owned by the configuration.
 */
#ifndef OTP_PLAN_H
#define OTP_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MSISDN_PREFIX_CAP 8 /* 7 digits and NUL */

/* Mobile numbers: all national numbers that begin with a text from `from` to `to`, which have the same length. */
struct msisdn_mobile {
	char from[MSISDN_PREFIX_CAP]; /* zeros behind the digits, here and below */
	char to[MSISDN_PREFIX_CAP];
	uint16_t lengths; /* bit n: numbers of n national digits; 0: those of the country */
};

/* A range of national prefixes, as in struct msisdn_mobile, and whose numbers it has. Texts are owned by the plan. */
struct msisdn_range {
	char from[MSISDN_PREFIX_CAP];
	char to[MSISDN_PREFIX_CAP];
	const char *brand;   /* the operator as people know it, e.g. "by.U"; NULL: not known */
	const char *network; /* who delivers to it and registers senders, e.g. "Telkomsel"; NULL: not known */
};

struct msisdn_country {
	char region[3];  /* "ID" */
	char code[4];    /* "62" */
	char trunk[4];   /* "0"; "" if none */
	uint8_t len_min; /* fewest and most national significant digits of a mobile number */
	uint8_t len_max;
	struct msisdn_mobile
	    *mobile; /* in the order of their texts; other numbers are not_mobile; none: all are mobile */
	size_t mobile_count;
	struct msisdn_range *ranges; /* known prefixes, in the order of their texts */
	size_t range_count;
	bool strict;          /* a mobile prefix that no range has is unassigned_prefix */
	const char **display; /* how people group a number, an "x" for each national digit: "xxx-xxxx-xxxx" */
	size_t display_count;
};

struct msisdn_plan {
	struct msisdn_country *countries; /* in the order of msisdn_plan_sort */
	size_t country_count;
	size_t home; /* country of numbers without country code: its index; country_count: none */
	char idd[5]; /* international dialling prefix, e.g. "00" */
};

/*
 * Puts the countries into the order that reading needs: by their codes as texts. Countries of one code keep their
 * order: a number that several of them have is the first one's. Does not change plan->home.
 */
void msisdn_plan_sort(struct msisdn_plan *plan);

/*
 * Returns the countries whose code begins the digits, the longest code if there are several, and their number. NULL and
 * 0: none is served.
 */
const struct msisdn_country *plan_of_code(const struct msisdn_plan *plan, const char *digits, size_t *count);

/* True if another country has the code of the one at this index. */
bool plan_shares_code(const struct msisdn_plan *plan, size_t at);

/* Returns the mobile range that has the national number or prefix; NULL: none has. */
const struct msisdn_mobile *plan_mobile(const struct msisdn_country *c, const char *national);

/* True if the national number is mobile. Each is, if the country has no mobile ranges. */
bool plan_is_mobile(const struct msisdn_country *c, const char *national);

/* True if further digits could make the number mobile, e.g. "8" where "81" is mobile. */
bool plan_may_become_mobile(const struct msisdn_country *c, const char *national);

/* Returns the range that the national number is in; NULL: none. */
const struct msisdn_range *plan_range(const struct msisdn_country *c, const char *national);

#endif
