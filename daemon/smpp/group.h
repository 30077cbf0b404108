/*
 * group: one SMSC: its account and all of its binds. Chooses the bind for a message, lets binds open one by one until
 * the credentials are known to be good, and tells what the SMSC takes.
 */
#ifndef SMPP_GROUP_H
#define SMPP_GROUP_H

#include "smpp/session.h"
#include "smpp/codec/token.h"

#define SMPP_SESSIONS_MAX (2 * SMPP_BINDS_MAX)

struct smpp_group {
	const struct smpp_session_env *env;
	struct smpp_account account;
	struct smpp_session *binds[SMPP_SESSIONS_MAX]; /* with pairs: transmitter, receiver, transmitter ... */
	size_t count;                                  /* those in use; further ones up to made are closing */
	size_t made;
	size_t turn; /* who was chosen last */
	bool started, leaving;
};

/* ERR_INVALID: a field is missing, too long or out of range; ERR_NOMEM. *out owned by the caller; env outlives it. */
enum err smpp_group_new(const struct smpp_smsc_opts *o, unsigned index, const struct smpp_session_env *env,
                        struct smpp_group **out) ERR_CHECKED;
void smpp_group_free(struct smpp_group *g); /* NULL is fine; submits in flight are not called */
void smpp_group_start(struct smpp_group *g);

/* The same account with other options: binds come and go, those that stay are not touched. ERR_INVALID, ERR_NOMEM. */
enum err smpp_group_configure(struct smpp_group *g, const struct smpp_smsc_opts *o) ERR_CHECKED;

/* No more submits; unbinds when nothing is in flight, or at once if now. smpp_group_closed is true in the end. */
void smpp_group_stop(struct smpp_group *g, bool now);
bool smpp_group_closed(const struct smpp_group *g);

/* After news, once a turn: binds that waited for others may open, those that closed for good are freed. */
void smpp_group_settle(struct smpp_group *g);

unsigned smpp_group_bound(const struct smpp_group *g);      /* sessions */
bool smpp_group_can_send(const struct smpp_group *g);       /* one that submits is bound */
bool smpp_group_room(struct smpp_group *g, int64_t now_ms); /* one more may be written now */
double smpp_group_pace(const struct smpp_group *g);         /* messages a second */

/* ERR_BUSY, ERR_INVALID as smpp_traffic_submit. */
enum err smpp_group_submit(struct smpp_group *g, const struct smpp_message *m, smpp_result_fn fn,
                           void *arg) ERR_CHECKED;
void smpp_group_answer(struct smpp_group *g, const struct smpp_token *token, bool stored);

#endif
