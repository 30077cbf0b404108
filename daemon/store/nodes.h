/*
 * nodes: the Redis servers behind the door: one, the master that Sentinels name, or the masters of a Cluster; and which
 * of them serves a partition. Private to store.
 */
#ifndef STORE_NODES_H
#define STORE_NODES_H

#include "base/resolve.h"
#include "node_set.h"

struct nodes;

/* opts outlive it, with all they point to. hooks as the door's. ERR_NOMEM, ERR_INVALID (an address). */
enum err nodes_new(struct loop *loop, struct resolver *resolver, const struct store_opts *opts,
                   const struct store_hooks *hooks, struct nodes **out) ERR_CHECKED;
void nodes_start(struct nodes *n);
void nodes_free(struct nodes *n); /* what is in flight is answered with ERR_UNAVAILABLE; NULL is fine */

/*
 * Begins a command for the node of a partition. NULL, with *err: ERR_UNAVAILABLE (that node is away),
 * ERR_BUSY (too much is in flight to it), ERR_NOMEM. Add the words, then nodes_send.
 */
struct op *nodes_op(struct nodes *n, uint16_t partition, enum err *err);
/* The same for a script: its keys, op_keys_end, and its arguments follow. */
struct op *nodes_script(struct nodes *n, uint16_t partition, enum script script, enum err *err);

/* The op is the node's from here on. Errors: the op is gone and decode is not called. */
enum err nodes_send(struct nodes *n, struct op *op) ERR_CHECKED;

/* The same for an op whose starting call has returned: it is answered ERR_UNAVAILABLE when it cannot be sent. */
void nodes_send_or_answer(struct nodes *n, struct op *op);

/* Whether what is sent to one after what was sent to the other arrives in that order. */
bool nodes_in_order(const struct nodes *n, uint16_t first, uint16_t second);

/* What they are together. */
const struct node_set *nodes_set(const struct nodes *n);

#endif
