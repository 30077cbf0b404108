/*
 * address: where a Redis or a Sentinel listens: host and port, or the path of a Unix socket. Pure. Private to store.
 */
#ifndef STORE_ADDRESS_H
#define STORE_ADDRESS_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ADDRESS_HOST_CAP 256
#define ADDRESS_TEXT_CAP (ADDRESS_HOST_CAP + 8)

struct address {
	char host[ADDRESS_HOST_CAP]; /* a path when port is 0; "": none known */
	uint16_t port;
};

/* ERR_INVALID: empty, or longer than a host may be. */
enum err address_set(struct address *a, const char *host, size_t len, uint16_t port) ERR_CHECKED;

/*
 * "host:port"; an IPv6 address stands in brackets or not, as in MOVED. host may be empty if an answer means "this
 * node": then fallback's is taken. ERR_INVALID.
 */
enum err address_parse(const char *text, size_t len, const struct address *fallback, struct address *out) ERR_CHECKED;

bool address_same(const struct address *a, const struct address *b);
void address_print(const struct address *a, char out[ADDRESS_TEXT_CAP]);

#endif
