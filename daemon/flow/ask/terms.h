/*
 * terms: checks what a SEND asks for before anything is promised: the rights of its tenant, its number, purpose and
 * text. Owns nothing, and asks neither Redis nor an SMSC.
 */
#ifndef FLOW_ASK_TERMS_H
#define FLOW_ASK_TERMS_H

#include "options.h"
#include "otp/message.h"
#include "ask_uses.h"

/*
 * Fills in *terms, and the number, the text and its origin of *payload; for a test number also its code and what is
 * played. False: the call has been answered.
 */
bool terms_read(const struct ask_uses *u, struct api_call *call, const struct options *a, struct policy_terms *terms,
                struct message_payload *payload);

/*
 * True if the text fits one SMS with the payload's code, which may be longer than the one the SEND asked for. False:
 * the call has been answered.
 */
bool terms_fit(const struct ask_uses *u, struct api_call *call, const struct message_payload *payload);

/* Reads argument i of the call as a number. False: the call has been answered. */
bool terms_number(const struct ask_uses *u, struct api_call *call, size_t i, struct msisdn *to);

/* Fills in the sender of *payload: that of the request or of the purpose. */
void terms_sender(const struct policy_purpose *p, const struct options *a, struct message_payload *payload);

/* The longest time in which a further SMS of a verification must be submitted. */
uint32_t terms_deadline_ms(const struct policy_purpose *p, uint32_t ttl_ms);

/* Fills in what a purpose gives to a new verification, and its limits. known: of a known device; test: of a test
 * number. */
void terms_issue(const struct policy_purpose *p, bool known, bool test, struct store_issue_req *req);

/* Makes the code of a new verification. A test number has the code of its group already, which stays. */
enum err terms_code(const struct store_issue_req *req, struct code *code) ERR_CHECKED;
/*
 * Finds the purpose and the text of an OTP.REVERSE: the tenant may use the purpose, and it allows that. False: the call
 * has been answered.
 */
bool terms_reverse(const struct ask_uses *u, struct api_call *call, struct options *a, struct policy_terms *terms);

#endif
