/*
 * command: one command to Redis, from the time it is built until it is answered. Commands come from a pool and go back
 * to it. Secret octets are wiped first. Private to store.
 */
#ifndef STORE_COMMAND_H
#define STORE_COMMAND_H

#include "library.h"
#include "reply.h"
#include "store.h"

#include <sys/queue.h>

#define COMMAND_INLINE_CAP 1536
#define COMMAND_KEYS_MAX 99
#define COMMAND_HEAD_CAP 16 /* octets of "*<words>\r\n", at most */

struct redisReply;
struct operation;
struct conn;
struct flight;
struct command;

/*
 * Reads the reply and calls the caller's fn exactly once. reply is NULL if err is set. Returns ERR_CORRUPT if the reply
 * has the wrong shape; its connection is then closed.
 */
typedef enum err (*command_decode_fn)(struct command *command, enum err err, const struct redisReply *reply);

/* Which bounds of reply_bounds.h hold for the reply. */
enum command_reply { COMMAND_REPLY_USUAL, COMMAND_REPLY_MAP, COMMAND_REPLY_LIBRARIES };

struct command_pool {
	const struct store_opts *opts;
	SLIST_HEAD(, command) spare;
};

struct command {
	union {
		STAILQ_ENTRY(command) in_list;
		SLIST_ENTRY(command) in_pool;
	};
	struct command_pool *pool;
	struct conn *conn; /* for which it was begun, then the one on which it was sent last */
	struct flight *flight;
	command_decode_fn decode;
	const struct operation *operation; /* set by operation_answered_by; NULL: it has a decode of its own */
	void (*fn)(void);                  /* the caller's callback, cast back by decode */
	void *arg;
	struct store *store;
	struct ident id;
	struct ident named;              /* whose tuple was written last */
	char tuple[IDENT_TUPLE_LEN + 1]; /* text of that tuple; "": none was written yet */
	int64_t lease_end_ms;
	int64_t born_us, sent_us; /* when it was built; when it was sent to its present node */
	uint32_t tenant_tag;
	uint16_t partition;      /* the node of this partition gets it */
	uint16_t ask;            /* enum ask of a command of hello; number of replicas of a WAIT */
	int function;            /* enum library_function; -1: none */
	struct redisReply *held; /* copy of the reply, kept until the replicas have acknowledged */
	uint8_t hops;            /* how many nodes redirected it */
	bool again;              /* it was sent a second time, because the server did not have the function */
	bool asking;             /* an ASK redirected it, so ASKING must be sent before it */
	bool durable;            /* with ack_replica it is answered only after replicas have acknowledged it */
	bool mark;               /* it goes on the connection for marks, if that is up */
	bool takes_errors;       /* its decode reads error replies too; no other code counts or follows them */
	bool secret;             /* its octets are wiped when they are not needed any more */
	enum command_reply reply_size;
	enum err built; /* ERR_NOMEM: there was no memory for a word */
	unsigned words, words_before_keys;
	size_t keys_at;  /* offset of the digit that is the number of keys */
	size_t len, cap; /* octets in bytes; the words begin at COMMAND_HEAD_CAP, and the head ends there */
	char *bytes;
	char inline_bytes[COMMAND_INLINE_CAP];
};

/* Begins a command, to which the caller adds words, which are copied. NULL: no memory. */
struct command *command_new(struct command_pool *pool);
void command_word(struct command *command, const void *data, size_t len);
void command_text(struct command *command, const char *text);
void command_int(struct command *command, int64_t v);

/* Begins a call of a function. The words between these two calls are its keys, COMMAND_KEYS_MAX at most. */
void command_function(struct command *command, enum library_function f);
void command_keys_end(struct command *command);

/* Returns the octets to write: the number of words, then the words. */
const char *command_wire(struct command *command, size_t *len);

/* Answers a command with an error or a reply, and frees it. Returns what decode returned. */
enum err command_done(struct command *command, enum err err, const struct redisReply *reply);
void command_give_up(struct command *command); /* answers it with ERR_UNAVAILABLE and frees it */
void command_free(struct command *command);    /* frees it without calling decode */

/* A queue of commands, oldest first. */
struct command_list {
	STAILQ_HEAD(, command) commands;
	size_t count;
};
void command_list_init(struct command_list *l);
void command_list_push(struct command_list *l, struct command *command);
struct command *command_list_pop(struct command_list *l); /* NULL: empty */

void command_pool_clear(struct command_pool *pool);

#endif
