/*
 * The calls of the fake store that have no answer yet: what was asked, what was done, when it is answered. Private to
 * the fake store.
 */
#ifndef TESTS_FAKES_STORE_CALLS_H
#define TESTS_FAKES_STORE_CALLS_H

#include "store_model.h"
#include "store_redirects.h"
#include "store_outcome.h"

#include <sys/queue.h>

struct call {
	STAILQ_ENTRY(call) in_line;
	enum fake_command command;
	bool done, lost; /* lost: whatever was done, the answer is an error */
	int64_t due_ms;
	void *arg;
	union fake_request req;
	union fake_reply rep;
	union {
		store_issue_fn issue;
		store_resend_fn resend;
		store_verify_fn verify;
		store_query_fn query;
		store_cancel_fn cancel;
		store_mark_fn mark;
		store_receipt_fn receipt;
		store_claim_fn claim;
		store_reserve_fn reserve;
		store_redirect_fn redirect;
		store_freed_fn freed;
		store_note_fn note;
	} fn;
	/* Copies of what a request or a reply points to. */
	uint8_t reqid[KEYRING_TAG_LEN];
	struct keyring_sealed sealed;
	struct store_limits limits;
	char message_id[STORE_MESSAGE_ID_CAP], error[STORE_ERROR_CAP];
	char name[FAKE_NAME_CAP]; /* of the verification that it creates */
	struct ident *ids;
	struct store_record record, *records;
};

struct store {
	struct loop *loop;
	struct store_hooks hooks;
	struct loop_task answers;
	struct loop_timer *later;
	STAILQ_HEAD(, call) calls;
	bool up;
	enum store_durability durability;
	struct {
		bool held, faulty;
		enum fake_fault fault;
		int64_t delay_ms;
		char outcome[80]; /* of the next one */
	} how[FAKE_COMMANDS];
	char next_name[FAKE_NAME_CAP];
	struct fake_model model;
};

struct call *store_calls_new(enum fake_command command, void *arg);

/* Takes c over: it is done and answered later, as the test said; or an error is returned, and c is gone. */
enum err store_calls_ask(struct store *s, struct call *c) ERR_CHECKED;

/* Does what was held. */
void store_calls_resume(struct store *s, enum fake_command command);

/* All that has no answer gets ERR_UNAVAILABLE. */
void store_calls_end(struct store *s);

/* A task and a timer of the loop: answers what is due. */
void store_calls_answer(void *arg);

#endif
