/*
 * conn: one connection to one server, a Redis or a Sentinel. Private to store.
 */
#ifndef STORE_CONN_H
#define STORE_CONN_H

#include "address.h"
#include "base/resolve.h"
#include "op.h"

struct conn;

enum conn_kind { CONN_REDIS, CONN_SENTINEL };

/* Called from the loop, never from inside a call of the owner's; the owner may free the conn only in a later turn. */
struct conn_hooks {
	void *arg;
	/* Before each try to connect. False: there is no address yet; conn_try says when. NULL: the address stays. */
	bool (*on_try)(void *arg, struct conn *c);
	void (*on_up)(void *arg, struct conn *c);
	void (*on_down)(void *arg, struct conn *c); /* what was in flight has been answered */
	/* An error that names another node, or tells to wait. True: the op was taken over. NULL: none is. */
	bool (*on_moved)(void *arg, struct conn *c, struct op *op, const char *text);
	void (*on_durability)(void *arg, struct conn *c); /* another class than before; NULL for a Sentinel */
};

/* opts outlive it. NULL: no memory. */
struct conn *conn_new(struct loop *loop, struct resolver *resolver, const struct store_opts *opts, enum conn_kind kind,
                      const struct conn_hooks *hooks);
void conn_start(struct conn *c);
void conn_free(struct conn *c); /* what is in flight is answered with ERR_UNAVAILABLE; NULL is fine */

/* Where it connects to next time. */
void conn_set_address(struct conn *c, const struct address *address);
const struct address *conn_address(const struct conn *c);
void conn_try(struct conn *c); /* now, if it only waits for its next try */

/* A partition that this node serves: its journal is the key of the harmless write of the greeting. -1: none. */
void conn_set_probe(struct conn *c, int partition);

bool conn_up(const struct conn *c);
int64_t conn_offset_ms(const struct conn *c); /* Redis' unix time less CLOCK_MONOTONIC */
int64_t conn_retry_ms(const struct conn *c);
enum store_durability conn_durability(const struct conn *c);
const char *conn_warning(const struct conn *c);
const char *conn_refusing(const struct conn *c); /* "OOM" ...: it answers, and takes nothing that is written; "" */
const char *conn_reason(const struct conn *c);   /* why it is down; "" */
size_t conn_in_flight(const struct conn *c);
const char *conn_sha(const struct conn *c, enum script script);

/*
 * Sends an op; it is the connection's from here on. With an error it is still the caller's: ERR_UNAVAILABLE (not up, or
 * going down), ERR_NOMEM (it could not be built).
 */
enum err conn_send(struct conn *c, struct op *op) ERR_CHECKED;

/* Sends it now, or as soon as the connection is up; answers it ERR_UNAVAILABLE if it does not come up. */
void conn_send_later(struct conn *c, struct op *op);

/* Closes the connection at the end of this turn; what is in flight is answered, and it is opened again later. */
void conn_drop(struct conn *c, const char *reason);

#endif
