/*
 * node_set: the servers that are known, and which of them serves each partition. Private to store.
 *
 * Each server has a connection of its own for marks: for what tells it that a message was accepted or failed, what
 * reads and writes receipt maps, and what renews or ends a lease. A server reads from its connections in turn, some 16
 * to 64 KiB of each, so a mark never waits behind all the SENDs of a burst; behind them it would come too late for a
 * process that is killed, and the message would go out again. While that connection is away, marks go on the first one.
 *
 * Commands for one verification on the two connections are executed in any order. Each pair of them is safe:
 * - create, resend or claim, then a mark of what it allowed to submit: the mark is sent after the answer to the other.
 * - receipt map, then mark: both are marks, in this order. In a cluster they go to two nodes at once; if the map is not
 *   written, both are repeated.
 * - mark, then a look for the receipt map, the mark of the receipt, the end of the map: all are marks, in this order,
 *   but where the connection for marks came back in between: then the mark of the receipt may come first, and it moves
 *   the record all the same.
 * - mark, and resend, verify, cancel or status: those are asked of any instance, so the functions allow either order. A
 *   mark names generation and deadline of its send, and moves a record only forward.
 * - mark or release, and claim by this instance: a claim takes only entries whose lease is over. One that comes before
 *   the mark takes the entry as that of another instance would, and the mark ends it for both.
 * - renew, and mark or release: all are marks. An entry that was removed is not renewed.
 */
#ifndef STORE_NODE_SET_H
#define STORE_NODE_SET_H

#include "base/json.h"
#include "conn.h"
#include "gauges.h"
#include "partitions.h"

#define NODES_MAX 254 /* below PARTITIONS_NONE */

struct node {
	struct conn *conn;
	struct conn *marks;   /* beside conn */
	bool serves;          /* it serves at least one partition */
	int64_t libraries_ms; /* when library_age looks at it next; monotonic */
};

struct node_set {
	struct loop *loop;
	struct resolver *resolver;
	const struct store_opts *opts;
	struct conn_hooks hooks; /* of each connection */
	struct node node[NODES_MAX];
	size_t count;
	struct partitions partitions;
	struct gauges gauges;
};

/* hooks are those of each connection. opts, and all that they point to, must outlive it. ERR_NOMEM. */
enum err node_set_init(struct node_set *n, struct loop *loop, struct resolver *resolver, const struct store_opts *opts,
                       const struct conn_hooks *hooks) ERR_CHECKED;

/* Frees the connections and answers their commands with ERR_UNAVAILABLE. Their callbacks find no node to send to. */
void node_set_close(struct node_set *n);
void node_set_clear(struct node_set *n); /* after node_set_close, and after the last callback */

/* Adds a server, not connected yet. address NULL: it is set later. PARTITIONS_NONE: the set is full, or no memory. */
size_t node_set_add(struct node_set *n, const struct address *address);
/* Finds a server, or adds it and connects to it. */
size_t node_set_find_or_add(struct node_set *n, const struct address *address);

/* The connection on which a command goes to a node. NULL: i is PARTITIONS_NONE. */
struct conn *node_set_conn(const struct node_set *n, uint8_t i, bool mark);

/* Must be called when the first connection of a node came up, and when it went down. */
void node_set_came(struct node_set *n, const struct conn *c);
void node_set_went(struct node_set *n, const struct conn *c);

/* Must be called after a change of partitions. Sets which nodes serve, and the partition with which each is probed. */
void node_set_mark_serving(struct node_set *n);

/*
 * Frees the nodes that serve no partition and have no command in flight. keep_up: keeps those that are up, because they
 * may know the other nodes. Must not be called from a callback of a node.
 */
void node_set_sweep(struct node_set *n, bool keep_up);

void node_set_show(struct node_set *n); /* sets the metrics */

/* These answer the questions of the same names in store.h. */
bool node_set_up(const struct node_set *n);
bool node_set_whole(const struct node_set *n);
int64_t node_set_offset_ms(const struct node_set *n); /* Redis' unix time minus CLOCK_MONOTONIC */
int64_t node_set_retry_ms(const struct node_set *n);
enum store_durability node_set_durability(const struct node_set *n);
const char *node_set_warning(const struct node_set *n);
const char *node_set_refusing(const struct node_set *n);
const char *node_set_lacks(const struct node_set *n);
const char *node_set_reason(const struct node_set *n);
void node_set_status(const struct node_set *n, struct json *j);

#endif
