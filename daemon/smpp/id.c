/*
 * id: the normal form of message ids, in which a response's and a receipt's are compared. Pure.
 * SMSCs change case, leading zeros and the dashes of UUIDs between the two.
 */
#include "smpp.h"

#include <string.h>

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* 8-4-4-4-12 and nothing else loses its dashes: "12-1" and "121" may be two ids. */
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

void smpp_normalise_id(const char *id, char out[SMPP_MESSAGE_ID_CAP])
{
	size_t len = strnlen(id, SMPP_MESSAGE_ID_CAP - 1), hex = 0, zeros = 0;
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
	while (hex < len && is_hex(text[hex]))
		hex++;
	while (hex == len && zeros + 1 < len && text[zeros] == '0')
		zeros++;
	memset(out, 0, SMPP_MESSAGE_ID_CAP);
	memcpy(out, text + zeros, len - zeros);
}
