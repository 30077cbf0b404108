/*
 * busy_routes: the routes that may have queued messages, so that the others need not be looked at. Pure.
 */
#ifndef FLOW_DELIVER_BUSY_ROUTES_H
#define FLOW_DELIVER_BUSY_ROUTES_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

struct busy_routes {
	uint64_t *words; /* one bit per route */
	size_t count;    /* of the words */
};

/* Prepares an empty set for routes 0 to n - 1. ERR_NOMEM. */
enum err busy_routes_init(struct busy_routes *b, size_t n) ERR_CHECKED;
void busy_routes_clear(struct busy_routes *b);

void busy_routes_add(struct busy_routes *b, int route);
void busy_routes_remove(struct busy_routes *b, int route);

/* Returns the first route of the set that is at least from, which is not negative. -1: there is none. */
int busy_routes_next(const struct busy_routes *b, int from);

#endif
