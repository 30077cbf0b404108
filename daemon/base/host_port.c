/*
 * host_port: splits a host from its port. Pure; owns nothing. Must never resolve a name, and does not check the host.
 */
#include "base/host_port.h"

#define PORT_DIGITS 5

bool host_port_read(const char *text, size_t len, struct host_port *out)
{
	size_t colon = len;
	unsigned port = 0;

	while (colon > 0 && text[colon - 1] != ':')
		colon--;
	if (colon == 0 || colon == len || len - colon > PORT_DIGITS)
		return false;
	for (size_t i = colon; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		port = port * 10 + (unsigned)(text[i] - '0');
	}
	if (port == 0 || port > UINT16_MAX)
		return false;
	*out = (struct host_port){ .host = text, .len = colon - 1, .port = (uint16_t)port };
	if (out->len > 2 && text[0] == '[' && text[out->len - 1] == ']') {
		out->host++;
		out->len -= 2;
	}
	return true;
}
