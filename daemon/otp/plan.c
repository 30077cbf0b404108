/*
 * plan: finds countries by their codes, and prefixes in a country's tables, by halving. This file owns the order of
 * these tables. It must never hold a table itself.
 */
#include "otp/plan.h"

#include <endian.h>
#include <string.h>

#define CODE_MAX 3 /* digits */

/*
 * Up to 7 digits as a number in the order of texts: "8" < "81" < "811" < "82". What is longer counts as its first 7.
 */
static uint64_t key_of(const char *digits)
{
	char padded[MSISDN_PREFIX_CAP] = "";
	uint64_t key;

	for (size_t i = 0; i < sizeof(padded) - 1 && digits[i]; i++)
		padded[i] = digits[i];
	memcpy(&key, padded, sizeof(key));
	return be64toh(key);
}

/* The same of a text that has zeros behind its end. */
static uint64_t key_of_prefix(const char prefix[MSISDN_PREFIX_CAP])
{
	uint64_t key;

	memcpy(&key, prefix, sizeof(key));
	return be64toh(key);
}

static uint32_t key_of_code(const char code[CODE_MAX + 1])
{
	uint32_t key;

	memcpy(&key, code, sizeof(key));
	return be32toh(key);
}

/* Sorts by insertion: the number of countries is small, and equal ones must keep their order. */
void msisdn_plan_sort(struct msisdn_plan *plan)
{
	for (size_t i = 1; i < plan->country_count; i++) {
		const struct msisdn_country c = plan->countries[i];
		size_t at = i;

		for (; at > 0 && key_of_code(plan->countries[at - 1].code) > key_of_code(c.code); at--)
			plan->countries[at] = plan->countries[at - 1];
		plan->countries[at] = c;
	}
}

/* Returns the first country whose code is not below this one; country_count: none. */
static size_t first_of_code(const struct msisdn_plan *plan, uint32_t code)
{
	size_t low = 0, high = plan->country_count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (key_of_code(plan->countries[mid].code) < code)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

const struct msisdn_country *plan_of_code(const struct msisdn_plan *plan, const char *digits, size_t *count)
{
	char code[CODE_MAX + 1] = "";
	size_t n = 0;

	for (; n < CODE_MAX && digits[n]; n++)
		code[n] = digits[n];
	*count = 0;
	for (; n > 0; n--) {
		code[n] = '\0';
		uint32_t key = key_of_code(code);
		size_t first = first_of_code(plan, key), end = first;

		while (end < plan->country_count && key_of_code(plan->countries[end].code) == key)
			end++;
		*count = end - first;
		if (*count > 0)
			return &plan->countries[first];
	}
	return NULL;
}

bool plan_shares_code(const struct msisdn_plan *plan, size_t at)
{
	uint32_t code = key_of_code(plan->countries[at].code);

	return (at > 0 && key_of_code(plan->countries[at - 1].code) == code) ||
	       (at + 1 < plan->country_count && key_of_code(plan->countries[at + 1].code) == code);
}

/*
 * Both tables hold items that begin with from[] and to[], in the order of from, and no two that have one number. So the
 * last one whose from is not above the number is the only one that can have it. Returns its index + 1; 0: none.
 */
static size_t last_from(const void *items, size_t size, size_t count, uint64_t national)
{
	size_t low = 0, high = count;

	if (count > 0 && key_of_prefix((const char *)items) > national)
		return 0;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (key_of_prefix((const char *)items + mid * size) <= national)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* True if the number, which is not below the range, has all digits of a prefix of it, and is not above it. */
static bool reaches(const char to[MSISDN_PREFIX_CAP], uint64_t national)
{
	unsigned behind = 0; /* bits behind the last digit of the range */

	while (behind < 64 && !(key_of_prefix(to) >> behind & 0xff))
		behind += 8;
	return behind < 64 && (national >> behind & 0xff) && national >> behind <= key_of_prefix(to) >> behind;
}

const struct msisdn_mobile *plan_mobile(const struct msisdn_country *c, const char *national)
{
	uint64_t key = key_of(national);
	size_t at = last_from(c->mobile, sizeof(*c->mobile), c->mobile_count, key);

	return at > 0 && reaches(c->mobile[at - 1].to, key) ? &c->mobile[at - 1] : NULL;
}

bool plan_is_mobile(const struct msisdn_country *c, const char *national)
{
	return c->mobile_count == 0 || plan_mobile(c, national);
}

bool plan_may_become_mobile(const struct msisdn_country *c, const char *national)
{
	size_t at = last_from(c->mobile, sizeof(*c->mobile), c->mobile_count, key_of(national)), n = strlen(national);

	if (at < c->mobile_count && strncmp(c->mobile[at].from, national, n) == 0)
		return true;
	/* The number is shorter than the prefixes of a range, and begins one of them: "82" of 811-833. */
	return at > 0 && strncmp(national, c->mobile[at - 1].to, n) <= 0;
}

const struct msisdn_range *plan_range(const struct msisdn_country *c, const char *national)
{
	uint64_t key = key_of(national);
	size_t at = last_from(c->ranges, sizeof(*c->ranges), c->range_count, key);

	return at > 0 && reaches(c->ranges[at - 1].to, key) ? &c->ranges[at - 1] : NULL;
}
