/*
 * address: parsing, comparing and printing of addresses. Owns nothing, resolves nothing.
 */
#include "address.h"

#include <stdio.h>
#include <string.h>

enum err address_set(struct address *a, const char *host, size_t len, uint16_t port)
{
	if (len == 0 || len >= sizeof(a->host) || memchr(host, 0, len))
		return ERR_INVALID;
	memcpy(a->host, host, len);
	a->host[len] = 0;
	a->port = port;
	return ERR_OK;
}

enum err address_parse(const char *text, size_t len, const struct address *fallback, struct address *out)
{
	size_t colon = len;
	unsigned port = 0;

	while (colon > 0 && text[colon - 1] != ':')
		colon--;
	if (colon == 0 || len - colon < 1 || len - colon > 5)
		return ERR_INVALID;
	for (size_t i = colon; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return ERR_INVALID;
		port = port * 10 + (unsigned)(text[i] - '0');
	}
	if (port == 0 || port > UINT16_MAX)
		return ERR_INVALID;
	size_t host = colon - 1;
	if (host > 2 && text[0] == '[' && text[host - 1] == ']')
		return address_set(out, text + 1, host - 2, (uint16_t)port);
	if (host == 0 && fallback)
		return address_set(out, fallback->host, strlen(fallback->host), (uint16_t)port);
	return address_set(out, text, host, (uint16_t)port);
}

bool address_same(const struct address *a, const struct address *b)
{
	return a->port == b->port && strcmp(a->host, b->host) == 0;
}

void address_print(const struct address *a, char out[ADDRESS_TEXT_CAP])
{
	if (a->port)
		snprintf(out, ADDRESS_TEXT_CAP, strchr(a->host, ':') ? "[%s]:%u" : "%s:%u", a->host, a->port);
	else
		snprintf(out, ADDRESS_TEXT_CAP, "%s", a->host);
}
