/*
 * nodes: the Redis servers behind the door: one, the master that Sentinels name, or the masters of a Cluster; and which
 * of them serves a partition. Private to store.
 */
#ifndef STORE_NODES_H
#define STORE_NODES_H

#include "base/json.h"
#include "base/resolve.h"
#include "op.h"

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

bool nodes_up(const struct nodes *n);           /* at least one that serves a partition */
bool nodes_whole(const struct nodes *n);        /* every one of them, and no partition is without */
int64_t nodes_offset_ms(const struct nodes *n); /* Redis' unix time less CLOCK_MONOTONIC */
int64_t nodes_retry_ms(const struct nodes *n);
enum store_durability nodes_durability(const struct nodes *n); /* the weakest of all */
const char *nodes_warning(const struct nodes *n);
const char *nodes_refusing(const struct nodes *n); /* "OOM" ...: one that serves takes nothing that is written; "" */
const char *nodes_reason(const struct nodes *n);   /* why one that serves is away; "" */
void nodes_status(const struct nodes *n, struct json *j);

#endif
