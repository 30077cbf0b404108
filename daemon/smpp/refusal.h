/*
 * refusal: decides what a refused bind means. While another bind of the SMSC is bound, the credentials are good, so the
 * refusal is a limit for this bind alone and only this bind waits. While none is bound, a refusal of credentials
 * concerns the whole SMSC: one bind tries for all, and the third refusal in a row is "auth_failed".
 */
#ifndef SMPP_REFUSAL_H
#define SMPP_REFUSAL_H

#include "smpp/bind.h"

/* Call when the bind response has this command_status, not ROK. Returns the reason and the wait before the next try,
 * which is never 0. */
struct smpp_bind_action smpp_refusal_note(struct smpp_bind *b, uint32_t status);

/* Call when the bind response has ROK. Clears all counted refusals of this bind and of the SMSC. */
void smpp_refusal_forget(struct smpp_bind *b);

/* Milliseconds until a bind to the SMSC may be tried again; 0: now. */
int64_t smpp_refusal_left_ms(const struct smpp_smsc *smsc);

/* True if the other bind waits too and was refused longer ago, so that it tries first. The SMSC may accept one bind and
 * refuse another. */
bool smpp_refusal_yields(const struct smpp_bind *b, const struct smpp_bind *other);

/* True once, when the bind waits because of a limit but no other bind of the SMSC is bound any more. The limit then no
 * longer holds. */
bool smpp_refusal_lifted(struct smpp_bind *b);

#endif
