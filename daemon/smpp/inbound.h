/*
 * inbound: handles the PDUs that the SMSC sends, one handler per command, and writes the responses. session keeps the
 * state of the bind and calls this file only through its on_data hook.
 */
#ifndef SMPP_INBOUND_H
#define SMPP_INBOUND_H

#include "base/buf.h"
#include "smpp/bind.h"
#include "smpp/codec/token.h"

void smpp_inbound_data(void *session, struct buf *in); /* on_data hook of the link; session is a struct smpp_bind */

/* Answers the deliver_sm or data_sm of a token. Does nothing for a token of an earlier session or of another bind. */
void smpp_inbound_answer(struct smpp_bind *b, const struct smpp_token *token, bool stored);

#endif
