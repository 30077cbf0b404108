/*
 * command: reads the replies to the store's operations and calls their callbacks. Private to store.
 */
#ifndef STORE_COMMAND_H
#define STORE_COMMAND_H

#include "op.h"

#define COMMAND_RECORDS_MAX 32 /* of one claim */

/* What a reply says. Each command uses its own member. */
struct command_answer {
	union {
		struct store_issue_rep issue;
		struct store_resend_rep resend;
		struct store_verify_rep verify;
		struct store_query_rep query;
		struct store_cancel_rep cancel;
		struct store_claim_rep claim;
		enum store_marked marked;
		struct {
			bool found;
			struct ident id;
		} receipt;
	};
	struct store_record *records; /* room for COMMAND_RECORDS_MAX records, which read fills */
};

struct command {
	/*
	 * Reads a reply into a zeroed answer. ERR_CORRUPT: the reply has the wrong shape, and its connection is closed.
	 * ERR_INVALID: a stored value cannot be read; the caller gets ERR_UNAVAILABLE, and the connection stays.
	 */
	enum err (*read)(const struct op *op, const struct redisReply *reply, struct command_answer *a);
	/* Calls op->fn. If err is set, a is zeroed. */
	void (*tell)(const struct op *op, enum err err, const struct command_answer *a);
};

/* Sets how the op is answered. fn is the caller's callback; tell casts it back to its type. */
void command_answered_by(struct op *op, const struct command *command, void (*fn)(void), void *arg);

/* For an op without a callback whose reply is a number. */
void command_counted(struct op *op);

#endif
