/*
 * redirect_steps: the three steps by which the number of a verification is corrected. Each is one function of the store
 * on one partition: the verification is reserved, its successor is created, and the verification ends with the
 * successor's id. Whatever fails in between, at most one of the two can be verified, and one can.
 */
#ifndef FLOW_ASK_REDIRECT_STEPS_H
#define FLOW_ASK_REDIRECT_STEPS_H

#include "ask_uses.h"
#include "flow/deliver/deliver.h"
#include "flow/deliver/successor.h"
#include "flow/guard/tenants.h"
#include "similar.h"

/* One REDIRECT under way; lives from the request to its answer. */
struct redirect {
	const struct ask_uses *u;
	struct api_call *call;
	struct tenant *tenant;
	struct overload_pass pass;
	struct deliver_place place;
	struct ident asked;   /* the id that the client knows */
	struct ident id;      /* the verification that is corrected: asked, or its successor */
	struct msisdn number; /* the corrected one */
	char subject[129];
	size_t subject_len;
	bool full; /* REPLY FULL */
	bool once; /* with a REQID, which note remembers */
	struct store_note note;
	uint8_t args_tag[KEYRING_TAG_LEN];
	struct successor find;
	struct message_payload payload; /* of the successor */
	struct store_reserve_req reserve;
	struct store_issue_req issue;
	struct store_redirect_req end;
	struct similar similar;
	int64_t now_ms; /* Redis time at which the successor is created */
	/* what became of the successor */
	struct ident successor;
	bool created; /* by this request, and not by an earlier one that it repeats */
	int64_t lease_end_ms;
	enum err create_err;
	struct store_issue_rep refused; /* why it was not created */
};

/*
 * Takes ownership of r, whose requests, payload and place are complete, and answers its call once, later.
 */
void redirect_steps_start(struct redirect *r);

/* Answers a REDIRECT that was done, now or by an earlier request, and remembers its REQID. Takes ownership of r. */
void redirect_steps_done(struct redirect *r);

/* Wipes and frees r, and gives back what it holds. The call has been answered. */
void redirect_steps_free(struct redirect *r);

#endif
