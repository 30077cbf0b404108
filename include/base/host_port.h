/*
 * host_port: reads "host:port" and "[host]:port", the one form in which a place to connect to is written. Pure.
 */
#ifndef BASE_HOST_PORT_H
#define BASE_HOST_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The host points into the text that was read, without brackets; len 0: nothing stands before the colon. */
struct host_port {
	const char *host;
	size_t len;
	uint16_t port;
};

/*
 * Parts text at its last colon. False: no colon, or what follows is no port: one to five digits, 1 to 65535. What the
 * host is made of, and whether it may be empty or longer than a name, is the caller's to judge: an IPv6 address without
 * brackets is read too.
 */
bool host_port_read(const char *text, size_t len, struct host_port *out);

#endif
