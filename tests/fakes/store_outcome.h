/*
 * Requests to the fake store and its replies, and the words in which a test gives one. Private to the fake store.
 */
#ifndef TESTS_FAKES_STORE_OUTCOME_H
#define TESTS_FAKES_STORE_OUTCOME_H

#include "store.h"
#include "fake_store.h"

union fake_request {
	struct store_issue_req issue;
	struct store_resend_req resend;
	struct store_verify_req verify;
	struct {
		struct ident id;
		uint32_t tenant_tag;
	} query;
	struct store_cancel_req cancel;
	struct store_mark mark;
	struct store_receipt_req receipt;
	struct store_claim_req claim;
	size_t renewals;
	struct store_reserve_req reserve;
	struct store_redirect_req redirect;
	struct store_note note;
};

union fake_reply {
	struct store_issue_rep issue;
	struct store_resend_rep resend;
	struct store_verify_rep verify;
	struct store_query_rep query;
	struct store_cancel_rep cancel;
	enum store_marked marked;
	struct {
		bool found;
		struct ident id;
	} receipt;
	struct store_claim_rep claim;
	struct store_reserve_rep reserve;
	struct store_redirect_rep redirect;
	bool freed;
	struct {
		uint8_t value[STORE_NOTE_CAP];
		size_t len;
	} note;
};

/* Makes a reply to req of words as fake_store_answers takes them. False: not understood. */
bool fake_outcome_read(enum fake_command command, const char *words, const union fake_request *req,
                       union fake_reply *rep);

#endif
