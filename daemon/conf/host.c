/*
 * host: checks whether a text is a host, or a host with a port. Owns nothing. It must never resolve a name or note a
 * fault.
 */
#include "conf/host.h"

#include "base/host_port.h"

#include <arpa/inet.h>
#include <string.h>

#define HOST_MAX 255

static const char of_names[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";

/* True for an IPv6 address, e.g. "::1" or "fe80::1%eth0". */
static bool is_v6(const char *s)
{
	char address[INET6_ADDRSTRLEN];
	size_t len = strcspn(s, "%");
	struct in6_addr parsed;

	if (len >= sizeof(address) || (s[len] && (!s[len + 1] || s[len + 1 + strspn(s + len + 1, of_names)])))
		return false;
	memcpy(address, s, len);
	address[len] = '\0';
	return inet_pton(AF_INET6, address, &parsed) == 1;
}

bool conf_host_ok(const char *s)
{
	if (!s[0] || strlen(s) > HOST_MAX)
		return false;
	return s[strspn(s, of_names)] == '\0' || is_v6(s);
}

bool conf_address_read(const char *s, const char **host, size_t *host_len, uint16_t *port)
{
	char copy[HOST_MAX + 1];
	struct host_port at;

	if (!host_port_read(s, strlen(s), &at) || at.len == 0 || at.len > HOST_MAX)
		return false;
	*host = at.host;
	*host_len = at.len;
	*port = at.port;
	memcpy(copy, at.host, at.len);
	copy[at.len] = '\0';
	return at.host > s ? is_v6(copy) : copy[strspn(copy, of_names)] == '\0';
}
