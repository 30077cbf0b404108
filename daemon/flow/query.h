/*
 * query: OTP.STATUS, OTP.CANCEL and OTP.CHECK; and the status map that REPLY FULL asks for.
 */
#ifndef FLOW_QUERY_H
#define FLOW_QUERY_H

#include "parts.h"

void query_status(struct flow *f, struct api_call *call);
void query_cancel(struct flow *f, struct api_call *call);
void query_check(struct flow *f, struct api_call *call);

/* Answers with the whole map of id. Takes over the call. */
void query_full(struct flow *f, struct api_call *call, const struct ident *id);

#endif
