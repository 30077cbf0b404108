/*
 * answer: the replies and errors of otpgwd-protocol(7) that several commands share. A reply of one command only is in
 * the file of that command: INCORRECT in verify, and the refusals of a SEND in terms, send and entry. Each answer_*
 * function answers the call, except where its comment says otherwise.
 */
#ifndef FLOW_ASK_ANSWER_H
#define FLOW_ASK_ANSWER_H

#include "ask_uses.h"

/* Puts the short form of id into the log line about this request. Does not answer the call. */
void answer_tag(struct api_call *call, const struct ident *id);
/* Answers with the id as text. */
void answer_id(struct api_call *call, const struct ident *id);
/* BADARG with arg= naming the argument; text says which values are allowed. */
void answer_badarg(struct api_call *call, const char *arg, const char *text);
/* The error `code` with reason=. */
void answer_reason(struct api_call *call, const char *code, const char *reason, const char *text);

/* A wait in whole seconds, rounded up; 0 if wait_ms is not above 0. */
int64_t answer_seconds(int64_t wait_ms);

/* The text of a refusal because too many SMS were sent to the number. */
#define ANSWER_NUMBER_SENDS "the send limit of this number is reached"
/* The text of a refusal because a verification had all its sends. */
#define ANSWER_NONE_LEFT "this verification has no sends left"

/* The error `code` with retry_after= in seconds, rounded up from retry_ms. scope= and id= are left out if NULL. */
struct answer_limit {
	const char *code, *scope, *text;
	const struct ident *id;
	int64_t retry_ms;
};
void answer_limited(struct api_call *call, const struct answer_limit *limit);

/*
 * True if Redis has at least the durability that redis.require asks for. False: the call has been answered with
 * UNAVAILABLE.
 */
bool answer_promised(const struct ask_uses *u, struct api_call *call);
/* UNAVAILABLE: Redis is away, or it is not known whether it executed the command. */
void answer_unavailable(const struct ask_uses *u, struct api_call *call);
/* UNAVAILABLE: the stored record of this number, purpose and subject cannot be read, and no new code replaces it. */
void answer_unreadable(struct api_call *call);
/*
 * INTERNAL: something happened that must not. It is logged under a reference, which the client gets as ref=. what:
 * static, one word for the log.
 */
void answer_internal(struct api_call *call, const char *what);
/*
 * What a limit that forbids a new verification is answered with: issue gave LIMITED. live: NULL, or the id of the live
 * verification whose place the new one would have taken.
 */
struct answer_limit answer_issue_limit(const struct store_issue_rep *rep, const struct ident *live);
/* CONFLICT: the REQID was used with other arguments, for the verification id. */
void answer_conflict(struct api_call *call, const struct ident *id);

/* CONFLICT: a corrected number has the reserve of the verification, for at most retry_ms. */
void answer_reserved(struct api_call *call, int64_t retry_ms);

/* DENIED: the id is of an OTP.REVERSE, which has neither a code nor an SMS of ours. */
void answer_reverse(struct api_call *call);

/*
 * Tells why an id cannot be used; gone is neither STORE_LIVE nor STORE_REDIRECTED. ms: with EXHAUSTED, the time until a
 * new code may be requested; with USED, the time since the code was verified; otherwise it is not used.
 */
void answer_gone(struct api_call *call, enum store_gone gone, int64_t ms);

/*
 * Reads argument 0 of the call as an id, and checks that the key of that id is loaded. False: the call has been
 * answered.
 */
bool answer_read_id(const struct ask_uses *u, struct api_call *call, struct ident *id);

#endif
