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

#endif
