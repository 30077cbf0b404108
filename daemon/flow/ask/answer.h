/*
 * answer: the replies and errors of otpgwd-protocol(7) that several commands share. What only one command says is in
 * its own file: INCORRECT in verify, what refuses a SEND in terms, send and entry.
 */
#ifndef FLOW_ASK_ANSWER_H
#define FLOW_ASK_ANSWER_H

#include "ask_uses.h"

/* The line about this request in the log names the verification. */
void answer_tag(struct api_call *call, const struct ident *id);
void answer_id(struct api_call *call, const struct ident *id);
void answer_badarg(struct api_call *call, const char *arg, const char *text);
void answer_reason(struct api_call *call, const char *code, const char *reason, const char *text);

/* A wait in whole seconds, rounded up; 0 for none. */
int64_t answer_seconds(int64_t wait_ms);

/* The text of a refusal for the limit of a number's SMS. */
#define ANSWER_NUMBER_SENDS "the send limit of this number is reached"

/* code with retry_after= in seconds, rounded up; scope and id may be NULL. */
struct answer_limit {
	const char *code, *scope, *text;
	const struct ident *id;
	int64_t retry_ms;
};
void answer_limited(struct api_call *call, const struct answer_limit *limit);

/* False, and answered UNAVAILABLE, while Redis promises less than the configuration requires. */
bool answer_promised(const struct ask_uses *u, struct api_call *call);
/* Redis is away, or its answer is unknown. */
void answer_unavailable(const struct ask_uses *u, struct api_call *call);
/* What is stored of the number, the purpose and the subject cannot be read, and no code takes its place. */
void answer_unreadable(struct api_call *call);
/* Something that must not happen: logged under a reference that the client is told. */
void answer_internal(struct api_call *call, const char *what);
void answer_conflict(struct api_call *call, const struct ident *id);

/* Why an id cannot be used; gone is not STORE_LIVE. ms: of EXHAUSTED until a new code may be asked for, of USED since.
 */
void answer_gone(struct api_call *call, enum store_gone gone, int64_t ms);

/*
 * Reads argument 0 as an id and checks that its key is loaded. False: answered.
 */
bool answer_read_id(const struct ask_uses *u, struct api_call *call, struct ident *id);

#endif
