/*
 * account: one SMSC account as configured, copied and checked, with its metrics.
 * Series are bounded: an SMSC that invents a status each time cannot fill the registry.
 */
#include "smpp/account.h"
#include "base/secret.h"
#include "smpp/decode.h"
#include "smpp/encode.h"
#include "smpp/window.h"

#include <stdio.h>
#include <string.h>

static bool copy(char *out, size_t cap, const char *in)
{
	return snprintf(out, cap, "%s", in ? in : "") < (int)cap;
}

enum err smpp_account_set(struct smpp_account *a, const struct smpp_smsc_opts *o, unsigned index)
{
	struct smpp_account n = *a;
	size_t password_len = o->password ? secret_len(o->password) : 0;
	bool ok = copy(n.name, sizeof n.name, o->name) && copy(n.host, sizeof n.host, o->host) &&
	          copy(n.system_id, sizeof n.system_id, o->system_id) &&
	          copy(n.system_type, sizeof n.system_type, o->system_type) &&
	          copy(n.sender, sizeof n.sender, o->sender) &&
	          copy(n.service_type, sizeof n.service_type, o->service_type);
	if (!ok || !n.name[0] || !n.host[0] || o->port == 0 || !(o->rate > 0) || o->window == 0 ||
	    o->window > SMPP_WINDOW_MAX || password_len > SMPP_PASSWORD_MAX)
		return ERR_INVALID;
	if (password_len && memchr(secret_bytes(o->password), 0, password_len))
		return ERR_INVALID;
	*a = n;
	a->o = *o;
	a->o.name = a->name;
	a->o.host = a->host;
	a->o.system_id = a->system_id;
	a->o.system_type = a->system_type;
	a->o.sender = a->sender;
	a->o.service_type = a->service_type;
	a->index = index;
	return ERR_OK;
}

static bool same(const char *a, const char *b)
{
	return strcmp(a, b ? b : "") == 0;
}

static bool same_secret(const struct secret *a, const struct secret *b)
{
	size_t a_len = a ? secret_len(a) : 0, b_len = b ? secret_len(b) : 0;
	return a_len == b_len && (a_len == 0 || memcmp(secret_bytes(a), secret_bytes(b), a_len) == 0);
}

bool smpp_account_same(const struct smpp_account *a, const struct smpp_smsc_opts *o)
{
	return same(a->name, o->name) && same(a->host, o->host) && a->o.port == o->port &&
	       same(a->system_id, o->system_id) && same(a->system_type, o->system_type) &&
	       same_secret(a->o.password, o->password);
}

void smpp_account_register(struct smpp_account *a)
{
	char l[80], name[66];
	stats_escape(a->name, name, sizeof name);
	snprintf(l, sizeof l, "smsc=\"%s\"", name);
	a->bound = stats_gauge("otpgwd_smpp_bound", "1 while the SMSC has a bound session.", l);
	a->window = stats_gauge("otpgwd_smpp_window", "Submits in flight.", l);
	a->submits = stats_counter("otpgwd_smpp_submits_total", "Messages written to the SMSC.", l);
	a->answer = stats_hist("otpgwd_smpp_submit_seconds", "Time from submit to response.", l);
	a->timeouts = stats_counter("otpgwd_smpp_timeouts_total", "Submits without a response in time.", l);
	a->late = stats_counter("otpgwd_smpp_late_responses_total", "Responses that came after their time.", l);
	a->reconnects = stats_counter("otpgwd_smpp_reconnects_total", "Connections tried after the first.", l);
	a->mo = stats_counter("otpgwd_smpp_mo_total", "Messages from mobiles, and receipts without an id.", l);
}

static struct stats_counter *response_counter(struct smpp_account *a, const char *class, const char *status)
{
	char labels[160], name[66];
	stats_escape(a->name, name, sizeof name);
	snprintf(labels, sizeof labels, "smsc=\"%s\",class=\"%s\",status=\"%s\"", name, class, status);
	return stats_counter("otpgwd_smpp_responses_total", "Responses to submits, by class and command_status.",
	                     labels);
}

void smpp_account_count_response(struct smpp_account *a, uint32_t status, enum smpp_class c)
{
	char text[11];
	for (size_t i = 0; i < a->response_count; i++)
		if (a->responses[i].status == status) {
			stats_inc(a->responses[i].counter);
			return;
		}
	if (a->response_count == SMPP_STATUS_COUNTERS) {
		stats_inc(response_counter(a, smpp_class_name(c), "other"));
		return;
	}
	snprintf(text, sizeof text, "0x%08X", (unsigned)status);
	a->responses[a->response_count].status = status;
	a->responses[a->response_count].counter = response_counter(a, smpp_class_name(c), text);
	stats_inc(a->responses[a->response_count++].counter);
}

void smpp_account_count_receipt(struct smpp_account *a, const char *state)
{
	char labels[120], name[66];
	stats_escape(a->name, name, sizeof name);
	snprintf(labels, sizeof labels, "smsc=\"%s\",state=\"%s\"", name, state);
	stats_inc(stats_counter("otpgwd_smpp_receipts_total", "Receipts by the state they tell.", labels));
}

void smpp_account_count_anomalies(uint32_t anomalies)
{
	for (unsigned i = 0; anomalies >> i; i++) {
		char labels[40];
		if (!(anomalies >> i & 1))
			continue;
		snprintf(labels, sizeof labels, "kind=\"%s\"", smpp_anomaly_name((enum smpp_anomaly)i));
		stats_inc(stats_counter("otpgwd_smpp_decode_anomalies_total",
		                        "Oddities in what SMSCs sent, set right or skipped.", labels));
	}
}
