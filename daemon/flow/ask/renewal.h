/*
 * renewal: which code the further SMS of a live verification brings: the same, a new one, or one that the caller gave.
 */
#ifndef FLOW_ASK_RENEWAL_H
#define FLOW_ASK_RENEWAL_H

#include "ask_uses.h"
#include "otp/message.h"

/* What a resend changes in the record. The caller wipes nothing: there is no clear code in it. */
struct renewal {
	struct store_added added;
	bool adds;                           /* added is used */
	const struct keyring_sealed *sealed; /* NULL: the payload of the record stays */
};

struct renewal_ask {
	const struct store_record *record; /* of the live verification */
	bool own_code;                     /* the code in the payload is given by the caller */
	bool new_text;                     /* the payload has another text than the record, so that it is sealed */
	bool text_unknown;                 /* the text is not here, so that the payload cannot be sealed */
	struct keyring_sealed *room;       /* for a payload that must be sealed; lives as long as the request */
};

/*
 * Chooses the code by the policy that the record keeps, and puts it into the payload, which has the code of the last
 * SMS, or that of the caller. Seals the payload where it must be. False: the call has been answered.
 */
bool renewal_make(const struct ask_uses *u, struct api_call *call, const struct renewal_ask *ask,
                  struct message_payload *payload, struct renewal *out);

/*
 * What the first SMS of a verification needs of this: whether the caller gave the code, which is in the payload then,
 * and the characters of {ref}. terms_issue has filled the request before.
 */
void renewal_first(bool own_code, struct message_payload *payload, struct store_issue_req *req);

/* Puts it into the request, whose sealed payload stays where it seals none. It must live as long as the request. */
void renewal_apply(const struct renewal *r, struct store_resend_req *req);

/* The name of the code in the marks of its SMS; 0: all SMS of the verification bring the same code. */
uint64_t renewal_code(enum policy_resend resend, const uint8_t mac[KEYRING_MAC_LEN]);

#endif
