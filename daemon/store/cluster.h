/*
 * cluster: keeps the map of a Redis Cluster true, and sends a redirected command to the node that serves it. Private to
 * store.
 */
#ifndef STORE_CLUSTER_H
#define STORE_CLUSTER_H

#include "node_set.h"

struct cluster;

/* set, pool and hooks must outlive it. It calls hooks->on_up when a new map makes the set usable. NULL: no memory. */
struct cluster *cluster_new(struct node_set *set, struct command_pool *pool, const struct store_hooks *hooks);
void cluster_free(struct cluster *c); /* answers the commands that wait, with ERR_UNAVAILABLE; NULL is fine */

void cluster_refresh(struct cluster *c);      /* asks for the map now */
void cluster_refresh_soon(struct cluster *c); /* asks in some ms, when a replica may have become master */

/*
 * Must be called for each error reply to a command. True: the command was redirected, and is sent elsewhere or later. A
 * node that redirects a command has not executed it.
 */
bool cluster_redirects(struct cluster *c, const struct conn *from, struct command *command, const char *text);

#endif
