/*
 * resolve: resolves a host name to socket addresses without blocking the loop. Numeric addresses need no DNS.
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
void resolver_free(struct resolver *r); /* pending queries are cancelled; their functions are not called */

/* Starts a query. fn is called exactly once, after resolve_start has returned, unless the query is cancelled. NULL: no
 * memory. */
struct resolve_query *resolve_start(struct resolver *r, const char *host, uint16_t port, resolve_fn fn, void *arg);
void resolve_cancel(struct resolve_query *q);

#endif
