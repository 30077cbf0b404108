/*
 * damm: computes and tests a check digit. Owns its table, a totally anti-symmetric quasigroup of order 10, which
 * otpgwd-protocol(7) prints for pages: the two must never differ.
 */
#include "otp/damm.h"

#include <string.h>

static const char *const table[10] = { "0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
	                               "3674209581", "5869720134", "8945362017", "9438617205", "2581436790" };

/* The check digit names the row that is reached, because in that row it leads to row 0. */
char damm_digit(const char *digits)
{
	char row = '0';

	for (; *digits; digits++)
		row = table[row - '0'][*digits - '0'];
	return row;
}

bool damm_holds(const char *digits)
{
	return *digits && digits[strspn(digits, "0123456789")] == '\0' && damm_digit(digits) == '0';
}
