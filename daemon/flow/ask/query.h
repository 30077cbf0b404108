/*
 * query: OTP.STATUS, OTP.CANCEL and OTP.CHECK; and the status map that REPLY FULL asks for.
 */
#ifndef FLOW_ASK_QUERY_H
#define FLOW_ASK_QUERY_H

#include "ask_uses.h"

void query_status(const struct ask_uses *u, struct api_call *call);
void query_cancel(const struct ask_uses *u, struct api_call *call);
void query_check(const struct ask_uses *u, struct api_call *call);

/* Answers with the whole map of id. Takes over the call. */
void query_full(const struct ask_uses *u, struct api_call *call, const struct ident *id);

#endif
