/*
 * inbound: what the SMSC sends, one handler a command, called with one whole PDU; and the answers to it.
 * session.c keeps the state; the functions of session that only inbound calls are declared here.
 */
#ifndef SMPP_INBOUND_H
#define SMPP_INBOUND_H

#include "base/buf.h"
#include "smpp/session.h"

void smpp_inbound_data(void *session, struct buf *in); /* the link's on_data */

/* Of session.c: */
void smpp_session_fail(struct smpp_session *s, const char *reason);
bool smpp_session_send(struct smpp_session *s, uint32_t command, uint32_t status, uint32_t sequence);
void smpp_session_bound(struct smpp_session *s);
void smpp_session_refused(struct smpp_session *s, uint32_t status);
void smpp_session_rearm(struct smpp_session *s);

#endif
