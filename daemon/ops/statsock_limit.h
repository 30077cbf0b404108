/*
 * statsock_limit: limits the number of connections to the stats socket. Private to ops. It owns no connection; the HTTP
 * server does.
 */
#ifndef OPS_STATSOCK_LIMIT_H
#define OPS_STATSOCK_LIMIT_H

#include "base/loop.h"

struct evhttp;
struct evconnlistener;
struct statsock_limit;

enum { STATSOCK_CONNECTIONS_MAX = 16 };

/* From now on the oldest connection is closed when there are more than STATSOCK_CONNECTIONS_MAX. NULL: no memory. */
struct statsock_limit *statsock_limit_new(struct loop *loop, struct evhttp *http, struct evconnlistener *listener);
void statsock_limit_free(struct statsock_limit *w); /* must be called before http is freed; NULL is fine */

#endif
