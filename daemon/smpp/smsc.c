/*
 * smsc: keeps checked copies of the configuration of one SMSC, and what its binds share. The number of series is
 * bounded, because otherwise an SMSC that sends ever new status values could fill the registry.
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
	       o->binds > 0 && o->binds <= SMPP_BINDS_MAX && o->mo_count <= SMPP_MO_MAX;
}

static enum err check_fields(const struct smpp_smsc_opts *o)
{
	if (fields_ok(o) && password_ok(o->password))
		return ERR_OK;
	log_error(TOPIC, "account refused smsc=%s reason=\"%s\"", o->name ? o->name : "",
	          fields_ok(o) ? "password of more than 64 octets" : "a field is missing, too long or out of range");
	return ERR_INVALID;
}

/* Sets the profile, overrides, TLS and the like in *s. If one of them refuses, *s is unchanged. */
static enum err take_parts(struct smpp_smsc *s, const struct smpp_smsc_opts *o)
{
	struct smpp_overrides overrides = s->overrides;
	struct smpp_tls *tls = NULL;
	const char *reason;
	enum err err = smpp_overrides_set(&overrides, o->statuses, o->status_count);

	if (!err && o->tls.on && (err = smpp_tls_new(&o->tls, &tls, &reason)))
		log_error(TOPIC, "tls smsc=%s reason=\"%s\"", o->name, reason);
	if (!err && (err = smpp_profile_set(&s->profile, o)))
		smpp_tls_free(tls);
	if (err)
		return err;
	s->overrides = overrides;
	smpp_tls_free(s->tls);
	s->tls = tls;
	return ERR_OK;
}

static enum err take(struct smpp_smsc *s, const struct smpp_smsc_opts *o)
{
	enum err err = check_fields(o);

	if (!err)
		err = take_parts(s, o);
	if (err)
		return err;
	bool copied = copy(s->name, sizeof s->name, o->name) && copy(s->system_id, sizeof s->system_id, o->system_id) &&
	              copy(s->system_type, sizeof s->system_type, o->system_type) &&
	              copy(s->address_range, sizeof s->address_range, o->address_range);
	for (size_t i = 0; i < o->host_count; i++) {
		copied = copied && copy(s->hosts[i].host, sizeof s->hosts[i].host, o->hosts[i].host);
		s->hosts[i].port = o->hosts[i].port;
	}
	copied = copied && copy(s->ca, sizeof s->ca, o->tls.ca) &&
	         copy(s->server_name, sizeof s->server_name, o->tls.server_name) &&
	         copy(s->certificate, sizeof s->certificate, o->tls.certificate);
	for (size_t i = 0; i < o->mo_count; i++)
		copied = copied && copy(s->mo_to[i], sizeof s->mo_to[i], o->mo[i]);
	s->o = *o;
	s->o.mo = NULL; /* s->mo_to has them */
	s->o.name = s->name;
	s->o.system_id = s->system_id;
	s->o.system_type = s->system_type;
	s->o.address_range = s->address_range;
	s->o.receipts = o->receipts && o->bind_type != SMPP_BIND_TRANSMITTERS;
	s->o.tls.key = NULL; /* s->tls holds the key */
	smpp_msgid_set(&s->msgid, o->msgid_mode);
	return copied ? ERR_OK : ERR_INTERNAL;
}

static const char *const fates[SMPP_FATE_MAX] = {
	"matched", "early", "unmatched", "intermediate", "repeated", "refused"
};

const char *smpp_fate_name(enum smpp_fate fate)
{
	return (unsigned)fate < SMPP_FATE_MAX ? fates[fate] : "unknown";
}

struct stats_family smpp_smsc_fates(const char *name)
{
	const struct stats_labels smsc = stats_label(NULL, "smsc", name), l = stats_label(&smsc, "result", NULL);

	return stats_family("otpgwd_receipts_total", "Receipts by result.", l.text, fates, SMPP_FATE_MAX);
}

static void set_up_families(struct smpp_smsc *s, const struct stats_labels *smsc)
{
	const struct stats_labels kind = stats_label(smsc, "kind", NULL);
	const char *names[SMPP_ANOMALY_MAX];

	for (unsigned i = 0; i < SMPP_ANOMALY_MAX; i++)
		names[i] = smpp_anomaly_name((enum smpp_anomaly)i);
	s->fates = smpp_smsc_fates(s->name);
	s->anomalies =
	    stats_family("otpgwd_smpp_decode_anomalies_total", "Oddities in what SMSCs sent, set right or skipped.",
	                 kind.text, names, SMPP_ANOMALY_MAX);
}

static void set_up_metrics(struct smpp_smsc *s)
{
	const struct stats_labels smsc = stats_label(NULL, "smsc", s->name);
	const char *l = smsc.text;

	s->bound = stats_gauge("otpgwd_smpp_bound", "Bound sessions of the SMSC.", l);
	s->window = stats_gauge("otpgwd_smpp_window", "Submits in flight.", l);
	s->rate = stats_gauge("otpgwd_smpp_rate", "Segments a second that are allowed now.", l);
	s->rate_configured = stats_gauge("otpgwd_smpp_rate_configured", "Segments a second as configured.", l);
	s->paused = stats_gauge("otpgwd_smpp_paused", "1 while throttling pauses the SMSC.", l);
	s->fit = stats_gauge("otpgwd_smpp_fit", "0 while the SMSC's refusals keep messages from it.", l);
	s->submits = stats_counter("otpgwd_smpp_submits_total", "Messages written to the SMSC.", l);
	s->timeouts = stats_counter("otpgwd_smpp_timeouts_total", "Submits without a response in time.", l);
	s->late = stats_counter("otpgwd_smpp_late_responses_total", "Responses that came after their time.", l);
	s->reconnects = stats_counter("otpgwd_smpp_reconnects_total", "Connections tried after a bind's first.", l);
	s->mo = stats_counter("otpgwd_smpp_mo_total", "Messages from mobiles.", l);
	s->throttles = stats_counter("otpgwd_smpp_throttled_total", "Pauses after the SMSC asked for less.", l);
	s->openings = stats_counter("otpgwd_smpp_unfit_total", "Times that refusals took the SMSC out of service.", l);
	smpp_hint_init(&s->hint, s->name);
	smpp_series_start(s->name);
	s->receipts = smpp_series_receipts(s->name);
	set_up_families(s, &smsc);
}

enum err smpp_smsc_init(struct smpp_smsc *s, const struct smpp_smsc_opts *o, unsigned index, int64_t now_ms)
{
	enum err err = take(s, o);

	if (err)
		return err;
	s->index = index;
	smpp_health_init(&s->health);
	smpp_throttle_init(&s->throttle, o->rate, o->throttle_pause_ms, now_ms);
	set_up_metrics(s);
	return ERR_OK;
}

void smpp_smsc_clear(struct smpp_smsc *s)
{
	smpp_tls_free(s->tls);
	s->tls = NULL;
}

enum err smpp_smsc_set(struct smpp_smsc *s, const struct smpp_smsc_opts *o, int64_t now_ms)
{
	enum err err = take(s, o);

	if (err)
		return err;
	smpp_health_reload(&s->health);
	s->refused_until_ms = 0;
	smpp_throttle_set(&s->throttle, o->rate, o->throttle_pause_ms, now_ms);
	return ERR_OK;
}

void smpp_smsc_inherit(struct smpp_smsc *s, const struct smpp_smsc *former, int64_t now_ms)
{
	if (strcmp(s->system_id, former->system_id) != 0)
		return;
	s->throttle = former->throttle;
	smpp_throttle_set(&s->throttle, s->o.rate, s->o.throttle_pause_ms, now_ms);
	if (s->msgid.mode == former->msgid.mode)
		s->msgid = former->msgid;
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

static bool same_tls(const struct smpp_smsc *s, const struct smpp_tls_opts *t)
{
	return s->o.tls.on == t->on && same(s->ca, t->ca) && same(s->server_name, t->server_name) &&
	       same(s->certificate, t->certificate);
}

bool smpp_smsc_same(const struct smpp_smsc *s, const struct smpp_smsc_opts *o)
{
	if (s->o.host_count != o->host_count || s->o.bind_type != o->bind_type || !same_tls(s, &o->tls))
		return false;
	for (size_t i = 0; i < o->host_count; i++)
		if (!same(s->hosts[i].host, o->hosts[i].host) || s->hosts[i].port != o->hosts[i].port)
			return false;
	return same(s->name, o->name) && same(s->system_id, o->system_id) && same(s->system_type, o->system_type) &&
	       same(s->address_range, o->address_range) && s->o.addr_ton == o->addr_ton &&
	       s->o.addr_npi == o->addr_npi && secret_same(s->o.password, o->password);
}

/* --- counting --- */

void smpp_smsc_count_response(struct smpp_smsc *s, uint32_t status, enum smpp_class c)
{
	char text[11];

	for (size_t i = 0; i < s->response_count; i++)
		if (s->responses[i].status == status && s->responses[i].class == c) {
			stats_inc(s->responses[i].counter);
			return;
		}
	if (s->response_count == SMPP_STATUS_COUNTERS) {
		stats_inc(smpp_series_response(s->name, smpp_class_name(c), "other"));
		return;
	}
	snprintf(text, sizeof text, "0x%08X", (unsigned)status);
	s->responses[s->response_count].status = status;
	s->responses[s->response_count].class = c;
	s->responses[s->response_count].counter = smpp_series_response(s->name, smpp_class_name(c), text);
	stats_inc(s->responses[s->response_count++].counter);
}

struct stats_hist *smpp_smsc_answers(const struct smpp_smsc *s, unsigned bind)
{
	struct stats_labels l = stats_label(NULL, "smsc", s->name);
	char number[12];

	snprintf(number, sizeof number, "%u", bind);
	l = stats_label(&l, "bind", number);
	return stats_hist("otpgwd_smpp_submit_seconds", "Time from submit to response.", l.text);
}

void smpp_smsc_count_anomalies(struct smpp_smsc *s, uint32_t anomalies)
{
	for (unsigned i = 0; i < SMPP_ANOMALY_MAX; i++)
		if (anomalies >> i & 1)
			stats_inc(s->anomalies.of[i]);
}
