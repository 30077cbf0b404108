/*
 * host: is it a host, is it a host with a port. Owns nothing, resolves nothing, notes no fault.
 */
#include "conf/host.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define HOST_MAX 255

static const char of_names[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";

/* "::1", "fe80::1%eth0" */
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
	const char *colon = strrchr(s, ':');
	size_t digits = colon ? strspn(colon + 1, "0123456789") : 0;
	unsigned long number = digits > 0 && digits <= 5 ? strtoul(colon + 1, NULL, 10) : 0;
	char copy[HOST_MAX + 1];

	if (!colon || colon[1 + digits] || number == 0 || number > UINT16_MAX)
		return false;
	size_t len = (size_t)(colon - s);
	bool brackets = len > 2 && s[0] == '[' && s[len - 1] == ']';
	*host = s + brackets;
	*host_len = brackets ? len - 2 : len;
	*port = (uint16_t)number;
	if (*host_len == 0 || *host_len > HOST_MAX)
		return false;
	memcpy(copy, *host, *host_len);
	copy[*host_len] = '\0';
	return strlen(copy) == *host_len && (brackets ? is_v6(copy) : copy[strspn(copy, of_names)] == '\0');
}
