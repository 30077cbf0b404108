/*
 * window: submits in flight by sequence number, in the order written, and the retired sequence numbers of submits that
 * were given up. Owns its slots and allocates them all at once, so taking one never fails for memory. Holds no text and
 * no phone number.
 */
#ifndef SMPP_WIRE_WINDOW_H
#define SMPP_WIRE_WINDOW_H

#include "smpp.h"

#include <sys/queue.h>

#define SMPP_WINDOW_MAX 1000
#define SMPP_RETIRED_MAX 10000

struct smpp_slot {
	LIST_ENTRY(smpp_slot) chain;   /* slots with the same hash; a free slot is in the list of free ones */
	TAILQ_ENTRY(smpp_slot) by_age; /* in the order written */
	smpp_result_fn fn;
	void *arg;
	int64_t sent_us, deadline_ms;
	uint32_t sequence;
	uint32_t destination; /* a hash, for smpp_health */
	unsigned place;       /* submits in flight when it was written, including it */
	bool keep, overdue;   /* keep: stays until the session ends; overdue: its response_timeout has passed */
	bool silent;          /* the missing response was counted as a failure of the SMSC */
	struct ident id;
	struct smpp_late late;
};

/* What is known of a submit that was given up. */
struct smpp_retired {
	struct ident id;
	struct smpp_late late; /* fn NULL: late responses are only counted */
};

struct smpp_window;

struct smpp_window *smpp_window_new(void); /* NULL: no memory */
void smpp_window_free(struct smpp_window *w);

/* Prepares a new session: the sequence starts at 1 and retired numbers are forgotten. The window must be empty. */
void smpp_window_reset(struct smpp_window *w);

/* Returns the next sequence number of the session, 1..0x7FFFFFFF, and never one that is in flight. */
uint32_t smpp_window_sequence(struct smpp_window *w);

/* Takes a slot for a submit just written; NULL: full. The caller fills all fields except the links and sequence. */
struct smpp_slot *smpp_window_take(struct smpp_window *w, uint32_t sequence);
struct smpp_slot *smpp_window_find(const struct smpp_window *w, uint32_t sequence);
struct smpp_slot *smpp_window_oldest(const struct smpp_window *w);
struct smpp_slot *smpp_window_due(const struct smpp_window *w); /* the oldest submit that is not overdue; NULL: none */

/* ripe: a submit whose deadline_ms has passed; NULL: none. next_ms: the earliest deadline_ms; INT64_MAX: none. */
struct smpp_slot *smpp_window_ripe(const struct smpp_window *w, int64_t now_ms);
int64_t smpp_window_next_ms(const struct smpp_window *w);
void smpp_window_release(struct smpp_window *w, struct smpp_slot *s);
unsigned smpp_window_used(const struct smpp_window *w);

/* Remembers a submit that is about to be released. The last SMPP_RETIRED_MAX of the session are kept. */
void smpp_window_retire(struct smpp_window *w, const struct smpp_slot *s);
/* Returns true once for a retired sequence number, with its submit in *out. */
bool smpp_window_take_retired(struct smpp_window *w, uint32_t sequence, struct smpp_retired *out);

#endif
