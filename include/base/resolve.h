/*
 * resolve: host name -> socket addresses without blocking the loop. Numeric addresses are answered without DNS.
 */
#ifndef BASE_RESOLVE_H
#define BASE_RESOLVE_H

#include "base/loop.h"

#include <stddef.h>
#include <sys/socket.h>

struct resolver;
struct resolve_query;

struct resolve_addr {
	struct sockaddr_storage addr;
	socklen_t len;
};

/* err: ERR_OK with n >= 1 addresses (valid during the call), ERR_NOTFOUND, ERR_TIMEOUT, ERR_NOMEM. */
typedef void (*resolve_fn)(void *arg, enum err err, const struct resolve_addr *addrs, size_t n);

struct resolver *resolver_new(struct loop *loop); /* NULL: no memory. Nameservers are read at the first real query. */
void resolver_free(struct resolver *r);           /* pending queries are cancelled, not called */

/* Starts a query; fn is called exactly once, after this returned, unless cancelled. NULL: no memory. */
struct resolve_query *resolve_start(struct resolver *r, const char *host, uint16_t port, resolve_fn fn, void *arg);
void resolve_cancel(struct resolve_query *q);

#endif
