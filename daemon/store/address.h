/*
 * address: the address of a Redis or a Sentinel, which is host and port, or the path of a Unix socket. Pure. Private to
 * store.
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

/* ERR_INVALID: host is empty, too long, or contains a NUL. */
enum err address_set(struct address *a, const char *host, size_t len, uint16_t port) ERR_CHECKED;

/*
 * Reads "host:port". An IPv6 address may stand in brackets or, as in MOVED, without. An empty host means the node that
 * sent the text, whose address is fallback. ERR_INVALID.
 */
enum err address_parse(const char *text, size_t len, const struct address *fallback, struct address *out) ERR_CHECKED;

bool address_same(const struct address *a, const struct address *b);
void address_print(const struct address *a, char out[ADDRESS_TEXT_CAP]);

#endif
