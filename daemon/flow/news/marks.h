/*
 * marks: records in Redis what became of each submit. It keeps a mark until Redis has it. Only a mark that gives back
 * an overtaken send is sent once, and dropped if its answer is lost. Receipts from SMSCs are passed to receipts.c,
 * which decides when they are answered.
 */
#ifndef FLOW_NEWS_MARKS_H
#define FLOW_NEWS_MARKS_H

#include "news_uses.h"

struct marks;

struct marks *marks_new(const struct news_uses *u); /* NULL: no memory */
void marks_free(struct marks *t);

/* The SMSC accepted the SMS. last: no other SMS of the verification waits in this process, so the lease ends. */
void marks_accepted(struct marks *t, const struct ident *id, const struct smpp_result *result, bool last);
/*
 * The same for an SMS of a test number, which no SMSC got, and what its receipt said: delivered, or undeliverable with
 * this error.
 */
void marks_played(struct marks *t, const struct ident *id, bool last);
void marks_played_receipt(struct marks *t, const struct ident *id, const char *undeliverable);
/* Why no SMS will come of a send. */
struct marks_failure {
	enum lifecycle_reason reason;
	const char *error; /* as store_record.error; "": none */
	bool unsent;       /* certainly no SMS came of this send, so it is given back */
	/* Of the send: its deadline, and when it was granted; Redis time, unix ms. */
	int64_t send_deadline_ms, send_at_ms;
	bool send_known; /* the send was counted as one of a known device */
};
/* The message failed. Ends its lease. */
void marks_failed(struct marks *t, const struct ident *id, const struct marks_failure *failure);
/*
 * Gives back a send of which certainly no SMS came. Another send of the verification goes on or took its place. Of
 * failure only send_at_ms and send_known are used.
 */
void marks_overtaken(struct marks *t, const struct ident *id, const struct marks_failure *failure);
/* A submit was never answered. last: it is not tried again, so the lease ends. */
void marks_unanswered(struct marks *t, const struct ident *id, bool last);

/* Takes a receipt from an SMSC. It is answered with smpp_receipt_done, now or later. */
void marks_receipt(struct marks *t, const struct smpp_receipt *receipt);

/* Redis is back, so the marks that it did not confirm are sent again, in portions. */
void marks_resume(struct marks *t);

/* True while Redis has not confirmed a mark that ends the lease of this message. */
bool marks_owes(const struct marks *t, const struct ident *id);
size_t marks_pending(const struct marks *t); /* number of marks that Redis has not confirmed */

/*
 * False while so many marks are not confirmed that nothing more should be submitted: if this process is killed, what
 * Redis was not told goes out again. on_room is called when that ends.
 */
bool marks_room(const struct marks *t);
void marks_on_room(struct marks *t, void (*on_room)(void *arg), void *arg);

#endif
