/*
 * nodes: the Redis servers of the store, and which of them serves a partition. They are one server, the master that the
 * Sentinels name, or the masters of a Redis Cluster. Private to store.
 */
#ifndef STORE_NODES_H
#define STORE_NODES_H

#include "base/resolve.h"
#include "node_set.h"

struct nodes;

/* opts, and all that they point to, must outlive it. ERR_NOMEM, ERR_INVALID (an address). */
enum err nodes_new(struct loop *loop, struct resolver *resolver, const struct store_opts *opts,
                   const struct store_hooks *hooks, struct nodes **out) ERR_CHECKED;
void nodes_start(struct nodes *n);
void nodes_free(struct nodes *n); /* answers the commands in flight with ERR_UNAVAILABLE; NULL is fine */

/*
 * Begins a command for the node of a partition. The caller adds its words and calls nodes_send. NULL, with *err:
 * ERR_UNAVAILABLE (the node is down), ERR_BUSY (max_in_flight is reached), ERR_NOMEM.
 */
struct command *nodes_command(struct nodes *n, uint16_t partition, enum err *err);
/* The same for a command that is a mark (see node_set.h). */
struct command *nodes_mark(struct nodes *n, uint16_t partition, enum err *err);
/*
 * The same for a function of the library, which is a mark if it moves what was sent or ends a lease. The caller adds
 * its keys, calls command_keys_end, and adds its arguments.
 */
struct command *nodes_function(struct nodes *n, uint16_t partition, enum library_function f, enum err *err);

/* Sends a command, which nodes owns from then on. With an error the command is freed, and decode is not called. */
enum err nodes_send(struct nodes *n, struct command *command) ERR_CHECKED;

/* The same for a command whose caller waits for an answer already. If it cannot be sent, answers it ERR_UNAVAILABLE. */
void nodes_send_or_answer(struct nodes *n, struct command *command);

/* nodes_send, but only if it goes on the connection for which it was begun; otherwise ERR_UNAVAILABLE. */
enum err nodes_send_there(struct nodes *n, struct command *command) ERR_CHECKED;

/* True if a mark for the partition first is executed before one for second that is sent after it in the same turn. */
bool nodes_in_order(const struct nodes *n, uint16_t first, uint16_t second);

/* True if all partitions are on one server, so that one command may be about several of them. */
bool nodes_on_one_server(const struct nodes *n);

const struct node_set *nodes_set(const struct nodes *n);

#endif
