/*
 * window: submits in flight by sequence number, in the order written, and the retired sequence numbers of those that
 * were given up. Owns its slots, all made with it: taking one never allocates. Holds no text and no number.
 */
#ifndef SMPP_WIRE_WINDOW_H
#define SMPP_WIRE_WINDOW_H

#include "smpp.h"

#include <sys/queue.h>

#define SMPP_WINDOW_MAX 1000
#define SMPP_RETIRED_MAX 10000

struct smpp_slot {
	LIST_ENTRY(smpp_slot) chain;   /* same hash; of a free one: those that are free */
	TAILQ_ENTRY(smpp_slot) by_age; /* in the order written */
	smpp_result_fn fn;
	void *arg;
	int64_t sent_us, deadline_ms;
	uint32_t sequence;
	uint32_t destination; /* a hash, for smpp_health */
	unsigned place;       /* submits in flight when it was written, itself among them */
	bool keep, overdue;   /* stays until the session ends; its time is over already, an answer may still come */
	bool silent;          /* that it has no answer was counted as a failure of its SMSC */
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

/* A new session: sequence starts at 1, retired numbers are forgotten. The window must be empty. */
void smpp_window_reset(struct smpp_window *w);

/* The next number of the session, 1..0x7FFFFFFF, none that is in flight. */
uint32_t smpp_window_sequence(struct smpp_window *w);

/* A slot for a submit just written; NULL: full. The caller fills what is after the links. */
struct smpp_slot *smpp_window_take(struct smpp_window *w, uint32_t sequence);
struct smpp_slot *smpp_window_find(const struct smpp_window *w, uint32_t sequence);
struct smpp_slot *smpp_window_oldest(const struct smpp_window *w);
struct smpp_slot *smpp_window_due(const struct smpp_window *w); /* the oldest whose time is not over yet */

/* One whose deadline_ms has come; NULL: none. And the next deadline_ms of all; INT64_MAX: none. */
struct smpp_slot *smpp_window_ripe(const struct smpp_window *w, int64_t now_ms);
int64_t smpp_window_next_ms(const struct smpp_window *w);
void smpp_window_release(struct smpp_window *w, struct smpp_slot *s);
unsigned smpp_window_used(const struct smpp_window *w);

/* Remembers a submit that is to be released: the SMPP_TOMBSTONE_MAX last ones of the session. */
void smpp_window_retire(struct smpp_window *w, const struct smpp_slot *s);
/* True once for a retired number; *out: what it was. */
bool smpp_window_take_retired(struct smpp_window *w, uint32_t sequence, struct smpp_retired *out);

#endif
