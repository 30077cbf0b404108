/*
 * binds: one SMSC with all of its binds. Chooses the bind for a message and reports how much the SMSC can take. Opens
 * binds one by one until the SMSC has accepted the credentials.
 */
#ifndef SMPP_BINDS_H
#define SMPP_BINDS_H

#include "smpp/bind.h"
#include "smpp/codec/token.h"

#define SMPP_BINDS_AT_ONCE_MAX (2 * SMPP_BINDS_MAX)

struct smpp_binds {
	const struct smpp_bind_env *env;
	struct smpp_smsc smsc;
	struct smpp_bind *bind[SMPP_BINDS_AT_ONCE_MAX]; /* with pairs: transmitter, receiver, transmitter ... */
	size_t count;                                   /* binds in use; those from count up to made are closing */
	size_t made;
	size_t turn; /* index of the bind chosen last */
	bool started, leaving;
};

/* ERR_INVALID: a field is missing, too long or out of range; ERR_NOMEM. *out owned by the caller; env outlives it. */
enum err smpp_binds_new(const struct smpp_smsc_opts *o, unsigned index, const struct smpp_bind_env *env,
                        struct smpp_binds **out) ERR_CHECKED;
void smpp_binds_free(struct smpp_binds *all); /* NULL is fine; the functions of submits in flight are not called */
void smpp_binds_start(struct smpp_binds *all);

/* Applies other options to the same SMSC: adds or removes binds and leaves the sessions of the others alone.
 * ERR_INVALID, ERR_NOMEM. */
enum err smpp_binds_configure(struct smpp_binds *all, const struct smpp_smsc_opts *o) ERR_CHECKED;

/* Accepts no more submits. Unbinds when nothing is in flight, or at once if now. smpp_binds_closed becomes true at the
 * end. */
void smpp_binds_stop(struct smpp_binds *all, bool now);
bool smpp_binds_closed(const struct smpp_binds *all);

/* To be called at the end of a loop turn in which a bind opened or closed. Opens binds that waited for others and frees
 * those beyond count that are closed. */
void smpp_binds_settle(struct smpp_binds *all);

unsigned smpp_binds_bound(const struct smpp_binds *all);      /* number of binds that are bound */
bool smpp_binds_can_send(const struct smpp_binds *all);       /* a bind that can submit is bound */
bool smpp_binds_room(struct smpp_binds *all, int64_t now_ms); /* one more submit may be written now */
double smpp_binds_pace(const struct smpp_binds *all);         /* messages per second */

/* ERR_BUSY, ERR_INVALID as smpp_submit. */
enum err smpp_binds_submit(struct smpp_binds *all, const struct smpp_message *m, smpp_result_fn fn,
                           void *arg) ERR_CHECKED;
void smpp_binds_answer(struct smpp_binds *all, const struct smpp_token *token, bool stored);

#endif
