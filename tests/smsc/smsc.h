/*
 * smsc: the simulator's parts: connections, submits, what is due later, the account.
 */
#ifndef SMSC_SMSC_H
#define SMSC_SMSC_H

#include "account.h"
#include "options.h"
#include "pdu.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct conn {
	struct conn *next, *previous;
	int fd;
	uint64_t serial;                     /* of the connection: a response goes only to its own */
	uint8_t *in;
	size_t in_len, in_cap;
	struct out out;
	size_t out_at;
	uint32_t sequence_in, sequence_out;
	uint64_t unanswered, answered,
	    awaited; /* submits taken; answered since the last flush; receipts without response */
	bool bound, receives, closing, writable_wanted;
	struct later *sent; /* receipts without a response, with --receipt-again */
	size_t sent_len, sent_cap;
};

/* A response or a receipt that is due. */
struct later {
	bool is_receipt, twice;
	uint64_t serial, due_ms, message_id;
	uint32_t command, status, sequence;
	const char *state; /* of a receipt: "DELIVRD" ... ; static */
	char destination[21], source[21];
};

struct smsc {
	struct options options;
	struct account account;
	struct conn *conns;
	int listener, epoll, signals;
	FILE *phone;
	uint64_t serial, message_id, now_ms, tokens_at_ms;
	double tokens;
	bool stop, dropped;
};

void conn_accept(struct smsc *smsc);
void conn_read(struct smsc *smsc, struct conn *conn);
void conn_flush(struct smsc *smsc, struct conn *conn);
bool conn_sweep(struct smsc *smsc); /* frees those that close; true: receipts of theirs are due again */
void conn_blame(struct smsc *smsc, enum fault fault);
struct conn *conn_find(struct smsc *smsc, uint64_t serial);
struct conn *conn_receiver(struct smsc *smsc, uint64_t serial); /* that one, else any that receives */

void submit_take(struct smsc *smsc, struct conn *conn, const struct pdu *pdu);

void later_add(struct smsc *smsc, const struct later *later);
int later_run(struct smsc *smsc); /* sends what is due; ms until the next, -1: none */

/* The peer answered a receipt; or it ends, and what it did not answer is due again: true if there is any. */
void later_answered(struct smsc *smsc, struct conn *conn, uint32_t sequence, bool good);
bool later_orphans(struct smsc *smsc, struct conn *conn);

#endif
