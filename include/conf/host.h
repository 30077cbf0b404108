/*
 * host: hosts and addresses as the configuration writes them. Pure; owns nothing.
 */
#ifndef CONF_HOST_H
#define CONF_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a key of a host alone allows, for a fault. */
#define CONF_HOST_ALLOWED "a host name or an address without a port"
/* What a list of addresses allows. */
#define CONF_ADDRESS_ALLOWED "\"host:port\" or \"[IPv6 address]:port\""

/* True for a name of letters, digits, '.', '-', '_', and for an IPv4 or IPv6 address, "fe80::1%eth0" too. Never with a
 * port. */
bool conf_host_ok(const char *s);

/*
 * Reads "host:port" or "[v6]:port". True: *host and *host_len are the host inside s, without brackets, and *port is
 * 1..65535.
 */
bool conf_address_read(const char *s, const char **host, size_t *host_len, uint16_t *port);

#endif
