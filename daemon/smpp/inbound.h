/*
 * inbound: what the SMSC sends, one handler a command, called with one whole PDU; and the answers to it.
 * session keeps the state; it gets at this only through its hook.
 */
#ifndef SMPP_INBOUND_H
#define SMPP_INBOUND_H

#include "base/buf.h"
#include "smpp/bind.h"
#include "smpp/codec/token.h"

void smpp_inbound_data(void *session, struct buf *in); /* the link's on_data */

/* Answers the deliver_sm or data_sm of a token; one of an earlier session: nothing. */
void smpp_inbound_answer(struct smpp_bind *b, const struct smpp_token *token, bool stored);

#endif
