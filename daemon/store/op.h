/*
 * op: one command to Redis, from the time it is built until it is answered. Ops come from a pool and go back to it.
 * Secret octets are wiped first. Private to store.
 */
#ifndef STORE_OP_H
#define STORE_OP_H

#include "script.h"
#include "store.h"

#include <sys/queue.h>

#define OP_INLINE_CAP 1536
#define OP_HEAD_CAP 16 /* octets of "*<words>\r\n", at most */

struct redisReply;
struct command;
struct conn;
struct flight;
struct op;

/*
 * Reads the reply and calls the caller's fn exactly once. reply is NULL if err is set. Returns ERR_CORRUPT if the reply
 * has the wrong shape; its connection is then closed.
 */
typedef enum err (*op_decode_fn)(struct op *op, enum err err, const struct redisReply *reply);

struct op_pool {
	const struct store_opts *opts;
	SLIST_HEAD(, op) spare;
};

struct op {
	union {
		STAILQ_ENTRY(op) in_list;
		SLIST_ENTRY(op) in_pool;
	};
	struct op_pool *pool;
	struct conn *conn; /* the connection on which it was sent last */
	struct flight *flight;
	op_decode_fn decode;
	const struct command *command; /* set by command_answered_by; NULL: it has a decode of its own */
	void (*fn)(void);              /* the caller's callback, cast back by decode */
	void *arg;
	struct store *store;
	struct ident id;
	int64_t lease_end_ms;
	int64_t born_us, sent_us; /* when it was built; when it was sent to its present node */
	uint32_t tenant_tag;
	uint16_t partition;      /* the node of this partition gets it */
	uint16_t ask;            /* enum ask of an op of hello; number of replicas of a WAIT */
	int script;              /* enum script; -1: none */
	struct op *then;         /* an op that decode sends after a good reply to this one */
	struct redisReply *held; /* copy of the reply, kept until the replicas have acknowledged */
	uint8_t hops;            /* how many nodes redirected it */
	bool again;              /* it was sent a second time after NOSCRIPT */
	bool asking;             /* an ASK redirected it, so ASKING must be sent before it */
	bool durable;            /* with ack_replica it is answered only after replicas have acknowledged it */
	bool asks_map;           /* it is CLUSTER SLOTS, whose reply may be larger than any other */
	bool secret;             /* its octets are wiped when they are not needed any more */
	enum err built;          /* ERR_NOMEM: there was no memory for a word */
	unsigned words, words_before_keys;
	size_t keys_at;  /* offset of the digit that is the number of keys */
	size_t len, cap; /* octets in bytes; the words begin at OP_HEAD_CAP, and the head ends there */
	char *bytes;
	char inline_bytes[OP_INLINE_CAP];
};

/* Begins a command, to which the caller adds words, which are copied. NULL: no memory. */
struct op *op_new(struct op_pool *pool);
void op_word(struct op *op, const void *data, size_t len);
void op_text(struct op *op, const char *text);
void op_int(struct op *op, int64_t v);

/* The words between these two calls are the keys of a script, nine at most. */
void op_keys_begin(struct op *op);
void op_keys_end(struct op *op);

/* Returns the octets to write: the number of words, then the words. */
const char *op_wire(struct op *op, size_t *len);

/* Answers an op with an error or a reply, and frees it. Returns what decode returned. */
enum err op_done(struct op *op, enum err err, const struct redisReply *reply);
void op_give_up(struct op *op); /* answers it with ERR_UNAVAILABLE and frees it */
void op_free(struct op *op);    /* frees it without calling decode */

/* A queue of ops, oldest first. */
struct op_list {
	STAILQ_HEAD(, op) ops;
	size_t count;
};
void op_list_init(struct op_list *l);
void op_list_push(struct op_list *l, struct op *op);
struct op *op_list_pop(struct op_list *l); /* NULL: empty */

void op_pool_clear(struct op_pool *pool);

#endif
