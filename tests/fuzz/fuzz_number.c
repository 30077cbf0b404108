/*
 * What a person typed as a number: what is taken is E.164, its national part ends the digits that were typed, and it is
 * the same number when it is read again. What an SMSC writes: its tail has at most eight digits.
 */
#include "otp/msisdn.h"
#include "otp/typed.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char mobile[][8] = { "81", "82", "83", "85", "86", "87", "88", "89" };
static struct msisdn_range ranges[] = { { "811", "839", "A" }, { "851", "859", "B" }, { "877", "899", "C" } };
static struct msisdn_country countries[] = {
	{ "ID", "62", "0", 9, 12, mobile, 8, ranges, 3 },
	{ "SG", "65", "", 8, 8, NULL, 0, NULL, 0 },
};
static const struct msisdn_plan plan = { countries, 2, 0, "00" };

static void check(int holds)
{
	if (!holds)
		abort();
}

/* The digits of the text, in order. */
static size_t typed_digits(const char *text, size_t len, char *out)
{
	size_t n = 0;

	for (size_t at = 0; at < len;) {
		struct typed c;

		check(typed_next(text, len, &at, &c));
		if (c.kind == TYPED_DIGIT)
			out[n++] = c.ascii;
	}
	return n;
}

static void check_number(const char *text, size_t len, const struct msisdn *m)
{
	char typed[256], plus[MSISDN_CAP + 1] = "+", mask[MSISDN_MASK_CAP];
	size_t digits = strlen(m->digits), n;
	struct msisdn again;

	check(digits < MSISDN_CAP && strspn(m->digits, "0123456789") == digits && len < sizeof(typed));
	n = typed_digits(text, len, typed);
	check(n >= digits - 2 && memcmp(typed + n - (digits - 2), m->digits + 2, digits - 2) == 0);
	memcpy(plus + 1, m->digits, digits + 1);
	check(msisdn_parse(&plan, plus, digits + 1, &again, NULL) == MSISDN_OK);
	check(strcmp(again.digits, m->digits) == 0);
	msisdn_mask(m, mask);
	check(strlen(mask) < sizeof(mask));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char written[512], tail[MSISDN_TAIL_CAP];
	struct msisdn_info info;
	struct msisdn m;

	if (msisdn_parse(&plan, (const char *)data, size, &m, &info) == MSISDN_OK)
		check_number((const char *)data, size, &m);
	if (size >= sizeof(written))
		return 0;
	memcpy(written, data, size);
	written[size] = '\0';
	if (msisdn_tail(written, tail))
		check(strlen(tail) >= 6 && strspn(tail, "0123456789") == strlen(tail));
	return 0;
}
