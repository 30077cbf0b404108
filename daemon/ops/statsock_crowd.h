/*
 * statsock_crowd: a bound on the connections of the stats socket. Private to ops.
 */
#ifndef OPS_STATSOCK_CROWD_H
#define OPS_STATSOCK_CROWD_H

#include "base/loop.h"

struct evhttp;
struct evconnlistener;
struct statsock_crowd;

enum { STATSOCK_CONNECTIONS_MAX = 16 };

/* From now on the oldest connections of http are closed when there are more. NULL: no memory. */
struct statsock_crowd *statsock_crowd_new(struct loop *loop, struct evhttp *http, struct evconnlistener *listener);
void statsock_crowd_free(struct statsock_crowd *w); /* before http; NULL is fine */

#endif
