/*
 * recover: takes over what other instances, or this one before a crash or an outage of Redis, still owed.
 * Owns no message: what it claims goes to deliver, or is marked failed. Must never claim more than can be sent now.
 */
#include "recover.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "deliver.h"
#include "payload.h"
#include "track.h"

#include <stdlib.h>

#define TOPIC "recover"
#define TICK_MS 50
#define TICKS_A_ROUND 20 /* every partition is looked at once a second */

struct recover {
	struct flow *f;
	struct loop_timer *timer;
	uint16_t next;    /* partition */
	unsigned claims;  /* under way */
};

static void adopt(struct recover *r, const struct store_record *record, int64_t lease_end_ms)
{
	struct flow *f = r->f;
	struct message_payload payload;

	if (payload_open(f, record, &payload) != ERR_OK) {
		log_error(TOPIC, "unsealable kid=%u partition=%u", record->id.kid, record->id.partition);
		track_failed(f->track, &record->id, REASON_SEALED, "");
		return;
	}
	int route = smpp_route(f->smpp, &payload.number);
	if (route < 0) {
		track_failed(f->track, &record->id, REASON_NO_ROUTE, "");
		message_wipe(&payload);
		return;
	}
	struct deliver_order order = { .id = record->id, .payload = &payload,
		                       .ttl_ms = record->ttl_ms, .hard_end_ms = record->hard_end_ms,
		                       .deadline_ms = record->deadline_ms, .lease_end_ms = lease_end_ms,
		                       .doubtful = record->doubtful };
	if (deliver_adopt(f->deliver, &order) != ERR_OK)
		store_release(f->store, &record->id, 0);
	message_wipe(&payload);
}

static void on_claimed(void *arg, enum err err, const struct store_claim_rep *rep)
{
	struct recover *r = arg;

	r->claims--;
	if (err)
		return;
	for (size_t i = 0; i < rep->count; i++)
		adopt(r, &rep->records[i], rep->lease_end_ms);
	if (rep->count) {
		log_info(TOPIC, "claimed count=%zu gone=%zu", rep->count, rep->gone);
		deliver_pump(r->f->deliver);
	}
}

static void on_tick(void *arg)
{
	struct recover *r = arg;
	unsigned partitions = r->f->opts.partitions, batch = (partitions + TICKS_A_ROUND - 1) / TICKS_A_ROUND;
	unsigned room = deliver_room(r->f->deliver);

	loop_timer_set(r->timer, clock_mono_ms() + TICK_MS);
	if (!store_up(r->f->store) || room == 0 || r->claims)
		return;
	/* Each claim of this tick may bring its whole share, and together no more than there is room for. */
	unsigned share = room / batch ? room / batch : 1;
	for (unsigned i = 0; i < batch && i < room; i++) {
		const struct store_claim_req req = { .partition = r->next, .max = share };

		if (store_claim(r->f->store, &req, on_claimed, r) != ERR_OK)
			return;
		r->claims++;
		r->next = (uint16_t)((r->next + 1U) % partitions);
	}
}

struct recover *recover_new(struct flow *f)
{
	struct recover *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->f = f;
	r->timer = loop_timer_new(f->loop, on_tick, r);
	if (!r->timer) {
		free(r);
		return NULL;
	}
	/* Instances start at different partitions, so that they rarely meet. */
	r->next = (uint16_t)(secret_random_u32() % f->opts.partitions);
	return r;
}

void recover_free(struct recover *r)
{
	if (!r)
		return;
	loop_timer_free(r->timer);
	free(r);
}

void recover_start(struct recover *r)
{
	loop_timer_set(r->timer, clock_mono_ms() + TICK_MS);
}

void recover_stop(struct recover *r)
{
	loop_timer_stop(r->timer);
}
