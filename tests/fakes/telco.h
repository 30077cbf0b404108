/*
 * The binds of an SMSC in virtual time and the SMSC that it talks to, played octet by octet by the test.
 * One at a time in a process. What it awaits and does not get fails the test at the line of the call's own check.
 */
#ifndef TESTS_FAKES_TELCO_H
#define TESTS_FAKES_TELCO_H

#include "link.h"
#include "loop.h"
#include "smpp/binds.h"

#define TELCO_SENTS_MAX 300

/* What became of one submit. */
struct telco_sent {
	uint16_t number;         /* of the submit: partition of its id */
	unsigned results, lates; /* calls of its function, calls of late */
	struct smpp_result result;
	char message_id[SMPP_MESSAGE_ID_CAP];
	struct ident late_id;
	uint32_t late_status;
	enum smpp_outcome late_outcome;
	char late_message_id[SMPP_MESSAGE_ID_CAP];
	int64_t result_ms;
};

struct telco {
	struct loop *loop;
	struct smpp_binds *binds;
	struct smpp_smsc_opts o; /* the defaults of smpp.md: change what the test is about before telco_start */
	struct smpp_bind_env env;
	struct smpp_notifier notifier;
	uint32_t epochs;
	bool keep;      /* of the messages to come: hold their place without an answer */
	unsigned rooms; /* turns of the loop in which a submit could go again */
	size_t seen;    /* links that telco_await has told */
	struct telco_sent sents[TELCO_SENTS_MAX];
	size_t sent_count;
};

struct telco_head {
	uint32_t command, status, sequence;
};

struct telco_pdu {
	uint32_t len, command, status, sequence;
	uint8_t body[1024];
};

void telco_init(struct telco *t);  /* options only */
void telco_start(struct telco *t); /* the binds begin */
void telco_clear(struct telco *t);

/* The next connection that a bind opens, within so many milliseconds; NULL: none, and the time is over. */
struct smpp_link *telco_await(struct telco *t, int64_t within_ms);
/* The same, taken and its bind read; the sequence of the bind. */
struct smpp_link *telco_await_bind(struct telco *t, int64_t within_ms, uint32_t *sequence);
/* The same, answered with a status. */
struct smpp_link *telco_answer_bind(struct telco *t, int64_t within_ms, uint32_t status);

/* Time until the bind closed the link, counted from now; -1: not within so many milliseconds. */
int64_t telco_closes_in(struct telco *t, const struct smpp_link *l, int64_t within_ms);

/* Time until something is written; -1: not within so many milliseconds. Nothing is read. */
int64_t telco_writes_in(struct telco *t, struct smpp_link *l, int64_t within_ms);

bool telco_read(struct smpp_link *l, struct telco_pdu *out); /* the next PDU written; false: none */
/* body is a string with its NUL; NULL: none. */
void telco_say(struct telco *t, struct smpp_link *l, const struct telco_head *head, const char *body);
void telco_plain(struct telco *t, struct smpp_link *l, uint32_t command, uint32_t sequence); /* status 0 */
void telco_raw(struct telco *t, struct smpp_link *l, const void *octets, size_t len);

/* One submit, written to l: its record; its sequence in *sequence. */
struct telco_sent *telco_submit(struct telco *t, struct smpp_link *l, uint32_t *sequence);
enum err telco_try_submit(struct telco *t, struct telco_sent **out);
/* submit_sm_resp with an id, or without a body if it is an error. */
void telco_answer_submit(struct telco *t, struct smpp_link *l, uint32_t status, uint32_t sequence);

#endif
