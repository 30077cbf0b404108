/*
 * receipt_wait: one receipt on its way to a verification, and what its two halves ask of each other: receipts
 * keeps it and answers the SMSC, receipt_match looks its message up and marks it. Private to the two.
 */
#ifndef FLOW_NEWS_RECEIPT_WAIT_H
#define FLOW_NEWS_RECEIPT_WAIT_H

#include "news_uses.h"

#include <sys/queue.h>

/* A number as an SMSC wrote it. */
struct written {
	struct msisdn number;       /* "": none by the plan */
	char tail[MSISDN_TAIL_CAP]; /* "": no number at all */
};

/* smpp_reading, copied. */
struct reading {
	LIST_ENTRY(reading) of_bucket; /* same hash of SMSC and id */
	struct waiting *owner;
	const char *id;
	enum smpp_receipt_state state;
	enum smpp_msgid_mode mode;
	bool teaches;
	bool hint; /* by another mode than smsc.msgid_mode; in no bucket */
};

struct receipts;
struct waiting;

/* How a look-up ends: nothing was found, Redis did not take it, or the receipt is through. */
struct receipt_ended {
	void (*missed)(struct waiting *w);
	void (*refused)(struct waiting *w);
	void (*through)(struct waiting *w, enum smpp_fate fate);
};

struct waiting {
	TAILQ_ENTRY(waiting) of_smsc; /* oldest first */
	struct receipts *stash;
	const struct receipt_ended *ended;
	const struct news_uses *u;
	char smsc[TEXT_NAME_CAP], error[STORE_ERROR_CAP];
	const char *ids[SMPP_RECEIPT_IDS]; /* as the SMSC wrote them */
	struct reading readings[SMPP_READINGS_MAX];
	size_t reading_count, at; /* at: which is looked for, or was found */
	struct smpp_hints *hints; /* one for each of ids, while readings that are hints are looked for too; else NULL */
	struct written from, to;  /* as the receipt says; some SMSCs swap the two */
	struct ident found;       /* what has this id, while its number is looked up */
	bool other;               /* it was of another number */
	bool refused;             /* Redis did not take it the last time */
	bool hinted;              /* hints were looked for, to the end */
	unsigned smsc_index;
	uint64_t token;
	bool answered, busy; /* busy: a look-up or mark is under way */
	unsigned looks;      /* that found nothing */
	int64_t came_ms, again_ms;
	uint64_t woken; /* the last of the stash's wakes that was for it */
	size_t size;    /* of all of it, with the ids behind it */
};

/* Looks it up by its readings; then calls one of w->ended, once. */
void receipt_match(struct waiting *w);

#endif
