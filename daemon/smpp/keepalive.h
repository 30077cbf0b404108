/*
 * keepalive: watches a bound session for silence. Lets a session that must end wait briefly for its last responses.
 */
#ifndef SMPP_KEEPALIVE_H
#define SMPP_KEEPALIVE_H

#include "smpp/bind.h"

void smpp_keepalive_heard(struct smpp_bind *b, int64_t now_ms); /* a whole PDU arrived */
void smpp_keepalive_rearm(struct smpp_bind *b);                 /* sets the watch timer to the next time that is due */
void smpp_keepalive_due(void *bind);                            /* callback of the watch timer */

/* Called by submits, with the bind, when submits stay unanswered. Sends an enquire_link to find out whether the SMSC
 * still answers. */
void smpp_keepalive_probe(void *bind);

/* Stops writing submits. Waits up to two seconds for the responses in flight, then ends the session
 * with this reason. */
void smpp_keepalive_drain(struct smpp_bind *b, const char *reason);
void smpp_keepalive_end_drained(struct smpp_bind *b); /* nothing is in flight, or the wait is over */

#endif
