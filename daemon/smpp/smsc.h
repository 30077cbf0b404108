/*
 * smsc: one SMSC. Holds checked copies of its configuration and all that its binds share: throttle, health, message id
 * mode, TLS, metrics. Does not know the binds themselves.
 */
#ifndef SMPP_SMSC_H
#define SMPP_SMSC_H

#include "base/stats.h"
#include "smpp.h"
#include "smpp/codec/decode.h"
#include "smpp/fitness.h"
#include "smpp/health/health.h"
#include "smpp/hint.h"
#include "smpp/codec/msgid.h"
#include "smpp/codec/profile.h"
#include "smpp/health/throttle.h"
#include "smpp/wire/tls.h"

#define SMPP_STATUS_COUNTERS 32 /* status values that have their own series; the rest share "other" */

struct smpp_smsc {
	char name[33], system_id[17], system_type[13], address_range[41];
	char ca[256], server_name[256], certificate[256]; /* of TLS, kept to detect a change */
	struct {
		char host[256];
		uint16_t port;
	} hosts[SMPP_HOSTS_MAX];
	char mo_to[SMPP_MO_MAX][SMPP_MO_CAP]; /* o.mo_count of them */
	struct smpp_smsc_opts o; /* only its numbers and the password are used; the strings are the copies above */
	unsigned index;
	unsigned in_flight; /* submits of all binds */

	struct smpp_profile profile;
	struct smpp_overrides overrides;
	struct smpp_health health;
	struct smpp_fitness fitness;
	struct smpp_msgid msgid;
	struct smpp_hint hint;
	struct smpp_throttle throttle;
	struct smpp_tls *tls; /* NULL: no TLS */

	unsigned standing; /* number of binds that are bound */
	unsigned refusals; /* in a row, over all binds, while none was bound */
	int64_t refused_until_ms;
	bool proven; /* the SMSC has accepted the credentials since the last refusal counted here */

	struct stats_gauge *bound, *window, *rate, *paused, *fit, *rate_configured;
	struct stats_counter *submits, *timeouts, *late, *reconnects, *mo, *throttles, *openings;
	/* By enum smpp_fate, enum smpp_anomaly and enum smpp_receipt_state. */
	struct stats_family fates, anomalies, receipts;
	struct {
		uint32_t status;
		enum smpp_class class;
		struct stats_counter *counter;
	} responses[SMPP_STATUS_COUNTERS];
	size_t response_count;
};

/* Applies the first configuration to a zeroed struct. ERR_INVALID: a field is missing, too long or out of range;
 * ERR_NOMEM. */
enum err smpp_smsc_init(struct smpp_smsc *s, const struct smpp_smsc_opts *o, unsigned index,
                        int64_t now_ms) ERR_CHECKED;
void smpp_smsc_clear(struct smpp_smsc *s);

/* Applies another configuration of the same SMSC. ERR_INVALID, ERR_NOMEM: *s is unchanged. */
enum err smpp_smsc_set(struct smpp_smsc *s, const struct smpp_smsc_opts *o, int64_t now_ms) ERR_CHECKED;

/* Copies what was learned before the hosts or TLS changed, if the system_id is the same: the throttle with its pause
 * and the message id form. */
void smpp_smsc_inherit(struct smpp_smsc *s, const struct smpp_smsc *former, int64_t now_ms);

/* Returns the error that smpp_smsc_init or smpp_smsc_set would return. */
enum err smpp_smsc_check(const struct smpp_smsc_opts *o) ERR_CHECKED;

/* True if no difference needs new sessions: credentials, bind type, address range, hosts and TLS are the same. */
bool smpp_smsc_same(const struct smpp_smsc *s, const struct smpp_smsc_opts *o);

void smpp_smsc_count_response(struct smpp_smsc *s, uint32_t status, enum smpp_class c);
/* The histogram of times from submit to response of this bind number. */
struct stats_hist *smpp_smsc_answers(const struct smpp_smsc *s, unsigned bind);
void smpp_smsc_count_anomalies(struct smpp_smsc *s, uint32_t anomalies); /* bits of enum smpp_anomaly */
const char *smpp_fate_name(enum smpp_fate fate);                         /* "matched" ...; static */
struct stats_family smpp_smsc_fates(const char *name);                   /* its receipts, by enum smpp_fate */

#endif
