/*
 * id: makes the normal form in which the message ids of responses and receipts are compared. SMSCs write the same id in
 * another case, with leading zeros, with "0x", or without the dashes of a UUID. Pure.
 */
#include "base/hex.h"
#include "smpp.h"

#include <string.h>

/* Removes the dashes of the form 8-4-4-4-12 only, because "12-1" and "121" may be two different ids. */
static size_t undash(char *s, size_t len)
{
	size_t n = 0;
	if (len != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-')
		return len;
	for (size_t i = 0; i < len; i++)
		if (i != 8 && i != 13 && i != 18 && i != 23)
			s[n++] = s[i];
	return n;
}

static bool all_hex(const char *s, size_t len)
{
	size_t n = 0;
	while (n < len && hex_digit(s[n]) >= 0)
		n++;
	return n == len;
}

/* Returns the length of the prefix to drop: "0x" before hexadecimal digits, then leading zeros. */
static size_t prefix_of(const char *s, size_t len)
{
	size_t skip = len > 2 && s[0] == '0' && s[1] == 'x' && all_hex(s + 2, len - 2) ? 2 : 0;
	if (!all_hex(s + skip, len - skip))
		return 0;
	while (skip + 1 < len && s[skip] == '0')
		skip++;
	return skip;
}

void smpp_normalise_id(const char *id, char out[SMPP_MESSAGE_ID_CAP])
{
	size_t len = strnlen(id, SMPP_MESSAGE_ID_CAP - 1);
	while (len && (*id == ' ' || *id == '\t' || *id == '"')) {
		id++;
		len--;
	}
	while (len && strchr(" \t\r\n\"", id[len - 1]))
		len--;
	char text[SMPP_MESSAGE_ID_CAP] = "";
	for (size_t i = 0; i < len; i++)
		text[i] = (char)(id[i] >= 'A' && id[i] <= 'Z' ? id[i] + ('a' - 'A') : id[i]);
	len = undash(text, len);
	size_t skip = prefix_of(text, len);
	memset(out, 0, SMPP_MESSAGE_ID_CAP);
	memcpy(out, text + skip, len - skip);
}
