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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows),
		cmocka_unit_test(as_every_edit_tried),
	};

	return cmocka_run_group_tests_name("typo", tests, NULL, NULL);
}
