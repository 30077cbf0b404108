/*
 * refusal: what a refused bind means, by the evidence of the SMSC's other binds. smpp.md, "bind_resp policy".
 * Beside a bind that is bound it is this bind's own limit or right: it waits alone. With none bound it means the
 * account, whatever worked before: one bind tries for all, and the third refusal in a row is "auth_failed".
 */
#ifndef SMPP_REFUSAL_H
#define SMPP_REFUSAL_H

#include "smpp/bind.h"

/* The bind was answered with this command_status: why it is not bound, and the wait before its next try, above 0. */
struct smpp_bind_action smpp_refusal_note(struct smpp_bind *b, uint32_t status);

/* It was answered with ROK. */
void smpp_refusal_forget(struct smpp_bind *b);

/* Until the SMSC may be tried again; 0: now. */
int64_t smpp_refusal_left_ms(const struct smpp_smsc *smsc);

/* True if the other waits for its turn too and goes first: one bind may be refused what another is allowed. */
bool smpp_refusal_yields(const struct smpp_bind *b, const struct smpp_bind *other);

/* True once: it waited alone beside binds that are gone, so that nothing tells of a limit any more. */
bool smpp_refusal_lifted(struct smpp_bind *b);

#endif
