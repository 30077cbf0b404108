/*
 * session: the sessions of a bind, one after another: connect, bind, unbind, try again.
 */
#ifndef SMPP_SESSION_H
#define SMPP_SESSION_H

#include "smpp/bind.h"

/* Of a zeroed bind. ERR_NOMEM: smpp_session_clear frees what was made. */
enum err smpp_session_init(struct smpp_bind *b, const struct smpp_bind_opts *opts) ERR_CHECKED;
void smpp_session_clear(struct smpp_bind *b);
void smpp_session_start(struct smpp_bind *b);

/* A bind that was held may try now. */
void smpp_session_kick(struct smpp_bind *b);

/* No more submits; unbinds when no answer is due any more, or at once if now; then CLOSED for good. */
void smpp_session_stop(struct smpp_bind *b, bool now);
/* Takes a stop back: one that is bound still sends again, one that unbinds or is closed binds anew. */
void smpp_session_resume(struct smpp_bind *b);
void smpp_session_reload(struct smpp_bind *b);

/* The SMSC answered the bind, with a status or with ROK. */
void smpp_session_refused(struct smpp_bind *b, uint32_t status);
void smpp_session_bound(struct smpp_bind *b);

#endif
