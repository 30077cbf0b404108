/*
 * command: how what others asked of Redis is answered: one decoder for all of them, with one ending. Private to store.
 */
#ifndef STORE_COMMAND_H
#define STORE_COMMAND_H

#include "op.h"

#define COMMAND_RECORDS_MAX 32 /* of one claim */

/* What a reply says; each command uses its own member. */
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
	struct store_record *records; /* room for COMMAND_RECORDS_MAX, to be filled by read */
};

struct command {
	/*
	 * Reads a reply into a zeroed answer. ERR_CORRUPT: it has not the shape of one, and its connection is given up.
	 * ERR_INVALID: what is stored cannot be read; the caller gets ERR_UNAVAILABLE, the connection stays.
	 */
	enum err (*read)(const struct op *op, const struct redisReply *reply, struct command_answer *a);
	/* Calls op->fn. a is zeroed with an error. */
	void (*tell)(const struct op *op, enum err err, const struct command_answer *a);
};

/* Whom the op's answer is told: fn is what tell casts it back to. */
void command_answered_by(struct op *op, const struct command *command, void (*fn)(void), void *arg);

/* Nobody is told the op's answer, which is a number. */
void command_counted(struct op *op);

#endif
