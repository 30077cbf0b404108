/*
 * typo: what counts as one edit, beside a reading that tries every edit.
 */
#include "otp/typo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct msisdn of(const char *digits)
{
	struct msisdn m = { "" };

	memcpy(m.digits, digits, strlen(digits));
	return m;
}

static void rows(void **state)
{
	static const struct {
		const char *a, *b;
		bool one;
	} pairs[] = {
		{ "6281234567890", "6281234567890", false },
		{ "6281234567890", "628123456789", true },
		{ "6281234567890", "62812345678900", true },
		{ "6281234567890", "6281234567899", true },
		{ "6281234567890", "6281234567809", true },
		{ "6281234567890", "2681234567890", true },
		{ "6281234567890", "281234567890", true },
		{ "6281234567890", "6281234657890", true },
		{ "6281234567890", "6281234567098", false },
		{ "6281234567890", "62812345678", false },
		{ "6281234567890", "6291234567891", false },
		{ "6281234567890", "6218243567890", false },
		{ "6281234567890", "628133456789", false },
		{ "", "", false },
		{ "", "6", true },
		{ "", "62", false },
		{ "6", "2", true },
		{ "62", "26", true },
		{ "999999999999999", "99999999999999", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		const struct msisdn a = of(pairs[i].a), b = of(pairs[i].b);

		if (typo_one_edit(&a, &b) != pairs[i].one || typo_one_edit(&b, &a) != pairs[i].one)
			fail_msg("%s %s", a.digits, b.digits);
	}
}

/* Makes b of a by the edit of this number. False: there is no such edit. */
static bool edit(const char *a, size_t which, char *b)
{
	size_t n = strlen(a), at = which / 22, kind = which % 22;

	if (at > n || n > 14 || (kind >= 10 && at == n) || (kind == 21 && at + 1 >= n))
		return false;
	memcpy(b, a, n + 1);
	if (kind < 10) {
		memmove(b + at + 1, a + at, n - at + 1);
		b[at] = (char)('0' + kind);
	} else if (kind < 20) {
		b[at] = (char)('0' + kind - 10);
	} else if (kind == 20) {
		memmove(b + at, a + at + 1, n - at);
	} else {
		b[at] = a[at + 1];
		b[at + 1] = a[at];
	}
	return true;
}

static bool tried(const char *a, const char *b)
{
	char made[MSISDN_CAP + 1];

	for (size_t which = 0; which < 22 * MSISDN_CAP; which++) {
		if (edit(a, which, made) && strcmp(made, b) == 0)
			return strcmp(a, b) != 0;
	}
	return false;
}

/* Short numbers of two digits only, so that many of the pairs are one edit apart. */
static void as_every_edit_tried(void **state)
{
	size_t one = 0;

	(void)state;
	for (unsigned i = 0; i < 200000; i++) {
		unsigned bits = i * 2654435761u, m = bits % 6, n = (bits >> 4) % 6;
		struct msisdn a = { "" }, b = { "" };

		for (unsigned k = 0; k < m; k++)
			a.digits[k] = (char)('6' + (bits >> (8 + k) & 1));
		for (unsigned k = 0; k < n; k++)
			b.digits[k] = (char)('6' + (bits >> (16 + k) & 1));
		bool want = tried(a.digits, b.digits);
		if (typo_one_edit(&a, &b) != want)
			fail_msg("%s %s", a.digits, b.digits);
		one += want;
	}
	assert_true(one > 20000);
}

static struct msisdn_mobile mobile[] = { { "81", "83", 0 }, { "85", "89", 0 } };
static struct msisdn_country countries[] = {
	{ "ID", "62", "0", 9, 12, mobile, 2, NULL, 0, false, NULL, 0 },
	{ .region = "SG", .code = "65", .len_min = 8, .len_max = 8 },
};
static const struct msisdn_plan plan = { countries, 2, 0, "00" }, nowhere = { countries, 2, 2, "" };

static void similar_numbers(void **state)
{
	static const struct {
		const struct msisdn_plan *plan;
		const char *text, *similar[TYPO_MOST];
	} texts[] = {
		{ &plan, "0182345678901", { "62812345678901", "6282345678901", "62882345678901" } },
		{ &plan, "+62 812-3456-7890", { NULL } },               /* it is right */
		{ &plan, "+61 812-3456-78901", { "62812345678901" } },  /* another country's code */
		{ &plan, "+1 812-3456-78901", { "62812345678901" } },   /* of another length */
		{ &plan, "0061 812-3456-78901", { "62812345678901" } }, /* behind what is dialled abroad */
		{ &plan, "+26 812-3456-78901", { "62812345678901" } },  /* swapped */
		{ &plan, "912345678901", { "62812345678901" } },        /* another trunk digit */
		{ &plan, "08999999999999", { "62899999999999" } },      /* one of many equal ones too much */
		{ &plan, "08123456789012", { NULL } },                  /* any digit may be too much */
		{ &plan, "0812345", { NULL } },                         /* two are missing */
		{ &plan, "012", { NULL } },                             /* nothing of a number */
		{ &plan, "08123456789O1", { NULL } },                   /* no digits */
		{ &plan, "01823456789010182345678901", { NULL } },      /* far too long */
		{ &plan, "01823456789010182345678901012", { NULL } },
		{ &nowhere, "+63 1234567", { "6531234567" } },
		{ &nowhere, "+6581234567", { NULL } },
	};
	struct msisdn out[TYPO_MOST];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		size_t n = typo_similar(texts[i].plan, texts[i].text, strlen(texts[i].text), out), want = 0;

		while (want < TYPO_MOST && texts[i].similar[want])
			want++;
		if (n != want)
			fail_msg("%s: %zu", texts[i].text, n);
		for (size_t k = 0; k < n; k++) {
			size_t at = 0;

			while (at < n && strcmp(out[k].digits, texts[i].similar[at]) != 0)
				at++;
			if (at == n)
				fail_msg("%s: %s", texts[i].text, out[k].digits);
		}
	}
}

/* A number spoiled by one edit: what is told of it holds it, three at most, none twice, each accepted. */
static void the_right_one_is_told(void **state)
{
	size_t told = 0, refused = 0;

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		char right[MSISDN_CAP + 2] = "08", typed[MSISDN_CAP + 4];
		unsigned bits = i * 2654435761u;
		struct msisdn out[TYPO_MOST], m, again;
		bool found = false;

		for (unsigned k = 2; k < 11 + bits % 3; k++, bits = bits * 1664525u + 1013904223u)
			right[k] = (char)('0' + (bits >> 24) % 10);
		if (msisdn_parse(&plan, right, strlen(right), &m, NULL) || !edit(right, (bits >> 8) % (22 * 14), typed))
			continue;
		size_t n = typo_similar(&plan, typed, strlen(typed), out);
		refused += msisdn_parse(&plan, typed, strlen(typed), &again, NULL) != MSISDN_OK;
		assert_true(n <= TYPO_MOST);
		told += n > 0;
		for (size_t k = 0; k < n; k++) {
			char plus[MSISDN_CAP + 1] = "+";

			memcpy(plus + 1, out[k].digits, MSISDN_CAP);
			assert_int_equal(msisdn_parse(&plan, plus, strlen(plus), &again, NULL), MSISDN_OK);
			found = found || strcmp(out[k].digits, m.digits) == 0;
			assert_true(k == 0 || strcmp(out[k].digits, out[k - 1].digits) != 0);
		}
		if (n > 0 && !found)
			fail_msg("%s of %s", typed, right);
	}
	print_message("%zu refused, of %zu the number is told\n", refused, told);
	assert_true(told > 500 && told * 3 > refused);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows),
		cmocka_unit_test(as_every_edit_tried),
		cmocka_unit_test(similar_numbers),
		cmocka_unit_test(the_right_one_is_told),
	};

	return cmocka_run_group_tests_name("typo", tests, NULL, NULL);
}
