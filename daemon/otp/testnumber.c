/*
 * testnumber: reads the texts of the configuration that describe test numbers, and finds the group of a number. Owns
 * nothing. It must never look at a clock, so the caller gives the time.
 */
#include "otp/testnumber.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS INT64_C(86400000)
#define YEAR_MIN 2020
#define YEAR_MAX 2999

static const char *const names[TESTNUMBER_OUTCOMES] = {
	[TESTNUMBER_NONE] = "",
	[TESTNUMBER_OK] = "ok",
	[TESTNUMBER_LATE] = "late",
	[TESTNUMBER_LOST] = "lost",
	[TESTNUMBER_REFUSED] = "refused",
	[TESTNUMBER_UNDELIVERABLE] = "undeliverable",
	[TESTNUMBER_THROTTLED] = "throttled",
};

/* --- numbers --- */

/* Reads len octets as one number. Returns its digits; 0: it is none. */
static size_t read_number(const char *text, size_t len, uint64_t *out)
{
	if (len > 0 && *text == '+') {
		text++;
		len--;
	}
	if (len == 0 || len >= MSISDN_CAP || *text == '0')
		return 0;
	*out = 0;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return 0;
		*out = *out * 10 + (uint64_t)(text[i] - '0');
	}
	return len;
}

enum testnumber_fault testnumber_read_range(const char *text, struct testnumber_range *out)
{
	size_t len = strcspn(text, "-"), first = read_number(text, len, &out->first), last = first;

	out->last = out->first;
	if (text[len] == '-')
		last = read_number(text + len + 1, strlen(text + len + 1), &out->last);
	if (!first || !last)
		return TESTNUMBER_UNREADABLE;
	if (first != last || out->last < out->first)
		return TESTNUMBER_REVERSED;
	return out->last - out->first < TESTNUMBER_RANGE_MAX ? TESTNUMBER_GOOD : TESTNUMBER_WIDE;
}

const char *testnumber_fault_text(enum testnumber_fault fault)
{
	switch (fault) {
	case TESTNUMBER_GOOD:
		return "is good";
	case TESTNUMBER_UNREADABLE:
		return "is neither a number nor two with - between them";
	case TESTNUMBER_REVERSED:
		return "does not go from a number to a higher one with as many digits";
	case TESTNUMBER_WIDE:
		return "has more than 10000 numbers";
	}
	return "";
}

uint64_t testnumber_count(const struct testnumber_group *group)
{
	uint64_t count = 0;

	for (size_t i = 0; i < group->range_count; i++)
		count += group->ranges[i].last - group->ranges[i].first + 1;
	return count;
}

bool testnumber_overlap(const struct testnumber_range *a, const struct testnumber_range *b)
{
	return a->first <= b->last && b->first <= a->last;
}

void testnumber_digits(uint64_t number, struct msisdn *out)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
	snprintf(out->digits, sizeof(out->digits), "%.15s", text);
}

const struct testnumber_group *testnumber_find(const struct testnumber_group *groups, size_t n,
                                               const struct msisdn *number, int64_t now_ms)
{
	uint64_t value;

	if (n == 0 || !read_number(number->digits, strlen(number->digits), &value))
		return NULL;
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < groups[i].range_count; k++) {
			const struct testnumber_range *r = &groups[i].ranges[k];

			if (value >= r->first && value <= r->last)
				return now_ms < groups[i].end_ms ? &groups[i] : NULL;
		}
	}
	return NULL;
}

/* --- the outcome --- */

bool testnumber_read_play(const char *text, struct testnumber_play *out)
{
	size_t len = strcspn(text, ":");
	const char *rest = text + len;

	*out = (struct testnumber_play){ .outcome = TESTNUMBER_NONE };
	for (int o = TESTNUMBER_OK; o < TESTNUMBER_OUTCOMES; o++)
		if (strlen(names[o]) == len && strncmp(names[o], text, len) == 0)
			out->outcome = (enum testnumber_outcome)o;
	if (out->outcome != TESTNUMBER_LATE)
		return out->outcome != TESTNUMBER_NONE && *rest == '\0';
	size_t digits = *rest ? strspn(rest + 1, "0123456789") : 0;
	if (digits == 0 || digits > 4 || rest[1 + digits] != '\0')
		return false;
	out->late_s = (uint16_t)strtoul(rest + 1, NULL, 10);
	return out->late_s > 0 && out->late_s <= TESTNUMBER_LATE_MAX_S;
}

const char *testnumber_outcome_name(enum testnumber_outcome o)
{
	return names[o];
}

/* --- the end --- */

static bool is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_of(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && is_leap(year));
}

/* Reads n digits. -1: there are not so many. */
static int read_digits(const char *text, size_t n)
{
	int value = 0;

	for (size_t i = 0; i < n; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		value = value * 10 + (text[i] - '0');
	}
	return value;
}

bool testnumber_read_day(const char *text, int64_t *end_ms)
{
	int64_t days = 0;

	if (strlen(text) != 10 || text[4] != '-' || text[7] != '-')
		return false;
	int year = read_digits(text, 4), month = read_digits(text + 5, 2), day = read_digits(text + 8, 2);
	if (year < YEAR_MIN || year > YEAR_MAX || month < 1 || month > 12 || day < 1 || day > days_of(year, month))
		return false;
	for (int y = 1970; y < year; y++)
		days += is_leap(y) ? 366 : 365;
	for (int m = 1; m < month; m++)
		days += days_of(year, m);
	*end_ms = (days + day) * DAY_MS;
	return true;
}

/* --- the code --- */

bool testnumber_code_fits(const char *code, enum code_alphabet alphabet, size_t len)
{
	struct code taken;
	bool fits = code_take(code, strlen(code), alphabet, len, &taken);

	code_wipe(&taken);
	return fits;
}
