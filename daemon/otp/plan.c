/*
 * plan: finds countries by their codes, and prefixes in a country's tables, by halving. This file owns the order of
 * these tables. It must never hold a table itself.
 */
#include "otp/plan.h"

#include <string.h>

#define CODE_MAX 3 /* digits */

static bool begins(const char *digits, const char *prefix)
{
	while (*prefix && *digits == *prefix) {
		digits++;
		prefix++;
	}
	return *prefix == '\0';
}

/* Sorts by insertion: the number of countries is small, and equal ones must keep their order. */
void msisdn_plan_sort(struct msisdn_plan *plan)
{
	for (size_t i = 1; i < plan->country_count; i++) {
		const struct msisdn_country c = plan->countries[i];
		size_t at = i;

		for (; at > 0 && strcmp(plan->countries[at - 1].code, c.code) > 0; at--)
			plan->countries[at] = plan->countries[at - 1];
		plan->countries[at] = c;
	}
}

/* Returns the first country whose code is not below this one; country_count: none. */
static size_t first_of_code(const struct msisdn_plan *plan, const char *code)
{
	size_t low = 0, high = plan->country_count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(plan->countries[mid].code, code) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

const struct msisdn_country *plan_of_code(const struct msisdn_plan *plan, const char *digits, size_t *count)
{
	char code[CODE_MAX + 1] = "";

	*count = 0;
	memcpy(code, digits, strnlen(digits, CODE_MAX));
	for (size_t n = strlen(code); n > 0; n--) {
		code[n] = '\0';
		size_t first = first_of_code(plan, code), end = first;

		while (end < plan->country_count && strcmp(plan->countries[end].code, code) == 0)
			end++;
		*count = end - first;
		if (*count > 0)
			return &plan->countries[first];
	}
	return NULL;
}

/*
 * Both tables hold items that begin with from[] and to[], in the order of from, and no two that have one number. So the
 * last one whose from is not above the number is the only one that can have it. Returns its index + 1; 0: none.
 */
static size_t last_from(const void *items, size_t size, size_t count, const char *national)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp((const char *)items + mid * size, national) <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool reaches(const char *to, const char *national)
{
	size_t n = strlen(to);

	return strncmp(national, to, n) <= 0 && strnlen(national, n) == n;
}

const struct msisdn_mobile *plan_mobile(const struct msisdn_country *c, const char *national)
{
	size_t at = last_from(c->mobile, sizeof(*c->mobile), c->mobile_count, national);

	return at > 0 && reaches(c->mobile[at - 1].to, national) ? &c->mobile[at - 1] : NULL;
}

bool plan_is_mobile(const struct msisdn_country *c, const char *national)
{
	return c->mobile_count == 0 || plan_mobile(c, national);
}

bool plan_may_become_mobile(const struct msisdn_country *c, const char *national)
{
	size_t at = last_from(c->mobile, sizeof(*c->mobile), c->mobile_count, national);

	if (at < c->mobile_count && begins(c->mobile[at].from, national))
		return true;
	/* The number is shorter than the prefixes of a range, and begins one of them: "82" of 811-833. */
	return at > 0 && strncmp(national, c->mobile[at - 1].to, strlen(national)) <= 0;
}

const struct msisdn_range *plan_range(const struct msisdn_country *c, const char *national)
{
	size_t at = last_from(c->ranges, sizeof(*c->ranges), c->range_count, national);

	return at > 0 && reaches(c->ranges[at - 1].to, national) ? &c->ranges[at - 1] : NULL;
}
