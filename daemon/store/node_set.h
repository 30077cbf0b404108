/*
 * node_set: the servers that are known, and which of them serves each partition. Private to store.
 */
#ifndef STORE_NODE_SET_H
#define STORE_NODE_SET_H

#include "base/json.h"
#include "conn.h"
#include "gauges.h"
#include "map.h"

#define NODES_MAX 254 /* below MAP_NONE */

struct node {
	struct conn *conn;
	bool serves; /* a partition */
};

struct node_set {
	struct node node[NODES_MAX];
	size_t count;
	struct map map;
	struct gauges gauges;
};

size_t node_set_find(const struct node_set *n, const struct address *address); /* MAP_NONE: it is not known */

/* After a change of the map: who serves, and with which partition each is probed. */
void node_set_mark_serving(struct node_set *n);

/* Frees those that serve nothing any more, once their last answer is in. keep_up: who is there may still know the
 * others. Never from a callback of one of them. */
void node_set_sweep(struct node_set *n, bool keep_up);

void node_set_show(struct node_set *n); /* to monitoring */

bool node_set_up(const struct node_set *n);           /* at least one that serves a partition */
bool node_set_whole(const struct node_set *n);        /* every one of them, and no partition is without */
int64_t node_set_offset_ms(const struct node_set *n); /* Redis' unix time less CLOCK_MONOTONIC */
int64_t node_set_retry_ms(const struct node_set *n);
enum store_durability node_set_durability(const struct node_set *n); /* the weakest of all */
const char *node_set_warning(const struct node_set *n);
const char *
node_set_refusing(const struct node_set *n); /* "OOM" ...: one that serves takes nothing that is written; "" */
const char *node_set_reason(const struct node_set *n); /* why one that serves is away; "" */
void node_set_status(const struct node_set *n, struct json *j);

#endif
