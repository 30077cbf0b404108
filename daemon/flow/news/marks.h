/*
 * marks: what became of submits, and receipts, into the store. Keeps a mark until Redis has it; only a mark that gives
 * back an overtaken send is sent once, and dropped if its answer is lost. When a receipt is answered is
 * decided in receipts.c.
 */
#ifndef FLOW_NEWS_MARKS_H
#define FLOW_NEWS_MARKS_H

#include "news_uses.h"

struct marks;

struct marks *marks_new(const struct news_uses *u); /* NULL: no memory */
void marks_free(struct marks *t);

/* last: no further SMS of the verification waits here; the journal entry ends. */
void marks_accepted(struct marks *t, const struct ident *id, const struct smpp_result *result, bool last);
/* Why no SMS will come. */
struct marks_failure {
	enum lifecycle_reason reason;
	const char *error;                    /* "" or what the SMSC said */
	bool unsent;                          /* certainly none came of this send, and it is given back */
	int64_t send_deadline_ms, send_at_ms; /* of the send: its deadline, when it was granted; Redis time */
	bool send_known;                      /* it was counted as one of a known device */
};
/* Ends the journal entry. */
void marks_failed(struct marks *t, const struct ident *id, const struct marks_failure *failure);
/* Certainly no SMS came of this send; another of the same verification took its place or goes on. */
void marks_overtaken(struct marks *t, const struct ident *id, const struct marks_failure *failure);
/* A submit was never answered; last: nothing more is tried, the journal entry ends. */
void marks_doubtful(struct marks *t, const struct ident *id, bool last);

void marks_receipt(struct marks *t, const struct smpp_receipt *receipt);

/* Redis is back: the marks it missed are sent again. */
void marks_resume(struct marks *t);

/* True while a mark that ends this instance's business with the message is not yet known to be in Redis. */
bool marks_owes(const struct marks *t, const struct ident *id);
size_t marks_pending(const struct marks *t); /* marks not yet known to be in Redis */

#endif
