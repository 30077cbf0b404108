/*
 * op: one command to Redis while it is built, in flight, and answered. Private to store. Ops come from a pool and go
 * back to it; what is secret is wiped first.
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
 * Reads the reply and calls the caller's fn exactly once. reply is NULL with ERR_UNAVAILABLE. ERR_CORRUPT: the reply
 * had the wrong shape, and its connection is given up.
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
	struct conn *conn; /* that it was sent on last */
	struct flight *flight;
	op_decode_fn decode;
	const struct command *command; /* of the door; NULL: decode is another's */
	void (*fn)(void);              /* the caller's callback, cast back by decode */
	void *arg;
	struct store *store;
	struct ident id;
	int64_t lease_end_ms;
	int64_t born_us, sent_us; /* built; written to the node that has it now */
	uint32_t tenant_tag;
	uint16_t partition;      /* whose node gets it */
	uint16_t ask;            /* what a greeting's op asked; how many replicas a WAIT wants */
	int script;              /* index of the script, or -1 */
	struct op *then;         /* another op that waits for this one's good answer; decode's own affair */
	struct redisReply *held; /* the answer, kept until replicas have it too */
	uint8_t hops;            /* nodes that sent it elsewhere */
	bool again;              /* sent a second time after NOSCRIPT */
	bool asking;             /* the node must be told that it was sent there */
	bool durable;            /* answered when as many replicas have it as the configuration wants */
	bool asks_map;           /* CLUSTER SLOTS: its answer may be larger than any other */
	bool secret;             /* wiped when it is done with */
	enum err built;          /* ERR_NOMEM when a word did not fit */
	unsigned words, words_before_keys;
	size_t keys_at;  /* where the number of its keys stands */
	size_t len, cap; /* of bytes; the words begin behind OP_HEAD_CAP, and the head ends there */
	char *bytes;
	char inline_bytes[OP_INLINE_CAP];
};

/* A command: add its words, then send it. Values are copied. NULL: no memory. */
struct op *op_new(struct op_pool *pool);
void op_word(struct op *op, const void *data, size_t len);
void op_text(struct op *op, const char *text);
void op_int(struct op *op, int64_t v);

/* For a script, whose keys are counted: the words between the two are its keys, nine at most. */
void op_keys_begin(struct op *op);
void op_keys_end(struct op *op);

/* What is to be written: its words behind their number. */
const char *op_wire(struct op *op, size_t *len);

/* Answers it, err or reply, and takes it back. ERR_CORRUPT as decode's. */
enum err op_done(struct op *op, enum err err, const struct redisReply *reply);
void op_free(struct op *op); /* without an answer: its caller knows already */

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
