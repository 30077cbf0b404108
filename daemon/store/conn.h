/*
 * conn: one connection to one server, a Redis or a Sentinel. Private to store.
 */
#ifndef STORE_CONN_H
#define STORE_CONN_H

#include "address.h"
#include "base/resolve.h"
#include "command.h"

struct conn;

enum conn_kind { CONN_REDIS, CONN_MARKS, CONN_SENTINEL };

/* Called from the loop; on_try also from conn_start. No hook may free the conn: its owner frees it in a later turn. */
struct conn_hooks {
	void *arg;
	/* Called before each try to connect; may set the address. False: there is none yet. NULL: the address stays. */
	bool (*on_try)(void *arg, struct conn *c);
	void (*on_up)(void *arg, struct conn *c);
	void (*on_down)(void *arg, struct conn *c); /* the commands in flight have been answered */
	/* Called for every error reply to a command. True: the hook sends the command elsewhere or later. May be NULL.
	 */
	bool (*on_moved)(void *arg, struct conn *c, struct command *command, const char *text);
	void (*on_durability)(void *arg, struct conn *c); /* the class of durability changed; NULL for a Sentinel */
};

/* opts must outlive the conn. NULL: no memory. */
struct conn *conn_new(struct loop *loop, struct resolver *resolver, const struct store_opts *opts, enum conn_kind kind,
                      const struct conn_hooks *hooks);

/*
 * A second connection to the server of first, for the commands that must not wait behind those on first. It connects
 * when conn_start is called while first is up, connects again only while first is up, and calls no hook but on_moved.
 * It must be freed before first. NULL: no memory.
 */
struct conn *conn_new_beside(struct conn *first);

void conn_start(struct conn *c); /* connects, unless it does so already or is connected */
void conn_free(struct conn *c);  /* answers the commands in flight with ERR_UNAVAILABLE; NULL is fine */

/* Sets where it connects to next time. */
void conn_set_address(struct conn *c, const struct address *address);
const struct address *conn_address(const struct conn *c);
void conn_try(struct conn *c); /* tries to connect now, if it waits for its next try */

/* A partition of this node. A write to it that changes nothing shows if the node takes writes. -1: no such write. */
void conn_set_probe(struct conn *c, int partition);

bool conn_up(const struct conn *c);
int64_t conn_offset_ms(const struct conn *c); /* Redis' unix time minus CLOCK_MONOTONIC */
int64_t conn_retry_ms(const struct conn *c);
enum store_durability conn_durability(const struct conn *c);
const char *conn_warning(const struct conn *c);
const char *conn_refusing(const struct conn *c); /* why it refuses writes: "OOM" ...; "" if it does not */
const char *conn_lacks(const struct conn *c);    /* as store_lacks */
const char *conn_reason(const struct conn *c);   /* why it is down; "" while it is up */
size_t conn_in_flight(const struct conn *c);

/*
 * Sends a command, which the conn owns from then on. With an error the caller still owns it. ERR_UNAVAILABLE: the
 * connection is not up, or is closing. ERR_NOMEM: the command could not be built.
 */
enum err conn_send(struct conn *c, struct command *command) ERR_CHECKED;

/* Has what is sent in this turn written behind the deferred calls of the loop that are queued now. */
void conn_write_behind(struct conn *c);

/* Sends a command now, or when the connection comes up. If the try fails, answers it with ERR_UNAVAILABLE. */
void conn_send_later(struct conn *c, struct command *command);

/* Closes the connection at the end of this turn, answers the commands in flight, and connects again later. */
void conn_drop(struct conn *c, const char *reason);

#endif
