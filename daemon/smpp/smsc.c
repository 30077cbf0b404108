/*
 * smsc: one SMSC account as configured, copied and checked, and what its binds share.
 * Series are bounded: an SMSC that invents a status each time cannot fill the registry.
 */
#include "smpp/smsc.h"
#include "base/log.h"
#include "base/secret.h"
#include "smpp/series.h"
#include "smpp/wire/window.h"

#include <stdio.h>
#include <string.h>

#define TOPIC "smpp"

static bool copy(char *out, size_t cap, const char *in)
{
	return snprintf(out, cap, "%s", in ? in : "") < (int)cap;
}

static bool fits(const char *s, size_t max, bool required)
{
	size_t len = s ? strlen(s) : 0;

	return len <= max && (len > 0 || !required);
}

static bool password_ok(const struct secret *s)
{
	size_t len = s ? secret_len(s) : 0;

	return len <= SMPP_PASSWORD_MAX && (len == 0 || !memchr(secret_bytes(s), 0, len));
}

static bool hosts_ok(const struct smpp_smsc_opts *o)
{
	if (o->host_count == 0 || o->host_count > SMPP_HOSTS_MAX)
		return false;
	for (size_t i = 0; i < o->host_count; i++)
		if (!fits(o->hosts[i].host, 255, true) || o->hosts[i].port == 0)
			return false;
	return true;
}

static bool fields_ok(const struct smpp_smsc_opts *o)
{
	return fits(o->name, 32, true) && fits(o->system_id, SMPP_SYSTEM_ID_MAX, false) &&
	       fits(o->system_type, 12, false) && fits(o->address_range, SMPP_ADDRESS_RANGE_MAX, false) &&
	       hosts_ok(o) && fits(o->tls.ca, 255, false) && fits(o->tls.server_name, 255, false) &&
	       fits(o->tls.certificate, 255, false) && o->rate > 0 && o->window > 0 && o->window <= SMPP_WINDOW_MAX &&
	       o->binds > 0 && o->binds <= SMPP_BINDS_MAX;
}

static enum err check_fields(const struct smpp_smsc_opts *o)
{
	if (fields_ok(o) && password_ok(o->password))
		return ERR_OK;
	log_error(TOPIC, "account refused smsc=%s reason=\"%s\"", o->name ? o->name : "",
	          fields_ok(o) ? "password of more than 64 octets" : "a field is missing, too long or out of range");
	return ERR_INVALID;
}

/* The parts that check themselves, into *a; what was there stays if one of them refuses. */
static enum err take_parts(struct smpp_smsc *a, const struct smpp_smsc_opts *o)
{
	struct smpp_overrides overrides = a->overrides;
	struct smpp_tls *tls = NULL;
	const char *reason;
	enum err err = smpp_overrides_set(&overrides, o->statuses, o->status_count);

	if (!err && o->tls.on && (err = smpp_tls_new(&o->tls, &tls, &reason)))
		log_error(TOPIC, "tls smsc=%s reason=\"%s\"", o->name, reason);
	if (!err && (err = smpp_profile_set(&a->profile, o)))
		smpp_tls_free(tls);
	if (err)
		return err;
	a->overrides = overrides;
	smpp_tls_free(a->tls);
	a->tls = tls;
	return ERR_OK;
}

static enum err take(struct smpp_smsc *a, const struct smpp_smsc_opts *o)
{
	enum err err = check_fields(o);

	if (!err)
		err = take_parts(a, o);
	if (err)
		return err;
	bool copied = copy(a->name, sizeof a->name, o->name) && copy(a->system_id, sizeof a->system_id, o->system_id) &&
	              copy(a->system_type, sizeof a->system_type, o->system_type) &&
	              copy(a->address_range, sizeof a->address_range, o->address_range);
	for (size_t i = 0; i < o->host_count; i++) {
		copied = copied && copy(a->hosts[i].host, sizeof a->hosts[i].host, o->hosts[i].host);
		a->hosts[i].port = o->hosts[i].port;
	}
	copied = copied && copy(a->ca, sizeof a->ca, o->tls.ca) &&
	         copy(a->server_name, sizeof a->server_name, o->tls.server_name) &&
	         copy(a->certificate, sizeof a->certificate, o->tls.certificate);
	a->o = *o;
	a->o.name = a->name;
	a->o.system_id = a->system_id;
	a->o.system_type = a->system_type;
	a->o.address_range = a->address_range;
	a->o.receipts = o->receipts && o->bind_type != SMPP_BIND_TRANSMITTERS;
	a->o.tls.key = NULL; /* it is in a->tls */
	smpp_msgid_set(&a->msgid, o->msgid_mode);
	return copied ? ERR_OK : ERR_INTERNAL;
}

static const char *const fates[SMPP_FATE_MAX] = {
	"matched", "early", "unmatched", "intermediate", "repeated", "refused"
};

const char *smpp_fate_name(enum smpp_fate fate)
{
	return (unsigned)fate < SMPP_FATE_MAX ? fates[fate] : "unknown";
}

static void set_up_families(struct smpp_smsc *a, const struct stats_labels *smsc)
{
	const struct stats_labels result = stats_label(smsc, "result", NULL), kind = stats_label(smsc, "kind", NULL);
	const char *names[SMPP_ANOMALY_MAX];

	for (unsigned i = 0; i < SMPP_ANOMALY_MAX; i++)
		names[i] = smpp_anomaly_name((enum smpp_anomaly)i);
	a->fates = stats_family("otpgwd_receipts_total", "Receipts by what became of them.", result.text, fates,
	                        SMPP_FATE_MAX);
	a->anomalies =
	    stats_family("otpgwd_smpp_decode_anomalies_total", "Oddities in what SMSCs sent, set right or skipped.",
	                 kind.text, names, SMPP_ANOMALY_MAX);
}

static void set_up_metrics(struct smpp_smsc *a)
{
	const struct stats_labels smsc = stats_label(NULL, "smsc", a->name);
	const char *l = smsc.text;

	a->bound = stats_gauge("otpgwd_smpp_bound", "Bound sessions of the SMSC.", l);
	a->window = stats_gauge("otpgwd_smpp_window", "Submits in flight.", l);
	a->rate = stats_gauge("otpgwd_smpp_rate", "Segments a second that are allowed now.", l);
	a->rate_configured = stats_gauge("otpgwd_smpp_rate_configured", "Segments a second as configured.", l);
	a->paused = stats_gauge("otpgwd_smpp_paused", "1 while throttling pauses the account.", l);
	a->fit = stats_gauge("otpgwd_smpp_fit", "0 while the SMSC's refusals keep messages from it.", l);
	a->submits = stats_counter("otpgwd_smpp_submits_total", "Messages written to the SMSC.", l);
	a->timeouts = stats_counter("otpgwd_smpp_timeouts_total", "Submits without a response in time.", l);
	a->late = stats_counter("otpgwd_smpp_late_responses_total", "Responses that came after their time.", l);
	a->reconnects = stats_counter("otpgwd_smpp_reconnects_total", "Connections tried after a bind's first.", l);
	a->mo = stats_counter("otpgwd_smpp_mo_total", "Messages from mobiles.", l);
	a->throttles = stats_counter("otpgwd_smpp_throttled_total", "Pauses after the SMSC asked for less.", l);
	a->openings = stats_counter("otpgwd_smpp_unfit_total", "Times that refusals took the SMSC out of service.", l);
	smpp_hint_init(&a->hint, a->name);
	smpp_series_start(a->name);
	set_up_families(a, &smsc);
}

enum err smpp_smsc_init(struct smpp_smsc *a, const struct smpp_smsc_opts *o, unsigned index, int64_t now_ms)
{
	enum err err = take(a, o);

	if (err)
		return err;
	a->index = index;
	smpp_health_init(&a->health);
	smpp_throttle_init(&a->throttle, o->rate, o->throttle_pause_ms, now_ms);
	set_up_metrics(a);
	return ERR_OK;
}

void smpp_smsc_clear(struct smpp_smsc *a)
{
	smpp_tls_free(a->tls);
	a->tls = NULL;
}

enum err smpp_smsc_set(struct smpp_smsc *a, const struct smpp_smsc_opts *o, int64_t now_ms)
{
	enum err err = take(a, o);

	if (err)
		return err;
	smpp_health_reload(&a->health);
	a->refused_until_ms = 0;
	smpp_throttle_set(&a->throttle, o->rate, o->throttle_pause_ms, now_ms);
	return ERR_OK;
}

void smpp_smsc_inherit(struct smpp_smsc *a, const struct smpp_smsc *former, int64_t now_ms)
{
	if (strcmp(a->system_id, former->system_id) != 0)
		return;
	a->throttle = former->throttle;
	smpp_throttle_set(&a->throttle, a->o.rate, a->o.throttle_pause_ms, now_ms);
	if (a->msgid.mode == former->msgid.mode)
		a->msgid = former->msgid;
}

enum err smpp_smsc_check(const struct smpp_smsc_opts *o)
{
	struct smpp_smsc scratch = { .index = 0 };
	enum err err = take(&scratch, o);

	smpp_smsc_clear(&scratch);
	return err;
}

static bool same(const char *a, const char *b)
{
	return strcmp(a, b ? b : "") == 0;
}

static bool same_tls(const struct smpp_smsc *a, const struct smpp_tls_opts *t)
{
	return a->o.tls.on == t->on && same(a->ca, t->ca) && same(a->server_name, t->server_name) &&
	       same(a->certificate, t->certificate);
}

bool smpp_smsc_same(const struct smpp_smsc *a, const struct smpp_smsc_opts *o)
{
	if (a->o.host_count != o->host_count || a->o.bind_type != o->bind_type || !same_tls(a, &o->tls))
		return false;
	for (size_t i = 0; i < o->host_count; i++)
		if (!same(a->hosts[i].host, o->hosts[i].host) || a->hosts[i].port != o->hosts[i].port)
			return false;
	return same(a->name, o->name) && same(a->system_id, o->system_id) && same(a->system_type, o->system_type) &&
	       same(a->address_range, o->address_range) && a->o.addr_ton == o->addr_ton &&
	       a->o.addr_npi == o->addr_npi && secret_same(a->o.password, o->password);
}

/* --- counting --- */

void smpp_smsc_count_response(struct smpp_smsc *a, uint32_t status, enum smpp_class c)
{
	char text[11];

	for (size_t i = 0; i < a->response_count; i++)
		if (a->responses[i].status == status && a->responses[i].class == c) {
			stats_inc(a->responses[i].counter);
			return;
		}
	if (a->response_count == SMPP_STATUS_COUNTERS) {
		stats_inc(smpp_series_response(a->name, smpp_class_name(c), "other"));
		return;
	}
	snprintf(text, sizeof text, "0x%08X", (unsigned)status);
	a->responses[a->response_count].status = status;
	a->responses[a->response_count].class = c;
	a->responses[a->response_count].counter = smpp_series_response(a->name, smpp_class_name(c), text);
	stats_inc(a->responses[a->response_count++].counter);
}

struct stats_hist *smpp_smsc_answers(const struct smpp_smsc *a, unsigned bind)
{
	struct stats_labels l = stats_label(NULL, "smsc", a->name);
	char number[12];

	snprintf(number, sizeof number, "%u", bind);
	l = stats_label(&l, "bind", number);
	return stats_hist("otpgwd_smpp_submit_seconds", "Time from submit to response.", l.text);
}

void smpp_smsc_count_receipt(struct smpp_smsc *a, const char *state)
{
	stats_inc(smpp_series_receipt(a->name, state));
}

void smpp_smsc_count_anomalies(struct smpp_smsc *a, uint32_t anomalies)
{
	for (unsigned i = 0; i < SMPP_ANOMALY_MAX; i++)
		if (anomalies >> i & 1)
			stats_inc(a->anomalies.of[i]);
}

/* A receipt may outlive its SMSC in the configuration: then it still counts under its name. */
void smpp_receipt_count(const char *smsc, enum smpp_fate fate)
{
	struct stats_labels l = stats_label(NULL, "smsc", smsc);

	l = stats_label(&l, "result", smpp_fate_name(fate));
	stats_inc(stats_counter("otpgwd_receipts_total", "Receipts by what became of them.", l.text));
}
