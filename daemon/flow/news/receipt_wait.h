/*
 * receipt_wait: one receipt that is being processed, and the calls between the two files that process it. receipts owns
 * it and answers the SMSC. receipt_match looks up its message and marks it. No other file may include this header.
 */
#ifndef FLOW_NEWS_RECEIPT_WAIT_H
#define FLOW_NEWS_RECEIPT_WAIT_H

#include "news_uses.h"

#include <sys/queue.h>

/* A number as an SMSC wrote it. */
struct written {
	struct msisdn number;       /* "": by the numbering plan it is no number */
	char tail[MSISDN_TAIL_CAP]; /* its last digits; "": there is no number */
};

/* A copy of a struct smpp_reading. */
struct reading {
	LIST_ENTRY(reading) of_bucket; /* readings with the same hash of SMSC and id */
	struct waiting *owner;
	const char *id;
	enum smpp_receipt_state state;
	enum smpp_msgid_mode mode;
	bool teaches;
	bool hint; /* read by another mode than smsc.msgid_mode; in no bucket */
};

struct receipts;
struct waiting;

/*
 * How a look-up ends: missed (no message was found), refused (Redis did not take a command or did not answer it), or
 * through (the receipt is done). Each may free w.
 */
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
	size_t reading_count, at; /* at: index of the reading that is looked up or was found */
	struct smpp_hints *hints; /* one element per id while readings that are hints are looked up; else NULL */
	struct written from, to;  /* as in the receipt; some SMSCs swap the two */
	struct ident found;       /* the verification that was found by the id */
	bool other;               /* a message was found, but its number is another */
	bool refused;             /* Redis did not take or did not answer the last look-up or mark */
	bool hinted;              /* hints were looked up, and are not looked up again */
	unsigned smsc_index;
	uint16_t smsc_tag;
	uint64_t token;
	bool answered, busy;       /* answered: to the SMSC. busy: a look-up or mark is under way */
	unsigned looks;            /* look-ups so far */
	int64_t came_ms, again_ms; /* monotonic: when it came, and when it is looked up again */
	uint64_t woken;            /* value of the stash's wakes when it was last looked up for one */
	size_t size;               /* octets of this allocation, including the ids behind the struct */
};

/* Looks up the message by its readings, then calls one of w->ended once, now or later. */
void receipt_match(struct waiting *w);

#endif
