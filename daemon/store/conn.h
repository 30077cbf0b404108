/*
 * conn: the one connection to Redis: its life, the commands in flight, their timeouts. Private to store.
 */
#ifndef STORE_CONN_H
#define STORE_CONN_H

#include "script.h"
#include "store.h"

#define CONN_INLINE_CAP 1536

struct redisReply;
struct conn;
struct conn_op;

/* reply is NULL with ERR_UNAVAILABLE. ERR_CORRUPT may be returned for a reply of the wrong shape: the link is dropped.
 */
typedef enum err (*conn_decode_fn)(struct conn_op *op, enum err err, const struct redisReply *reply);

/* One command being built or in flight. decode calls the caller's fn exactly once. */
struct conn_op {
	struct conn_op *next;
	struct conn *conn;
	conn_decode_fn decode;
	void (*fn)(void); /* the caller's callback, cast back by decode */
	void *arg;
	struct store *store;
	struct ident id;
	int64_t lease_end_ms, sent_us;
	uint32_t tenant_tag;
	uint16_t partition;
	int script;       /* index of the script, or -1 */
	bool again;       /* sent a second time after NOSCRIPT */
	bool secret;      /* wiped when it is done with */
	enum err built;   /* ERR_NOMEM when a word did not fit */
	size_t len, cap;
	char *bytes;
	char inline_bytes[CONN_INLINE_CAP];
};

struct conn_hooks {
	void *arg;
	void (*on_up)(void *arg);
	void (*on_down)(void *arg);
};

struct conn *conn_new(struct loop *loop, const struct store_opts *opts,
                      const struct conn_hooks *hooks); /* NULL: no memory */
void conn_start(struct conn *c);
void conn_free(struct conn *c); /* what is in flight is answered with ERR_UNAVAILABLE */

bool conn_up(const struct conn *c);
int64_t conn_offset_ms(const struct conn *c); /* Redis' unix time less CLOCK_MONOTONIC */
int64_t conn_retry_ms(const struct conn *c);
enum store_durability conn_durability(const struct conn *c);
const char *conn_warning(const struct conn *c);
const char *conn_reason(const struct conn *c); /* why it is down; "" */
size_t conn_in_flight(const struct conn *c);

/*
 * Starts a command of argc words. NULL: Redis is away, or too much is in flight (*err says which). Add the words, then
 * conn_send. Values are copied.
 */
struct conn_op *conn_op(struct conn *c, unsigned argc, enum err *err);
void conn_word(struct conn_op *op, const void *data, size_t len);
void conn_text(struct conn_op *op, const char *text);
void conn_int(struct conn_op *op, int64_t v);
/* The same for a script: its keys and arguments follow as words. */
struct conn_op *conn_script_op(struct conn *c, enum script script, unsigned keys, unsigned args, enum err *err);

/* The op is the connection's from here on. Errors: the op is gone and decode is not called. */
enum err conn_send(struct conn_op *op) ERR_CHECKED;

const struct store_opts *conn_opts(const struct conn *c);

/* Closes the connection at the end of this turn; what is in flight is answered, and it is opened again later. */
void conn_drop(struct conn *c, const char *reason);

/* For the greeting: ops while the connection is not up yet, and the news of it. conn_send_any leaves the op to the
 * caller when it fails. */
struct conn_op *conn_greet_op(struct conn *c, unsigned argc);
enum err conn_send_any(struct conn_op *op) ERR_CHECKED;
void conn_greeted(struct conn *c);
void conn_loaded(struct conn *c, enum script script);

#endif
