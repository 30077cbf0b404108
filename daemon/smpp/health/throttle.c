/*
 * throttle: controls the rate of submits to one SMSC by additive increase and multiplicative decrease. The bucket holds
 * a tenth of a second, because a deeper one would exceed what the telco allows. Pure.
 */
#include "smpp/health/throttle.h"

#define PAUSE_MAX_MS 60000
#define RECOVERY_AFTER_MS 5000
#define RECOVERY_PER_S 0.05
#define CONGESTION_OPTIMUM 80
#define CONGESTION_NEAR 90
#define CONGESTION_FACTOR 0.7
#define EASE_EVERY_MS 1000

static double depth_of(double rate)
{
	return rate * 0.1 > 1 ? rate * 0.1 : 1;
}

static void set_rate(struct smpp_throttle *t, double rate, int64_t now_ms)
{
	t->now = rate;
	bucket_set(&t->bucket, rate, depth_of(rate), now_ms);
}

void smpp_throttle_init(struct smpp_throttle *t, double rate, uint32_t pause_ms, int64_t now_ms)
{
	*t = (struct smpp_throttle){ .rate = rate,
		                     .low = rate,
		                     .now = rate,
		                     .base_pause_ms = pause_ms,
		                     .pause_ms = pause_ms,
		                     .began_ms = INT64_MIN };
	bucket_init(&t->bucket, rate, depth_of(rate), now_ms);
}

void smpp_throttle_set(struct smpp_throttle *t, double rate, uint32_t pause_ms, int64_t now_ms)
{
	t->base_pause_ms = pause_ms;
	if (t->pause_ms < pause_ms)
		t->pause_ms = pause_ms;
	if (t->now > rate || t->now >= t->rate) {
		t->low = rate;
		set_rate(t, rate, now_ms);
	}
	t->rate = rate;
}

/* Lowers the rate by factor. Recovery starts from that rate. */
static void lower(struct smpp_throttle *t, double factor, int64_t now_ms)
{
	double floor = t->rate * RECOVERY_PER_S;

	t->event_ms = now_ms;
	t->low = t->now * factor > floor ? t->now * factor : floor;
	set_rate(t, t->low, now_ms);
}

bool smpp_throttle_event(struct smpp_throttle *t, int64_t sent_ms, int64_t now_ms)
{
	bool fresh = now_ms >= t->paused_until_ms && sent_ms >= t->began_ms;
	if (!fresh) {
		t->event_ms = now_ms;
		return false;
	}
	lower(t, 0.5, now_ms);
	t->began_ms = now_ms;
	t->paused_until_ms = now_ms + t->pause_ms;
	t->pause_ms = t->pause_ms < PAUSE_MAX_MS / 2 ? t->pause_ms * 2 : PAUSE_MAX_MS;
	return true;
}

void smpp_throttle_accepted(struct smpp_throttle *t, int64_t sent_ms)
{
	if (sent_ms >= t->began_ms)
		t->pause_ms = t->base_pause_ms;
}

void smpp_throttle_congestion(struct smpp_throttle *t, int state, int64_t now_ms)
{
	if (state < CONGESTION_OPTIMUM || now_ms < t->paused_until_ms)
		return;
	if (state < CONGESTION_NEAR) {
		if (t->now < t->rate)
			lower(t, 1, now_ms);
	} else if (t->now >= t->rate || now_ms - t->eased_ms >= EASE_EVERY_MS) {
		lower(t, CONGESTION_FACTOR, now_ms);
		t->eased_ms = now_ms;
	}
}

static void recover(struct smpp_throttle *t, int64_t now_ms)
{
	int64_t calm_ms = now_ms - t->event_ms - RECOVERY_AFTER_MS;
	if (t->now >= t->rate || calm_ms <= 0)
		return;
	double rate = t->low + t->rate * RECOVERY_PER_S * (double)calm_ms / 1000;
	set_rate(t, rate < t->rate ? rate : t->rate, now_ms);
}

int64_t smpp_throttle_pause_left_ms(const struct smpp_throttle *t, int64_t now_ms)
{
	return t->paused_until_ms > now_ms ? t->paused_until_ms - now_ms : 0;
}

int64_t smpp_throttle_wait_ms(struct smpp_throttle *t, int64_t now_ms)
{
	recover(t, now_ms);
	int64_t pause_ms = smpp_throttle_pause_left_ms(t, now_ms), wait_ms = bucket_wait_ms(&t->bucket, 1, now_ms);
	return pause_ms > wait_ms ? pause_ms : wait_ms;
}

bool smpp_throttle_take(struct smpp_throttle *t, int64_t now_ms)
{
	recover(t, now_ms);
	return now_ms >= t->paused_until_ms && bucket_take(&t->bucket, 1, now_ms);
}
