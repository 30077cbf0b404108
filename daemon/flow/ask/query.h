/*
 * query: the commands OTP.STATUS, OTP.CANCEL and OTP.CHECK, and the status map with which REPLY FULL answers a SEND or
 * RESEND. Each function answers its call once, now or later.
 */
#ifndef FLOW_ASK_QUERY_H
#define FLOW_ASK_QUERY_H

#include "ask_uses.h"

void query_status(const struct ask_uses *u, struct api_call *call);
void query_cancel(const struct ask_uses *u, struct api_call *call);
void query_check(const struct ask_uses *u, struct api_call *call);

/*
 * Answers a SEND or RESEND that was done with the status map of id. If the store is too busy for it, the answer is
 * OVERLOADED with the id, and its text says that the request was done.
 */
void query_full(const struct ask_uses *u, struct api_call *call, const struct ident *id);

#endif
