/*
 * resolve: resolves a host name to socket addresses without blocking the loop. A numeric address needs no DNS. Owns its
 * queries until they are answered or cancelled.
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

/*
 * Gets the result: ERR_OK with 1 to 8 addresses, which are valid during the call; or ERR_NOTFOUND or ERR_TIMEOUT with
 * none.
 */
typedef void (*resolve_fn)(void *arg, enum err err, const struct resolve_addr *addrs, size_t n);

/* Paths of the files with nameservers, search list and options, and with hosts. The strings outlive the resolver. */
struct resolver_files {
	const char *resolv_conf, *hosts;
};

/*
 * files NULL: /etc/resolv.conf and /etc/hosts. The files are read at the first query for a name, and again at the first
 * query after one of them was written or replaced. Queries in progress keep the former content. Returns NULL: no
 * memory.
 */
struct resolver *resolver_new(struct loop *loop, const struct resolver_files *files);
void resolver_free(struct resolver *r); /* pending queries are cancelled; their fn is not called */

/*
 * Starts a query. fn is called exactly once, after resolve_start has returned, unless the query is cancelled. Returns
 * NULL: no memory.
 */
struct resolve_query *resolve_start(struct resolver *r, const char *host, uint16_t port, resolve_fn fn, void *arg);
/* Ends a query, whose fn is then not called. NULL is fine. */
void resolve_cancel(struct resolve_query *q);

#endif
