/*
 * keepalive: watches a bound session for silence, and lets one that must end wait for its last answers.
 */
#ifndef SMPP_KEEPALIVE_H
#define SMPP_KEEPALIVE_H

#include "smpp/bind.h"

void smpp_keepalive_heard(struct smpp_bind *b, int64_t now_ms); /* a whole PDU came */
void smpp_keepalive_rearm(struct smpp_bind *b);                 /* what is waited for changed */
void smpp_keepalive_due(void *bind);                            /* of the watch timer */

/* Submits are not answered: an enquire_link tells soon whether the session lives. Called by submits, with the bind. */
void smpp_keepalive_probe(void *bind);

/* Nothing more is written; what is in flight has a moment to be answered, then the session ends with this reason. */
void smpp_keepalive_drain(struct smpp_bind *b, const char *reason);
void smpp_keepalive_end_drained(struct smpp_bind *b); /* nothing is in flight any more, or the moment is over */

#endif
