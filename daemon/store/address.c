/*
 * address: parses, compares and prints addresses. Owns nothing, resolves nothing.
 */
#include "address.h"

#include "base/host_port.h"

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
	struct host_port at;

	if (!host_port_read(text, len, &at))
		return ERR_INVALID;
	if (at.len == 0 && fallback)
		return address_set(out, fallback->host, strlen(fallback->host), at.port);
	return address_set(out, at.host, at.len, at.port);
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
