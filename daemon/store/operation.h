/*
 * operation: reads the replies to the store's operations and calls their callbacks. Private to store.
 */
#ifndef STORE_OPERATION_H
#define STORE_OPERATION_H

#include "command.h"

#define OPERATION_RECORDS_MAX 32 /* of one claim */

/* What a reply says. Each command uses its own member. */
struct operation_answer {
	union {
		struct store_issue_rep issue;
		struct store_resend_rep resend;
		struct store_verify_rep verify;
		struct store_query_rep query;
		struct store_cancel_rep cancel;
		struct store_reserve_rep reserve;
		struct store_redirect_rep redirect;
		bool freed;
		struct {
			const uint8_t *value;
			size_t len;
		} note;
		struct store_claim_rep claim;
		enum store_marked marked;
		struct store_reverse_rep reverse;
		enum store_confirmed confirmed;
		bool granted;
		struct {
			bool found;
			struct ident id;
		} receipt;
	};
	struct store_record *records; /* room for OPERATION_RECORDS_MAX records, which read fills */
};

struct operation {
	/*
	 * Reads a reply into a zeroed answer. ERR_CORRUPT: the reply has the wrong shape, and its connection is closed.
	 * ERR_INVALID: a stored value cannot be read; the caller gets ERR_UNAVAILABLE, and the connection stays.
	 */
	enum err (*read)(const struct command *command, const struct redisReply *reply, struct operation_answer *a);
	/* Calls command->fn. If err is set, a is zeroed. */
	void (*tell)(const struct command *command, enum err err, const struct operation_answer *a);
};

/* Sets how the command is answered. fn is the caller's callback; tell casts it back to its type. */
void operation_answered_by(struct command *command, const struct operation *operation, void (*fn)(void), void *arg);

/* For a command without a callback whose reply is a number. */
void operation_counted(struct command *command);

#endif
