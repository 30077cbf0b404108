/*
 * smsc: one SMSC account as configured, copied and checked, and what all of its binds share: throttle, health, id
 * mode, TLS, metrics. Knows no bind.
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

#define SMPP_STATUS_COUNTERS 32 /* status values with a series of their own; the rest share "other" */

struct smpp_smsc {
	char name[33], system_id[17], system_type[13], address_range[41];
	char ca[256], server_name[256], certificate[256]; /* of TLS: to tell a change */
	struct {
		char host[256];
		uint16_t port;
	} hosts[SMPP_HOSTS_MAX];
	struct smpp_smsc_opts o; /* numbers only are used; name, system_id, system_type are the copies above */
	unsigned index;
	unsigned in_flight; /* over all binds */

	struct smpp_profile profile;
	struct smpp_overrides overrides;
	struct smpp_health health;
	struct smpp_fitness fitness;
	struct smpp_msgid msgid;
	struct smpp_hint hint;
	struct smpp_throttle throttle;
	struct smpp_tls *tls; /* NULL: none */

	unsigned standing; /* binds that are bound */
	unsigned refusals; /* in a row, over all binds, while none was bound */
	int64_t refused_until_ms;
	bool proven; /* the credentials were taken since the last of these refusals */

	struct stats_gauge *bound, *window, *rate, *paused, *fit, *rate_configured;
	struct stats_counter *submits, *timeouts, *late, *reconnects, *mo, *throttles, *openings;
	struct stats_family fates, anomalies; /* by enum smpp_fate and enum smpp_anomaly */
	struct {
		uint32_t status;
		enum smpp_class class;
		struct stats_counter *counter;
	} responses[SMPP_STATUS_COUNTERS];
	size_t response_count;
};

/* A first configuration, of a zeroed struct. ERR_INVALID: a field is missing, too long or out of range; ERR_NOMEM. */
enum err smpp_smsc_init(struct smpp_smsc *s, const struct smpp_smsc_opts *o, unsigned index,
                        int64_t now_ms) ERR_CHECKED;
void smpp_smsc_clear(struct smpp_smsc *s);

/* Another configuration of the same account. ERR_INVALID: *s is unchanged. */
enum err smpp_smsc_set(struct smpp_smsc *s, const struct smpp_smsc_opts *o, int64_t now_ms) ERR_CHECKED;

/* What the SMSC taught the same account before its hosts or TLS changed: a pause goes on, ids stay known. */
void smpp_smsc_inherit(struct smpp_smsc *s, const struct smpp_smsc *former, int64_t now_ms);

/* ERR_INVALID if smpp_account_init or smpp_account_set would refuse them. */
enum err smpp_smsc_check(const struct smpp_smsc_opts *o) ERR_CHECKED;

/* True if nothing differs that needs new sessions: who we are, where they go, TLS. */
bool smpp_smsc_same(const struct smpp_smsc *s, const struct smpp_smsc_opts *o);

void smpp_smsc_count_response(struct smpp_smsc *s, uint32_t status, enum smpp_class c);
/* Times from submit to response on the bind of that number. */
struct stats_hist *smpp_smsc_answers(const struct smpp_smsc *s, unsigned bind);
void smpp_smsc_count_receipt(struct smpp_smsc *s, const char *state);
void smpp_smsc_count_anomalies(struct smpp_smsc *s, uint32_t anomalies); /* bits of enum smpp_anomaly */
const char *smpp_fate_name(enum smpp_fate fate);                         /* "matched" ...; static */

#endif
