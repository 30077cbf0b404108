/*
 * What a person typed as a number: what is taken is E.164, its national part ends the digits that were typed, and it is
 * the same number when it is read again. What an SMSC writes: its tail has at most eight digits.
 */
#include "otp/msisdn.h"
#include "otp/typed.h"
#include "otp/typo.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct msisdn_mobile mobile[] = { { "81", "83", 0 }, { "85", "89", 0 } };
static struct msisdn_range ranges[] = {
	{ "811", "839", "A", "A" },
	{ "851", "859", "B", NULL },
	{ "877", "899", NULL, "C" },
};
static struct msisdn_country countries[] = {
	{ "ID", "62", "0", 9, 12, mobile, 2, ranges, 3, true, NULL, 0 },
	{ .region = "SG", .code = "65", .len_min = 8, .len_max = 8 },
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
	char typed[256], plus[MSISDN_CAP + 1] = "+", mask[MSISDN_MASK_CAP], display[MSISDN_DISPLAY_CAP];
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
	msisdn_display(strncmp(m->digits, "62", 2) == 0 ? &countries[0] : &countries[1], m, display);
	check(typed_digits(display, strlen(display), typed) == digits && memcmp(typed, m->digits, digits) == 0);
}

/* What is similar is a number itself, at most three of them, and none twice. A number that is taken has none. */
static void check_similar(const char *text, size_t len, enum msisdn_reason reason)
{
	struct msisdn similar[TYPO_MOST];
	size_t n = typo_similar(&plan, text, len, similar);

	check(n <= TYPO_MOST && (n == 0 || reason != MSISDN_OK));
	for (size_t i = 0; i < n; i++) {
		char plus[MSISDN_CAP + 1] = "+";
		struct msisdn again;

		memcpy(plus + 1, similar[i].digits, MSISDN_CAP);
		check(msisdn_parse(&plan, plus, strlen(plus), &again, NULL) == MSISDN_OK);
		check(strcmp(again.digits, similar[i].digits) == 0);
		for (size_t k = 0; k < i; k++)
			check(strcmp(similar[k].digits, similar[i].digits) != 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char written[512], tail[MSISDN_TAIL_CAP];
	struct msisdn_info info;
	struct msisdn m;

	enum msisdn_reason reason = msisdn_parse(&plan, (const char *)data, size, &m, &info);
	if (reason == MSISDN_OK)
		check_number((const char *)data, size, &m);
	check_similar((const char *)data, size, reason);
	if (size >= sizeof(written))
		return 0;
	memcpy(written, data, size);
	written[size] = '\0';
	if (msisdn_tail(written, tail))
		check(strlen(tail) >= 6 && strspn(tail, "0123456789") == strlen(tail));
	return 0;
}
