/*
 * sending: one SEND or RESEND under way, and what both do. Private to send.
 */
#ifndef FLOW_ASK_SENDING_H
#define FLOW_ASK_SENDING_H

#include "answer.h"
#include "binding.h"
#include "flow/deliver/deliver.h"
#include "former.h"
#include "otp/message.h"
#include "renewal.h"
#include "similar.h"

/* One SEND or RESEND under way; lives from the request to its answer. */
struct send {
	const struct ask_uses *u;
	struct api_call *call;
	struct tenant *tenant;
	struct message_payload payload;
	struct store_issue_req issue;   /* request of a SEND */
	struct store_resend_req resend; /* request of a RESEND, or of a SEND that found a live verification */
	uint8_t reqid_tag[KEYRING_TAG_LEN];
	struct binding_digest binding;
	struct ident replaced; /* SEND only: the live verification whose place a code for another binding takes */
	struct renewal renewal;
	struct overload_pass pass;
	struct deliver_place place;
	struct successor find;  /* RESEND: the verification that goes on under the id; SEND: of the live successor */
	struct ident completed; /* SEND only: the live successor to which the id that the client knows must lead */
	struct similar similar; /* SEND: the number that the subject asked for before */
	struct former former;   /* SEND to a number that was corrected since */
	struct ident told;      /* the id that the client knows, of which the verification may be a successor */
	int64_t now_ms;         /* SEND only: Redis time at which the record is created */
	bool full;
	bool text_unknown; /* the text of the verification is not here, so the SMS of a RESEND is left to others */
};

/* NULL: the call has been answered. */
struct send *sending_new(const struct ask_uses *u, struct api_call *call);
void sending_free(struct send *s);

/* Reserves a place in the queue. deadline_ms: duration from now. False: the call has been answered. */
bool sending_reserve(struct send *s, int route, int64_t deadline_ms);

/* Queues the SMS, in the place that was reserved. */
void sending_commit(struct send *s, const struct deliver_order *order);

/* Leaves the SMS to an instance that has its text. If no instance has it, it fails at its deadline. */
void sending_leave(struct send *s, const struct ident *id);

/* Answers with the id, or with the map of OTP.STATUS if the request wants that. */
void sending_answer(struct send *s, const struct ident *id);

/* The same for a request that got this answer before. */
void sending_replayed(struct send *s, const struct ident *id);

/* Answers that a limit forbids it. */
void sending_refused(struct send *s, const struct answer_limit *limit);

#endif
