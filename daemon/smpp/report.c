/*
 * report: writes what an operator sees of an SMSC. The state fields of the SMSC are those of its best bind. The fields
 * of each bind follow in a list. Owns nothing.
 */
#include "smpp/report.h"
#include "base/clock.h"

#include <stdio.h>

/*
 * Returns the bind whose state is shown for the SMSC: one that is bound, otherwise one that is not closed, otherwise
 * the first.
 */
static const struct smpp_bind *speaker(const struct smpp_binds *all)
{
	const struct smpp_bind *best = all->bind[0];

	for (size_t i = 1; i < all->made; i++) {
		const struct smpp_bind *b = all->bind[i];
		bool further = best->state == SMPP_STATE_CLOSED && b->state != SMPP_STATE_CLOSED;
		if (best->state != SMPP_STATE_BOUND && (further || b->state == SMPP_STATE_BOUND))
			best = b;
	}
	return best;
}

static int64_t next_try_s(const struct smpp_bind *b, int64_t now_ms)
{
	return b->next_try_ms > now_ms ? (b->next_try_ms - now_ms + 999) / 1000 : 0;
}

static void write_state(const struct smpp_bind *b, struct json *j, int64_t now_ms)
{
	json_str(j, "host", b->smsc->hosts[b->host].host);
	json_int(j, "port", b->smsc->hosts[b->host].port);
	json_str(j, "state", smpp_bind_state_name(b->state));
	json_str(j, "reason", b->reason);
	json_bool(j, "bound", b->state == SMPP_STATE_BOUND);
	json_int(j, "since", b->since_wall_ms / 1000);
	json_int(j, "next_try_s", next_try_s(b, now_ms));
}

static void write_bind(const struct smpp_bind *b, struct json *j, int64_t now_ms)
{
	json_open(j, NULL, '{');
	json_int(j, "number", b->number);
	json_str(j, "type", smpp_bind_kind_name(b->kind));
	write_state(b, j, now_ms);
	json_int(j, "window_now", smpp_width(&b->submits.width, b->smsc->o.window));
	json_int(j, "window_used", smpp_window_used(b->submits.window));
	json_num(j, "answer_ms", b->submits.answer_us / 1000);
	json_int(j, "unanswered_in_a_row", b->submits.silent);
	json_int(j, "connections_missed", b->misses);
	if (b->smsc->o.tls.on)
		json_int(j, "tls_certificate_until", b->tls_expiry_s);
	json_close(j, '}');
}

static void write_responses(const struct smpp_smsc *smsc, struct json *j)
{
	json_open(j, "responses", '[');
	for (size_t i = 0; i < smsc->response_count; i++) {
		char status[11];
		snprintf(status, sizeof status, "0x%08X", (unsigned)smsc->responses[i].status);
		json_open(j, NULL, '{');
		json_str(j, "status", status);
		json_str(j, "class", smpp_class_name(smsc->responses[i].class));
		json_int(j, "count", (int64_t)stats_value(smsc->responses[i].counter));
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void write_receipts(const struct smpp_smsc *smsc, struct json *j)
{
	json_open(j, "receipts", '{');
	for (unsigned i = 0; i < SMPP_FATE_MAX; i++)
		json_int(j, smpp_fate_name((enum smpp_fate)i), (int64_t)stats_value(smsc->fates.of[i]));
	json_close(j, '}');
}

static const char *breaker_name(const struct smpp_breaker *b, int64_t now_ms)
{
	if (!b->open)
		return "closed";
	return smpp_breaker_left_ms(b, now_ms) > 0 ? "open" : "half_open";
}

/*
 * Returns the number of binds that the SMSC allows, which is all except those that it refused while others were bound.
 */
static unsigned effective(const struct smpp_binds *all)
{
	unsigned n = (unsigned)all->count;

	for (size_t i = 0; all->smsc.standing && i < all->count; i++)
		n -= all->bind[i]->limited;
	return n;
}

void smpp_report_smsc(struct smpp_binds *all, struct json *j, int64_t now_ms)
{
	const struct smpp_smsc *smsc = &all->smsc;

	json_open(j, NULL, '{');
	json_str(j, "name", smsc->name);
	write_state(speaker(all), j, now_ms);
	json_bool(j, "leaving", all->leaving);
	json_int(j, "binds_bound", smpp_binds_bound(all));
	json_int(j, "binds_effective", effective(all));
	json_int(j, "window", smsc->o.window);
	json_int(j, "window_used", smsc->in_flight);
	json_num(j, "rate", smsc->o.rate);
	json_num(j, "rate_now", smsc->throttle.now);
	json_num(j, "pace", smpp_binds_pace(all));
	json_bool(j, "throttled", smpp_throttle_pause_left_ms(&smsc->throttle, now_ms) > 0);
	json_int(j, "pause_ms", smpp_throttle_pause_left_ms(&smsc->throttle, now_ms));
	json_str(j, "unfit", smpp_health_reason(&smsc->health, now_ms));
	json_int(j, "unfit_ms", smpp_health_out_ms(&smsc->health, now_ms));
	json_str(j, "breaker", breaker_name(&smsc->health.breaker, now_ms));
	json_bool(j, "validity_refused", smsc->health.bare);
	json_str(j, "msgid_mode", smpp_msgid_mode_name(smsc->msgid.mode));
	json_str(j, "msgid_learned", smpp_msgid_mode_name(smsc->msgid.locked));
	json_int(j, "timeouts", (int64_t)stats_value(smsc->timeouts));
	json_int(j, "late_responses", (int64_t)stats_value(smsc->late));
	write_responses(smsc, j);
	write_receipts(smsc, j);
	smpp_report_anomalies(j, &all, 1);
	json_open(j, "binds", '[');
	for (size_t i = 0; i < all->made; i++)
		write_bind(all->bind[i], j, now_ms);
	json_close(j, ']');
	json_close(j, '}');
}

void smpp_report_anomalies(struct json *j, struct smpp_binds *const *binds, size_t count)
{
	json_open(j, "decode_anomalies", '{');
	for (unsigned kind = 0; kind < SMPP_ANOMALY_MAX; kind++) {
		uint64_t sum = 0;

		for (size_t i = 0; i < count; i++)
			sum += binds[i] ? stats_value(binds[i]->smsc.anomalies.of[kind]) : 0;
		json_int(j, smpp_anomaly_name((enum smpp_anomaly)kind), (int64_t)sum);
	}
	json_close(j, '}');
}

enum bind_gauge {
	BIND_STATE,
	BIND_WINDOW,
	BIND_WIDTH,
	BIND_STATE_SECONDS,
	BIND_NEXT_TRY,
	BIND_CERTIFICATE,
	BIND_GAUGES
};

static void set_bind_gauges(const struct smpp_bind *b, const double values[BIND_GAUGES])
{
	struct stats_labels l = stats_label(NULL, "smsc", b->smsc->name);
	const char *labels = l.text;
	char number[12];

	snprintf(number, sizeof number, "%u", b->number);
	l = stats_label(&l, "bind", number);
	l = stats_label(&l, "type", smpp_bind_kind_name(b->kind));
	stats_set(
	    stats_gauge("otpgwd_smpp_bind_state", "0 closed, 1 connecting, 2 binding, 3 bound, 4 unbinding.", labels),
	    values[BIND_STATE]);
	stats_set(stats_gauge("otpgwd_smpp_bind_window", "Submits in flight on the bind.", labels),
	          values[BIND_WINDOW]);
	stats_set(stats_gauge("otpgwd_smpp_bind_window_now", "Submits that may be in flight on the bind now.", labels),
	          values[BIND_WIDTH]);
	stats_set(stats_gauge("otpgwd_smpp_bind_state_seconds", "For so long it has been in this state.", labels),
	          values[BIND_STATE_SECONDS]);
	stats_set(
	    stats_gauge("otpgwd_smpp_bind_next_try_seconds", "Until the next try to connect; 0: none waits.", labels),
	    values[BIND_NEXT_TRY]);
	if (b->smsc->o.tls.on)
		stats_set(stats_gauge("otpgwd_smpp_bind_certificate_seconds",
		                      "Until the certificate of the peer ends; 0 before the handshake.", labels),
		          values[BIND_CERTIFICATE]);
}

static void bind_gauges(const struct smpp_bind *b, int64_t now_ms, int64_t wall_s)
{
	const double values[BIND_GAUGES] = {
		[BIND_STATE] = b->state,
		[BIND_WINDOW] = smpp_window_used(b->submits.window),
		[BIND_WIDTH] = smpp_width(&b->submits.width, b->smsc->o.window),
		[BIND_STATE_SECONDS] = (double)(wall_s - b->since_wall_ms / 1000),
		[BIND_NEXT_TRY] = (double)next_try_s(b, now_ms),
		[BIND_CERTIFICATE] = b->tls_expiry_s ? (double)(b->tls_expiry_s - wall_s) : 0,
	};

	set_bind_gauges(b, values);
}

void smpp_report_gauges(const struct smpp_binds *all, int64_t now_ms)
{
	const struct smpp_smsc *smsc = &all->smsc;

	stats_set(smsc->bound, smpp_binds_bound(all));
	stats_set(smsc->window, smsc->in_flight);
	stats_set(smsc->rate, smsc->throttle.now);
	stats_set(smsc->rate_configured, smsc->o.rate);
	stats_set(smsc->paused, smpp_throttle_pause_left_ms(&smsc->throttle, now_ms) > 0 ? 1 : 0);
	stats_set(smsc->fit, smpp_health_open(&smsc->health, now_ms) ? 1 : 0);
	for (size_t i = 0; i < all->count; i++)
		bind_gauges(all->bind[i], now_ms, clock_wall_ms() / 1000);
}

void smpp_report_gone(const struct smpp_binds *all)
{
	static const double none[BIND_GAUGES];
	const struct smpp_smsc *smsc = &all->smsc;
	struct stats_gauge *const its[] = { smsc->bound,           smsc->window, smsc->rate,
		                            smsc->rate_configured, smsc->paused, smsc->fit };

	for (size_t i = 0; all->leaving && i < sizeof its / sizeof its[0]; i++)
		stats_set(its[i], 0);
	for (size_t i = all->leaving ? 0 : all->count; i < all->made; i++)
		if (all->bind[i]->state == SMPP_STATE_CLOSED)
			set_bind_gauges(all->bind[i], none);
}
