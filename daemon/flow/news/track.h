/*
 * track: what became of submits, and receipts, into the store. Keeps a mark until Redis has it; only a mark that gives
 * back an overtaken send is sent once, and dropped if its answer is lost. receipt_stash says when a receipt is
 * answered.
 */
#ifndef FLOW_NEWS_TRACK_H
#define FLOW_NEWS_TRACK_H

#include "news_uses.h"

struct track;

struct track *track_new(const struct news_uses *u); /* NULL: no memory */
void track_free(struct track *t);

/* last: no further SMS of the verification waits here; the journal entry ends. */
void track_accepted(struct track *t, const struct ident *id, const struct smpp_result *result, bool last);
/* Why no SMS will come. */
struct track_failure {
	enum lifecycle_reason reason;
	const char *error;                    /* "" or what the SMSC said */
	bool unsent;                          /* certainly none came of this send, and it is given back */
	int64_t send_deadline_ms, send_at_ms; /* of the send: its deadline, when it was granted; Redis time */
	bool send_known;                      /* it was counted as one of a known device */
};
/* Ends the journal entry. */
void track_failed(struct track *t, const struct ident *id, const struct track_failure *failure);
/* Certainly no SMS came of this send; another of the same verification took its place or goes on. */
void track_overtaken(struct track *t, const struct ident *id, const struct track_failure *failure);
/* A submit was never answered; last: nothing more is tried, the journal entry ends. */
void track_doubtful(struct track *t, const struct ident *id, bool last);

void track_receipt(struct track *t, const struct smpp_receipt *receipt);

/* Redis is back: the marks it missed are sent again. */
void track_resume(struct track *t);

/* True while a mark that ends this instance's business with the message is not yet known to be in Redis. */
bool track_owes(const struct track *t, const struct ident *id);
size_t track_pending(const struct track *t); /* marks not yet known to be in Redis */

#endif
