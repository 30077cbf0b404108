/*
 * recover: takes over messages that other instances, or earlier processes of this instance, did not finish. Owns no
 * message: what it claims goes to deliver. It must never claim more than can be sent now.
 *
 * First it expires every lease held by earlier processes of this instance, even if this process has no room for the
 * messages, so that any instance that has room can claim them at once. If Redis was not reachable, this happens late,
 * while new requests arrive. The owner in a record also names the process, so the function skips what this process
 * created or claimed.
 */
#include "recover.h"

#include "base/clock.h"
#include "base/invariant.h"
#include "base/log.h"
#include "base/secret.h"
#include "deliver.h"
#include "flow/news/marks.h"
#include "settle.h"

#include <stdlib.h>

#define TOPIC "recover"
#define TICK_MS 50
#define TICKS_A_ROUND 20 /* ticks per round; every partition is asked once per second */
/*
 * Redis may not have read the last commands of the earlier process yet. Marks are among these commands. Without this
 * wait, their messages would be sent again.
 */
#define SETTLE_MS 200

/* Whether the leases of earlier processes in a partition are expired: not yet, the command is under way, done. */
enum sweep { SWEEP_OWED, SWEEP_ASKED, SWEEP_DONE };

struct part {
	struct recover *r;
	enum sweep sweep;
};

struct recover {
	const struct deliver_uses *u;
	struct deliver *deliver;
	struct loop_timer *timer;
	struct part *parts; /* one per partition */
	size_t unswept;
	int64_t sweep_ms;      /* earliest time of the sweep, monotonic; 0: Redis was never connected */
	uint16_t next;         /* the next partition to ask */
	unsigned claims;       /* claims whose answer is not here yet */
	unsigned share;        /* messages asked of each partition; grows while every partition has more */
	bool all_full;         /* every answer of this batch so far had the whole share */
	unsigned ticks, taken; /* counted since the last log line */
	unsigned quick;        /* partitions to ask without waiting for the tick, because messages were found lately */
	bool stopped;
};

static void look(struct recover *r);

/* Returns the SMSC whose receipt said that the SMS was not delivered. An empty set: none. */
static struct smsc_set refused_by(const struct deliver_uses *u, const struct store_record *record)
{
	int smsc =
	    record->rerouted && record->delivery == DELIVERY_QUEUED ? smpp_smsc_of_tag(u->smpp, record->smsc_tag) : -1;
	struct smsc_set refused = { 0 };

	if (smsc >= 0)
		smsc_set_add(&refused, (unsigned)smsc);
	return refused;
}

/*
 * Opens the payload of a claimed record and fills its text. If the key or the text is not here, another instance may
 * have it, so the message is left to others. If no instance has it, the message fails at its deadline.
 */
static bool open_payload(const struct deliver_uses *u, const struct store_record *record, struct message_payload *out)
{
	enum err err = message_open(u->keys, &record->id, record->hard_end_ms, &record->sealed, out);
	struct store_handed handed = { .in_ms = DELIVER_LEAVE_MS, .unsent = !record->unanswered };

	if (!err) {
		err = message_fill(out, u->texts, clock_mono_ms());
		handed.reason = err == ERR_NOTFOUND ? REASON_TEMPLATE : REASON_NONE;
	}
	if (!err)
		return true;
	store_unreadable(u->store, handed.reason == REASON_TEMPLATE ? "template" : "payload", &record->id);
	store_release(u->store, &record->id, &handed);
	message_wipe(out);
	return false;
}

/* Passes a claimed message to deliver. Its payload is wiped. */
static void queue(struct recover *r, const struct store_record *record, struct message_payload *payload,
                  int64_t lease_end_ms)
{
	const struct deliver_uses *u = r->u;
	/* The record says so too, so that not even a payload of another origin leads to an SMSC. */
	if (record->test && payload->play.outcome == TESTNUMBER_NONE)
		payload->play.outcome = TESTNUMBER_OK;
	int route = deliver_route(r->deliver, payload);
	const struct marks_failure no_route = { REASON_NO_ROUTE, "",           true, record->deadline_ms,
		                                record->sent_ms, record->known };
	const struct marks_failure failed = { .reason = record->reason, .error = record->error };
	const struct smsc_set refused =
	    payload->play.outcome == TESTNUMBER_NONE ? refused_by(u, record) : (struct smsc_set){ 0 };
	bool tried_all = !smsc_set_is_empty(&refused) && route >= 0 && !smpp_route_beyond(u->smpp, route, &refused);
	if (route < 0 || tried_all) {
		marks_failed(u->marks, &record->id, tried_all ? &failed : &no_route);
		message_wipe(payload);
		return;
	}
	struct deliver_order order = { .id = record->id,
		                       .payload = payload,
		                       .undelivered = refused,
		                       .ttl_ms = record->ttl_ms,
		                       .hard_end_ms = record->hard_end_ms,
		                       .deadline_ms = record->deadline_ms,
		                       .sent_ms = record->sent_ms,
		                       .known = record->known,
		                       .lease_end_ms = lease_end_ms,
		                       .unanswered = record->unanswered };
	if (deliver_adopt(r->deliver, &order) != ERR_OK)
		store_release(u->store, &record->id, &(struct store_handed){ .unsent = !record->unanswered });
	message_wipe(payload);
}

/* The correction of the number is complete, so the SMS to the new number may be sent. */
static void on_settled(void *arg, const struct store_record *record, int64_t lease_end_ms)
{
	struct recover *r = arg;
	struct message_payload payload;

	if (!open_payload(r->u, record, &payload))
		return;
	queue(r, record, &payload, lease_end_ms);
	deliver_pump(r->deliver);
}

static void adopt(struct recover *r, const struct store_record *record, int64_t lease_end_ms)
{
	struct message_payload payload;

	/* The message was sent. Only the mark of its result is not in Redis yet. */
	if (marks_owes(r->u->marks, &record->id) || !open_payload(r->u, record, &payload))
		return;
	if (!payload.redirected) {
		queue(r, record, &payload, lease_end_ms);
		return;
	}
	settle_start(
	    r->u,
	    &(struct settle_req){
		.record = record, .payload = &payload, .lease_end_ms = lease_end_ms, .fn = on_settled, .arg = r });
	message_wipe(&payload);
}

static void on_claimed(void *arg, enum err err, const struct store_claim_rep *rep)
{
	struct recover *r = arg;

	r->claims -= invariant(r->claims > 0);
	if (err)
		return;
	for (size_t i = 0; i < rep->count; i++)
		adopt(r, &rep->records[i], rep->lease_end_ms);
	r->all_full = r->all_full && rep->count >= r->share;
	if (rep->count) {
		r->taken += (unsigned)rep->count;
		r->quick = r->u->opts->partitions;
		deliver_pump(r->deliver);
	}
	if (r->quick)
		look(r);
}

static void look(struct recover *r)
{
	unsigned partitions = r->u->opts->partitions, batch = (partitions + TICKS_A_ROUND - 1) / TICKS_A_ROUND;

	if (r->stopped || r->claims || !store_up(r->u->store))
		return;
	unsigned room = deliver_room(r->deliver);
	if (room == 0)
		return;
	if (r->quick > batch)
		batch = r->quick;
	/*
	 * Each claim of a batch may return its whole share. Together they must not return more than there is room for.
	 */
	r->share = r->all_full ? 2 * r->share : 1;
	if (r->share < room / batch)
		r->share = room / batch;
	if (r->share > room)
		r->share = room;
	r->all_full = true;
	for (unsigned i = 0; i < batch && (i + 1) * r->share <= room; i++) {
		const struct store_claim_req req = { .partition = r->next, .max = r->share };

		r->next = (uint16_t)((r->next + 1U) % partitions);
		r->quick -= r->quick > 0;
		/* A node of a cluster may be unreachable with its partitions. The other partitions are still asked. */
		if (store_claim(r->u->store, &req, on_claimed, r) == ERR_OK)
			r->claims++;
	}
}

static void on_swept(void *arg, enum err err, const struct store_claim_rep *rep)
{
	struct part *part = arg;
	struct recover *r = part->r;

	(void)rep;
	part->sweep = err ? SWEEP_OWED : SWEEP_DONE;
	if (err)
		return;
	r->unswept -= invariant(r->unswept > 0);
	if (r->unswept)
		return;
	log_info(TOPIC, "leases_taken_back");
	r->quick = r->u->opts->partitions;
	look(r);
}

static void sweep(struct recover *r)
{
	if (clock_mono_ms() < r->sweep_ms)
		return;
	for (size_t p = 0; r->unswept && p < r->u->opts->partitions; p++) {
		const struct store_claim_req req = { .partition = (uint16_t)p, .max = 0, .mine = true };
		struct part *part = &r->parts[p];

		if (part->sweep != SWEEP_OWED)
			continue;
		enum err err = store_claim(r->u->store, &req, on_swept, part);
		if (err == ERR_BUSY)
			return;
		if (!err)
			part->sweep = SWEEP_ASKED;
	}
}

void recover_resume(struct recover *r)
{
	if (!r->sweep_ms)
		r->sweep_ms = clock_mono_ms() + SETTLE_MS;
}

void recover_room(struct recover *r)
{
	if (r->quick)
		look(r);
}

static void on_tick(void *arg)
{
	struct recover *r = arg;

	loop_timer_set(r->timer, clock_mono_ms() + TICK_MS);
	if (++r->ticks >= TICKS_A_ROUND && r->taken) {
		log_info(TOPIC, "recovered_leases count=%u", r->taken);
		r->ticks = r->taken = 0;
	}
	if (r->sweep_ms && store_up(r->u->store))
		sweep(r);
	look(r);
}

struct recover *recover_new(const struct deliver_uses *u, struct deliver *deliver)
{
	struct recover *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->u = u;
	r->deliver = deliver;
	r->unswept = u->opts->partitions;
	r->parts = calloc(r->unswept, sizeof(*r->parts));
	r->timer = loop_timer_new(u->loop, on_tick, r);
	if (!r->timer || !r->parts) {
		recover_free(r);
		return NULL;
	}
	for (size_t p = 0; p < r->unswept; p++)
		r->parts[p].r = r;
	/* Instances start at different partitions, so that they rarely claim from the same one at once. */
	r->next = (uint16_t)(secret_random_u32() % u->opts->partitions);
	return r;
}

void recover_free(struct recover *r)
{
	if (!r)
		return;
	loop_timer_free(r->timer);
	free(r->parts);
	free(r);
}

void recover_start(struct recover *r)
{
	loop_timer_set(r->timer, clock_mono_ms() + TICK_MS);
}

void recover_stop(struct recover *r)
{
	r->stopped = true;
	loop_timer_stop(r->timer);
}
