/*
 * host_port: reads "host:port" and "[host]:port", the form in which addresses to connect to are written. Pure.
 */
#ifndef BASE_HOST_PORT_H
#define BASE_HOST_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The two parts of an address. host points into the text that was read, without brackets, and has no NUL. len 0: there
 * is no text before the colon.
 */
struct host_port {
	const char *host;
	size_t len;
	uint16_t port;
};

/*
 * Splits text at its last colon. False: there is no colon, or no port of one to five digits, 1 to 65535, follows it.
 * The host is not checked; it may be empty, too long or an IPv6 address without brackets. The caller checks it.
 */
bool host_port_read(const char *text, size_t len, struct host_port *out);

#endif
