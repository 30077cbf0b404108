/*
 * receipts: owns each receipt until it is matched or given up, and answers the SMSC. An SMSC may send only one receipt
 * at a time, so a receipt that matches no message would hold up the others. It is answered as soon as it is kept. Only
 * while a submit to this SMSC is unanswered may the answer wait a moment, because the receipt may belong to that
 * submit. Must never answer ROK to a final receipt that the store refused, unless it is kept to be tried again.
 * The file has more than 400 lines because look-up, waiting and end of a receipt share the same timers and counts.
 */
#include "receipts.h"

#include "base/clock.h"
#include "base/copy.h"
#include "base/invariant.h"
#include "base/log.h"
#include "base/secret.h"
#include "receipt_wait.h"

#include <stdlib.h>
#include <string.h>

#define TOPIC "receipts"
#define STASH_MAX 10000
#define BUCKETS 1024
#define HELD_MS 250 /* most time that a receipt without a match is left unanswered */
#define HINT_LOOK 2 /* after this many look-ups its ids are also read in other modes, for a hint to the operator */

LIST_HEAD(bucket_list, reading);

/* The receipts of one SMSC. */
struct share {
	TAILQ_HEAD(, waiting) waiting;
	size_t count;
};

struct receipts {
	const struct news_uses *u;
	struct share shares[SMPP_SMSC_MAX];
	struct smsc_set waited; /* the SMSCs that have receipts here */
	struct bucket_list buckets[BUCKETS];
	size_t count;
	uint64_t wakes; /* how many message ids have become known so far */
	struct loop_timer *timer;
	int64_t timer_ms; /* when the timer fires, if it is armed */
};

/* Times in ms before each further look-up of a receipt that was not matched. */
static const int64_t waits_ms[] = { HELD_MS, 750, 4000, 55000 };
#define LOOKS (sizeof(waits_ms) / sizeof(waits_ms[0]))

static size_t bucket_of(uint16_t smsc_tag, const char *message_id)
{
	size_t h = smsc_tag;

	for (const char *p = message_id; *p; p++)
		h = h * 33 + (unsigned char)*p;
	return h % BUCKETS;
}

static struct bucket_list *bucket_at(struct receipts *s, uint16_t smsc_tag, const char *id)
{
	return &s->buckets[bucket_of(smsc_tag, id)];
}

/* Adds readings of the ids by other modes behind the receipt's own readings. Without memory it adds none this time. */
static void add_hints(struct waiting *w)
{
	w->hints = calloc(SMPP_RECEIPT_IDS, sizeof(*w->hints));
	for (size_t n = 0; w->hints && n < SMPP_RECEIPT_IDS && w->ids[n][0]; n++) {
		const struct smpp_hints *h = &w->hints[n];

		smpp_receipt_hints(w->stash->u->smpp, w->smsc_index, w->ids[n], &w->hints[n]);
		for (size_t i = 0; i < h->count && w->reading_count < SMPP_READINGS_MAX; i++)
			w->readings[w->reading_count++] =
			    (struct reading){ .owner = w, .id = h->id[i], .mode = h->mode[i], .hint = true };
	}
}

static void drop_hints(struct waiting *w)
{
	if (!w->hints)
		return;
	while (w->reading_count && w->readings[w->reading_count - 1].hint)
		w->reading_count--;
	secret_wipe(w->hints, SMPP_RECEIPT_IDS * sizeof(*w->hints));
	free(w->hints);
	w->hints = NULL;
}

static void unlink_readings(struct waiting *w)
{
	drop_hints(w);
	for (size_t i = 0; i < w->reading_count; i++)
		LIST_REMOVE(&w->readings[i], of_bucket);
}

static void unlink_waiting(struct waiting *w)
{
	struct receipts *s = w->stash;
	struct share *mine = &s->shares[w->smsc_index];

	unlink_readings(w);
	TAILQ_REMOVE(&mine->waiting, w, of_smsc);
	mine->count -= invariant(mine->count > 0);
	if (!mine->count)
		smsc_set_remove(&s->waited, w->smsc_index);
	s->count -= invariant(s->count > 0);
}

static void answer(struct waiting *w, bool stored)
{
	if (w->answered)
		return;
	w->answered = true;
	smpp_receipt_done(w->stash->u->smpp, w->token, stored);
}

static void count(const struct waiting *w, enum smpp_fate fate)
{
	smpp_receipt_count(w->stash->u->smpp, w->smsc_index, w->smsc, fate);
}

static void end(struct waiting *w, enum smpp_fate fate, bool stored)
{
	count(w, fate);
	answer(w, stored);
	unlink_waiting(w);
	secret_wipe(w, w->size);
	free(w);
}

static void through(struct waiting *w, enum smpp_fate fate)
{
	end(w, fate, true);
}

static void arm(struct receipts *s, int64_t at_ms)
{
	s->timer_ms = at_ms;
	loop_timer_set(s->timer, at_ms);
}

static void rearm(struct receipts *s)
{
	int64_t first = INT64_MAX;
	const struct waiting *w;

	for (unsigned i = smsc_set_next(&s->waited, 0); i < SMPP_SMSC_MAX; i = smsc_set_next(&s->waited, i + 1))
		TAILQ_FOREACH(w, &s->shares[i].waiting, of_smsc)
			if (!w->busy && w->again_ms < first)
				first = w->again_ms;
	if (first != INT64_MAX)
		arm(s, first);
}

static void give_up(struct waiting *w)
{
	const char *why = w->refused ? "store" : w->other ? "other_number" : "unknown_id";

	log_info(TOPIC, "receipt_unmatched smsc=%s reason=%s", w->smsc, why);
	end(w, w->refused ? SMPP_FATE_REFUSED : SMPP_FATE_UNMATCHED, true);
}

static void keep(struct waiting *w)
{
	struct receipts *s = w->stash;
	int64_t now_ms = clock_mono_ms();

	if (w->looks == LOOKS) {
		give_up(w);
		return;
	}
	if (w->looks == 0)
		count(w, SMPP_FATE_EARLY);
	if (!smpp_unanswered(s->u->smpp, w->smsc_index) || now_ms >= w->came_ms + HELD_MS)
		answer(w, true);
	w->busy = false;
	w->again_ms = w->answered ? now_ms + waits_ms[w->looks] : w->came_ms + HELD_MS;
	w->looks++;
	if (!loop_timer_armed(s->timer) || w->again_ms < s->timer_ms)
		arm(s, w->again_ms);
}

static void missed(struct waiting *w)
{
	w->refused = false;
	w->hinted = w->hinted || w->hints;
	drop_hints(w);
	keep(w);
}

/* An SMSC sends a receipt again that was not answered with ROK. One that was must be tried again by this process. */
static void refused(struct waiting *w)
{
	if (!w->answered) {
		end(w, SMPP_FATE_REFUSED, false);
		return;
	}
	w->refused = true;
	drop_hints(w);
	keep(w);
}

static const struct receipt_ended ended = { missed, refused, through };

static void look(struct waiting *w)
{
	w->busy = true;
	if (w->looks >= HINT_LOOK && !w->hinted)
		add_hints(w);
	receipt_match(w);
}

static void look_again(const struct share *share, int64_t now)
{
	struct waiting *w = TAILQ_FIRST(&share->waiting);

	while (w) {
		struct waiting *next = TAILQ_NEXT(w, of_smsc);

		if (!w->busy && w->again_ms <= now) {
			answer(w, true); /* HELD_MS is over */
			look(w);
		}
		w = next;
	}
}

static void on_timer(void *arg)
{
	struct receipts *s = arg;
	int64_t now = clock_mono_ms();

	for (unsigned i = smsc_set_next(&s->waited, 0); i < SMPP_SMSC_MAX; i = smsc_set_next(&s->waited, i + 1))
		look_again(&s->shares[i], now);
	rearm(s);
}

struct receipts *receipts_new(const struct news_uses *u)
{
	struct receipts *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->u = u;
	for (size_t i = 0; i < SMPP_SMSC_MAX; i++)
		TAILQ_INIT(&s->shares[i].waiting);
	s->timer = loop_timer_new(u->loop, on_timer, s);
	if (!s->timer) {
		free(s);
		return NULL;
	}
	return s;
}

void receipts_free(struct receipts *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < SMPP_SMSC_MAX; i++) {
		struct waiting *w;

		while ((w = TAILQ_FIRST(&s->shares[i].waiting))) {
			TAILQ_REMOVE(&s->shares[i].waiting, w, of_smsc);
			drop_hints(w);
			secret_wipe(w, w->size);
			free(w);
		}
	}
	loop_timer_free(s->timer);
	free(s);
}

static void take_number(const struct news_uses *u, const char *text, struct written *out)
{
	struct msisdn number;

	if (text && msisdn_tail(text, out->tail) &&
	    msisdn_parse(&u->opts->plan, text, strlen(text), &number, NULL) == MSISDN_OK)
		out->number = number;
}

/*
 * True if one more receipt of this SMSC may be kept. An SMSC may keep as many as there are free places, so that one
 * that floods leaves places to the others. Beyond that its oldest receipt that only waits for its last look-up is given
 * up. It was answered with ROK and does not come again.
 */
static bool make_room(const struct receipts *s, const struct share *share)
{
	if (share->count < STASH_MAX - s->count)
		return true;
	for (struct waiting *w = TAILQ_FIRST(&share->waiting); w && w->looks == LOOKS; w = TAILQ_NEXT(w, of_smsc)) {
		if (w->busy)
			continue;
		end(w, SMPP_FATE_UNMATCHED, true);
		return true;
	}
	return false;
}

static void link_waiting(struct waiting *w)
{
	struct receipts *s = w->stash;
	struct share *mine = &s->shares[w->smsc_index];

	TAILQ_INSERT_TAIL(&mine->waiting, w, of_smsc);
	mine->count++;
	smsc_set_add(&s->waited, w->smsc_index);
	s->count++;
	for (size_t i = 0; i < w->reading_count; i++)
		LIST_INSERT_HEAD(bucket_at(s, w->smsc_tag, w->readings[i].id), &w->readings[i], of_bucket);
}

/* Copies text, with its NUL, to *at, which moves behind it. */
static const char *put(char **at, const char *text)
{
	char *copy = *at;
	size_t len = strlen(text) + 1;

	memcpy(copy, text, len);
	*at += len;
	return copy;
}

/* Allocates a receipt with its ids in one piece. NULL: no memory. */
static struct waiting *new_waiting(const struct smpp_receipt *r)
{
	size_t size = sizeof(struct waiting);

	for (size_t i = 0; i < r->reading_count; i++)
		size += strlen(r->readings[i].id) + 1;
	for (size_t i = 0; i < SMPP_RECEIPT_IDS; i++)
		size += strlen(r->ids[i]) + 1;
	struct waiting *w = calloc(1, size);
	if (!w)
		return NULL;
	w->size = size;
	char *at = (char *)(w + 1);
	for (size_t i = 0; i < r->reading_count; i++) {
		const struct smpp_reading *from = &r->readings[i];

		w->readings[i] = (struct reading){ .owner = w,
			                           .id = put(&at, from->id),
			                           .state = from->state,
			                           .mode = from->mode,
			                           .teaches = from->teaches };
	}
	for (size_t i = 0; i < SMPP_RECEIPT_IDS; i++)
		w->ids[i] = put(&at, r->ids[i]);
	w->reading_count = r->reading_count;
	return w;
}

/* True if every reading is intermediate, so the receipt changes nothing, whatever message it belongs to. */
static bool is_intermediate(const struct smpp_receipt *r)
{
	for (size_t i = 0; i < r->reading_count; i++)
		if (r->readings[i].state != SMPP_RECEIPT_INTERMEDIATE)
			return false;
	return true;
}

/* Counts and answers a receipt that is not kept. */
static void turn_away(const struct receipts *s, const struct smpp_receipt *r, enum smpp_fate fate)
{
	smpp_receipt_count(s->u->smpp, r->smsc, smpp_smsc_name(s->u->smpp, r->smsc), fate);
	smpp_receipt_done(s->u->smpp, r->token, fate != SMPP_FATE_REFUSED);
}

void receipts_take(struct receipts *s, const struct smpp_receipt *r)
{
	if (is_intermediate(r)) {
		turn_away(s, r, SMPP_FATE_INTERMEDIATE);
		return;
	}
	struct waiting *w = make_room(s, &s->shares[r->smsc]) ? new_waiting(r) : NULL;
	if (!w) {
		turn_away(s, r, SMPP_FATE_REFUSED);
		return;
	}
	w->stash = s;
	w->u = s->u;
	w->ended = &ended;
	w->token = r->token;
	w->came_ms = clock_mono_ms();
	w->smsc_index = r->smsc;
	w->smsc_tag = smpp_smsc_tag(s->u->smpp, r->smsc);
	copy_text(w->smsc, sizeof(w->smsc), smpp_smsc_name(s->u->smpp, r->smsc));
	copy_text(w->error, sizeof(w->error), r->error);
	take_number(s->u, r->number, &w->from);
	take_number(s->u, r->to, &w->to);
	link_waiting(w);
	look(w);
}

/* A receipt that waits for this id, is not being looked up, and was not yet looked up for this id now. */
static struct waiting *waits_for(struct receipts *s, uint16_t smsc_tag, const char *message_id)
{
	const struct reading *r;

	LIST_FOREACH(r, bucket_at(s, smsc_tag, message_id), of_bucket) {
		struct waiting *w = r->owner;

		if (!w->busy && w->woken != s->wakes && strcmp(r->id, message_id) == 0 && w->smsc_tag == smsc_tag)
			return w;
	}
	return NULL;
}

void receipts_accepted(struct receipts *s, uint16_t smsc_tag, const char *message_id)
{
	struct waiting *w;

	s->wakes++;
	while (s->count && (w = waits_for(s, smsc_tag, message_id))) {
		w->woken = s->wakes;
		look(w); /* w may be freed now */
	}
}
