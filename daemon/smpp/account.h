/*
 * account: one SMSC account as configured, copied and checked, with its metrics.
 */
#ifndef SMPP_ACCOUNT_H
#define SMPP_ACCOUNT_H

#include "base/stats.h"
#include "smpp.h"
#include "smpp/status.h"

#define SMPP_STATUS_COUNTERS 32 /* status values with a series of their own; the rest share "other" */

struct smpp_account {
	char name[33], host[256], system_id[16], system_type[13], sender[22], service_type[6];
	struct smpp_smsc_opts o; /* its strings are the copies above */
	unsigned index;
	struct stats_gauge *bound, *window;
	struct stats_counter *submits, *timeouts, *late, *reconnects, *mo;
	struct stats_hist *answer;
	struct {
		uint32_t status;
		struct stats_counter *counter;
	} responses[SMPP_STATUS_COUNTERS];
	size_t response_count;
};

/* ERR_INVALID: a field is missing, too long or out of range; *a is unchanged. */
enum err smpp_account_set(struct smpp_account *a, const struct smpp_smsc_opts *o, unsigned index) ERR_CHECKED;

/* True if nothing differs that needs a new session. */
bool smpp_account_same(const struct smpp_account *a, const struct smpp_smsc_opts *o);

void smpp_account_register(struct smpp_account *a);
void smpp_account_count_response(struct smpp_account *a, uint32_t status, enum smpp_class c);
void smpp_account_count_receipt(struct smpp_account *a, const char *state);
void smpp_account_count_anomalies(uint32_t anomalies); /* bits of enum smpp_anomaly */

#endif
