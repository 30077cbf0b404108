/*
 * session: runs the sessions of a bind one after another: connect, bind, unbind, try again.
 */
#ifndef SMPP_SESSION_H
#define SMPP_SESSION_H

#include "smpp/bind.h"

/* *b must be zeroed. On ERR_NOMEM call smpp_session_clear to free what was allocated. */
enum err smpp_session_init(struct smpp_bind *b, const struct smpp_bind_opts *opts) ERR_CHECKED;
void smpp_session_clear(struct smpp_bind *b);
void smpp_session_start(struct smpp_bind *b);

/* Lets a bind that waited for other binds try again, if it may. */
void smpp_session_kick(struct smpp_bind *b);

/* Accepts no more submits. Unbinds when no response is due any more, or at once if now. Then the bind stays CLOSED. */
void smpp_session_stop(struct smpp_bind *b, bool now);
/* Undoes smpp_session_stop. A bind that is still bound sends again; one that unbinds or is closed binds again. */
void smpp_session_resume(struct smpp_bind *b);
void smpp_session_reload(struct smpp_bind *b);

/* Called when the bind response has arrived: refused with this command_status, or accepted with ROK. */
void smpp_session_refused(struct smpp_bind *b, uint32_t status);
void smpp_session_bound(struct smpp_bind *b);

#endif
