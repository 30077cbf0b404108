/*
 * binds: one SMSC with all of its binds. Chooses the bind for a message, lets binds open one by one until
 * the credentials are known to be good, and tells what the SMSC takes.
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
	size_t count;                                   /* those in use; further ones up to made are closing */
	size_t made;
	size_t turn; /* who was chosen last */
	bool started, leaving;
};

/* ERR_INVALID: a field is missing, too long or out of range; ERR_NOMEM. *out owned by the caller; env outlives it. */
enum err smpp_binds_new(const struct smpp_smsc_opts *o, unsigned index, const struct smpp_bind_env *env,
                        struct smpp_binds **out) ERR_CHECKED;
void smpp_binds_free(struct smpp_binds *all); /* NULL is fine; submits in flight are not called */
void smpp_binds_start(struct smpp_binds *all);

/* The same SMSC with other options: binds come and go, those that stay are not touched. ERR_INVALID, ERR_NOMEM. */
enum err smpp_binds_configure(struct smpp_binds *all, const struct smpp_smsc_opts *o) ERR_CHECKED;

/* No more submits; unbinds when nothing is in flight, or at once if now. smpp_group_closed is true in the end. */
void smpp_binds_stop(struct smpp_binds *all, bool now);
bool smpp_binds_closed(const struct smpp_binds *all);

/* At the end of a turn in which a bind came or went: binds that waited for others may open, those that closed for good
 * are freed. */
void smpp_binds_settle(struct smpp_binds *all);

unsigned smpp_binds_bound(const struct smpp_binds *all);      /* sessions */
bool smpp_binds_can_send(const struct smpp_binds *all);       /* one that submits is bound */
bool smpp_binds_room(struct smpp_binds *all, int64_t now_ms); /* one more may be written now */
double smpp_binds_pace(const struct smpp_binds *all);         /* messages per second */

/* ERR_BUSY, ERR_INVALID as smpp_traffic_submit. */
enum err smpp_binds_submit(struct smpp_binds *all, const struct smpp_message *m, smpp_result_fn fn,
                           void *arg) ERR_CHECKED;
void smpp_binds_answer(struct smpp_binds *all, const struct smpp_token *token, bool stored);

#endif
