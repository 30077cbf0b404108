/*
 * typo: the numbers that are one slip of the finger away from another. This file owns what counts as one edit. It must
 * never hold a table of prefixes, and never print a number.
 */
#include "otp/typo.h"

#include <string.h>

/* True if `longer` is `shorter` with one digit more. n is the length of shorter. */
static bool is_added(const char *shorter, const char *longer, size_t n)
{
	size_t same = 0;

	while (same < n && shorter[same] == longer[same])
		same++;
	return memcmp(shorter + same, longer + same + 1, n - same) == 0;
}

bool typo_one_edit(const struct msisdn *a, const struct msisdn *b)
{
	size_t m = strnlen(a->digits, MSISDN_CAP), n = strnlen(b->digits, MSISDN_CAP), same = 0;

	if (m + 1 == n)
		return is_added(a->digits, b->digits, m);
	if (n + 1 == m)
		return is_added(b->digits, a->digits, n);
	if (m != n)
		return false;
	while (same < n && a->digits[same] == b->digits[same])
		same++;
	if (same == n)
		return false;
	const char *x = a->digits + same, *y = b->digits + same;
	size_t rest = n - same;
	if (memcmp(x + 1, y + 1, rest - 1) == 0)
		return true;
	return x[0] == y[1] && x[1] == y[0] && memcmp(x + 2, y + 2, rest - 2) == 0;
}
