/*
 * smsc: the simulator's parts: connections, submits, what is due later, the account.
 */
#ifndef SMSC_SMSC_H
#define SMSC_SMSC_H

#include "account.h"
#include "asked.h"
#include "faults.h"
#include "options.h"
#include "pdu.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct later;

/* The receipts of one connection. All zero is empty. */
struct held {
	struct later *items;
	size_t first, len, cap;
	uint64_t unanswered;
};

struct conn {
	struct conn *next, *previous;
	int fd;
	struct tls *tls;      /* NULL: none */
	uint64_t serial;      /* of the connection: a response goes only to its own */
	struct link_row *row; /* of the account */
	uint8_t *in;
	size_t in_len, in_cap;
	struct out out;
	size_t out_at;
	uint32_t sequence_in, sequence_out, bind_command;
	uint64_t unanswered, answered; /* submits taken; answered since the last flush */
	uint64_t enquire_at_ms;
	bool bound, receives, sends, closing, writable_wanted;
	bool early;     /* takes receipts ahead of the answer to its bind */
	bool silent;    /* reads, and answers nothing */
	bool stalled;   /* neither reads nor writes, and stays open */
	bool unbinding; /* closes at the peer's unbind_resp */
	struct asked asked;
	struct held held; /* receipts that wait for the window, with --receipt-window */
};

/* What is to be told of one message. */
struct receipt {
	uint32_t bits, state, form, dialect, id_style, to, unknowns, state_octets;
	uint64_t origin, newest; /* the submit's connection; the newest one then */
	char destination[21], source[21];
};

enum later_kind { LATER_RESPONSE, LATER_BIND, LATER_FORGET, LATER_ENQUIRE, LATER_RECEIPT };

/* A response or a receipt that is due; or the time after which nobody waits for a response. */
struct later {
	enum later_kind kind;
	bool uncounted; /* an answer to nothing */
	uint32_t command, status, sequence, body, id_style, congestion;
	uint64_t serial, due_us, order, message_id;
	struct receipt receipt;
};

/* The socket on which tests have phones send. */
struct phones {
	int listener, fd;    /* -1: none */
	uint64_t call, sent; /* connections so far; messages of the present one */
	char line[65536];
	size_t len;
};

struct smsc {
	struct options options;
	struct account account;
	struct conn *conns;
	struct tls_server *tls;
	int listener, epoll, signals;
	unsigned port;
	FILE *phone;
	struct phones phones;
	uint64_t free_us; /* when what came so far is served, with --serial-ms */
	uint64_t serial, message_id, began_ms, now_ms, now_us, tokens_at_ms, throttled_at_ms, refused_at_ms, random;
	uint64_t ghosts[64]; /* until when a lost bind still counts; 0: free */
	double tokens;
	bool stop, dropped, listening;
	bool quiet; /* no submit came since the last 0x58, but for those on their way */
};

/* conns: the list of connections, and what every part says through them. */
struct conn *conns_add(struct smsc *smsc, int fd);
struct conn *conns_find(struct smsc *smsc, uint64_t serial);
struct conn *conns_receiver(struct smsc *smsc, const struct receipt *receipt); /* NULL: none is there yet */
void conns_watch(struct smsc *smsc, struct conn *conn);
void conns_blame(struct smsc *smsc, enum breach breach);
void conns_answer(struct conn *conn, const struct pdu *pdu, uint32_t status);

/* Begins a request of the simulator's own; receipt: what it tells, or NULL. */
size_t conns_ask(struct smsc *smsc, struct conn *conn, uint32_t command, const struct later *receipt);
uint64_t smsc_random(struct smsc *smsc, uint64_t below); /* below 0: 0 */

void conn_accept(struct smsc *smsc, int fd);
void conn_read(struct smsc *smsc, struct conn *conn);
void conn_flush(struct smsc *smsc, struct conn *conn);
bool conn_sweep(struct smsc *smsc); /* frees those that close; true: receipts of theirs are due again */

void bind_take(struct smsc *smsc, struct conn *conn, const struct pdu *pdu);
void bind_lost(struct smsc *smsc, const struct conn *conn);

void submit_take(struct smsc *smsc, struct conn *conn, const struct pdu *pdu);

/* What a fault does to the connection; true: the submit goes no further. */
bool link_act(struct smsc *smsc, struct conn *conn, const struct fate *fate, const struct submit *submit);

void receipt_send(struct smsc *smsc, struct conn *conn, const struct later *later);
void receipt_write(struct smsc *smsc, struct conn *conn, const struct later *later); /* one PDU, now */

/* receipt_window: writes it, or keeps it until one before it is answered. */
void receipt_window_put(struct smsc *smsc, struct conn *conn, const struct later *later);
void receipt_window_answered(struct smsc *smsc, struct conn *conn);
bool receipt_window_end(struct smsc *smsc, struct conn *conn); /* the connection ends; true: those kept are due again */

/* phones: what they send. item: an answered request, which may be of a phone. */
void phones_open(struct smsc *smsc);
bool phones_take(struct smsc *smsc, const void *what); /* false: not an event of theirs */
void phones_answered(const struct smsc *smsc, const struct asked_item *item, const char *what);

void later_add(struct smsc *smsc, const struct later *later);
void later_bound(struct smsc *smsc); /* a receiver is new: receipts that waited for one are due */
/* When what came now is served: at once, or in its turn of --serial-ms. */
uint64_t later_served_us(struct smsc *smsc);
int64_t later_run(struct smsc *smsc); /* sends what is due; us until the next, -1: none */

/* A receipt without a good response is due again, with --receipt-again. */
void later_again(struct smsc *smsc, const struct later *later, uint64_t after_ms);

#endif
