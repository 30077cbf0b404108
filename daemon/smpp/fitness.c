/*
 * fitness: finds out why an SMSC takes no SMS, from its counters and the states of its binds. It must never change
 * either of them. Owns only what it has logged.
 */
#include "smpp/fitness.h"
#include "base/log.h"
#include "smpp/binds.h"

#include <inttypes.h>
#include <stdio.h>

#define TOPIC "smpp"
#define TELL_EVERY_MS 60000
#define ROW_MIN 10         /* after this many refused in a row, and none accepted, the SMSC takes no SMS */
#define ROW_HOLDS_MS 60000 /* that conclusion is dropped this long after the last refusal */
#define STOP_FACTOR 8      /* a pause doubled three times with no accepted submit between counts as stopped */
#define STOP_MS 60000      /* the longest pause that the throttle makes */

_Static_assert(SMPP_FITNESS_STATUSES == SMPP_STATUS_COUNTERS, "one for each counter of responses");

/* A throttled message does not count as refused, because it is sent again and the throttle has its own log line. */
static bool is_refusal(enum smpp_class class)
{
	return class != SMPP_CLASS_ACCEPTED && class != SMPP_CLASS_THROTTLE;
}

static void tell(struct smpp_smsc *smsc, int64_t now_ms)
{
	struct smpp_fitness *f = &smsc->fitness;

	if (f->told_ms && now_ms - f->told_ms < TELL_EVERY_MS)
		return;
	for (size_t i = 0; i < smsc->response_count; i++) {
		uint64_t count = stats_value(smsc->responses[i].counter), fresh = count - f->told[i];

		if (!is_refusal(smsc->responses[i].class) || !fresh)
			continue;
		f->told[i] = count;
		f->told_ms = now_ms;
		log_warn(TOPIC, "refused smsc=%s status=0x%08X count=%" PRIu64 " class=%s", smsc->name,
		         (unsigned)smsc->responses[i].status, fresh, smpp_class_name(smsc->responses[i].class));
	}
}

void smpp_fitness_look(struct smpp_smsc *smsc, int64_t now_ms)
{
	struct smpp_fitness *f = &smsc->fitness;
	bool accepted = false;

	for (size_t i = 0; i < smsc->response_count; i++) {
		uint64_t count = stats_value(smsc->responses[i].counter), fresh = count - f->seen[i];

		f->seen[i] = count;
		if (!fresh)
			continue;
		accepted = accepted || smsc->responses[i].class == SMPP_CLASS_ACCEPTED;
		if (!is_refusal(smsc->responses[i].class) || smsc->responses[i].class == SMPP_CLASS_SESSION)
			continue;
		f->row += fresh;
		f->status = smsc->responses[i].status;
		f->refused_ms = now_ms;
	}
	if (accepted)
		f->row = 0;
	tell(smsc, now_ms);
}

/* Returns why no bind that can submit is bound: the first reason that one of them has. */
static const char *unbound_reason(const struct smpp_binds *all)
{
	const char *reason = "";

	for (size_t i = 0; i < all->count && !reason[0]; i++)
		reason = all->bind[i]->kind == SMPP_KIND_RECEIVER ? "" : all->bind[i]->reason;
	return reason[0] ? reason : "connecting";
}

static bool stopped(const struct smpp_throttle *t, int64_t now_ms)
{
	return smpp_throttle_pause_left_ms(t, now_ms) > 0 &&
	       (t->pause_ms >= STOP_MS || t->pause_ms >= STOP_FACTOR * t->base_pause_ms);
}

static bool all_refused(const struct smpp_fitness *f, int64_t now_ms)
{
	return f->row >= ROW_MIN && now_ms - f->refused_ms < ROW_HOLDS_MS;
}

void smpp_fitness_reason(const struct smpp_binds *all, int64_t now_ms, char out[SMPP_FITNESS_CAP])
{
	const struct smpp_smsc *smsc = &all->smsc;

	out[0] = '\0';
	if (!smpp_binds_can_send(all))
		snprintf(out, SMPP_FITNESS_CAP, "%s%s", smpp_binds_bound(all) ? "answers nothing" : "not bound: ",
		         smpp_binds_bound(all) ? "" : unbound_reason(all));
	else if (!smpp_health_open(&smsc->health, now_ms))
		snprintf(out, SMPP_FITNESS_CAP, "%s", smpp_health_reason(&smsc->health, now_ms));
	else if (stopped(&smsc->throttle, now_ms))
		snprintf(out, SMPP_FITNESS_CAP, "throttled to a stop");
	else if (all_refused(&smsc->fitness, now_ms))
		snprintf(out, SMPP_FITNESS_CAP, "every SMS is refused, the last with 0x%08X",
		         (unsigned)smsc->fitness.status);
}
