/*
 * receipt_stash: look a receipt's verification up, mark it, answer the SMSC.
 * Owns each receipt until it is matched or given up. Must never answer ROK to a final receipt that the store refused.
 */
#include "receipt_stash.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/pause.h"
#include "base/secret.h"
#include "funnel.h"
#include "path.h"
#include "payload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOPIC "track"
#define STASH_MAX 10000
#define BUCKETS 1024
#define ALIASES 2
#define FINAL_KEPT_MS 3600000 /* so long a receipt that comes again is known as one */

/* A number as an SMSC wrote it. */
struct written {
	struct msisdn number;       /* "": none by the plan */
	char tail[MSISDN_TAIL_CAP]; /* "": no number at all */
};

struct waiting {
	struct waiting *next, *prev; /* of its SMSC, oldest first */
	struct waiting *bucket_next;
	struct receipt_stash *stash;
	char smsc[TEXT_NAME_CAP], message_id[SMPP_MESSAGE_ID_CAP], error[STORE_ERROR_CAP];
	char alias[ALIASES][SMPP_MESSAGE_ID_CAP]; /* other forms of the id; "": none */
	unsigned form;                            /* which is looked for: 0 message_id, else alias[form - 1] */
	struct written from, to;                  /* as the receipt says; some SMSCs swap the two */
	struct ident found;                       /* what has this id, while its number is looked up */
	bool other;                               /* it was of another number */
	unsigned smsc_index;
	enum smpp_receipt_state state;
	uint64_t token;
	bool answered, busy; /* busy: a look-up or mark is under way */
	unsigned looks;
	int64_t again_ms;
};

/* Of one SMSC. */
struct share {
	struct waiting *first, *last;
	size_t count;
};

struct receipt_stash {
	struct flow *f;
	struct share shares[SMPP_SMSC_MAX];
	struct waiting *buckets[BUCKETS];
	size_t count;
	struct loop_timer *timer;
	int64_t timer_ms; /* when it rings, if armed */
};

/* When a receipt that found nothing is looked up again. */
static const int64_t waits_ms[] = { 250, 750, 4000, 55000 };
#define LOOKS (sizeof(waits_ms) / sizeof(waits_ms[0]))

static size_t bucket_of(const char *smsc, const char *message_id)
{
	size_t h = 5381;

	for (const char *p = smsc; *p; p++)
		h = h * 33 + (unsigned char)*p;
	for (const char *p = message_id; *p; p++)
		h = h * 33 + (unsigned char)*p;
	return h % BUCKETS;
}

static void unlink_waiting(struct waiting *w)
{
	struct receipt_stash *s = w->stash;
	struct share *mine = &s->shares[w->smsc_index];
	struct waiting **at = &s->buckets[bucket_of(w->smsc, w->message_id)];

	while (*at != w)
		at = &(*at)->bucket_next;
	*at = w->bucket_next;
	if (w->prev)
		w->prev->next = w->next;
	else
		mine->first = w->next;
	if (w->next)
		w->next->prev = w->prev;
	else
		mine->last = w->prev;
	mine->count--;
	s->count--;
}

static void answer(struct waiting *w, bool stored)
{
	if (w->answered)
		return;
	w->answered = true;
	smpp_receipt_done(w->stash->f->smpp, w->token, stored);
}

static void end(struct waiting *w, enum smpp_fate fate, bool stored)
{
	smpp_receipt_count(w->smsc, fate);
	answer(w, stored);
	unlink_waiting(w);
	secret_wipe(w, sizeof(*w));
	free(w);
}

static enum lifecycle_reason reason_of(enum smpp_receipt_state state)
{
	switch (state) {
	case SMPP_RECEIPT_UNDELIVERABLE:
		return REASON_UNDELIVERABLE;
	case SMPP_RECEIPT_EXPIRED:
		return REASON_EXPIRED;
	case SMPP_RECEIPT_REJECTED:
		return REASON_REJECTED;
	case SMPP_RECEIPT_DELETED:
		return REASON_DELETED;
	case SMPP_RECEIPT_UNKNOWN:
		return REASON_UNKNOWN;
	case SMPP_RECEIPT_DELIVERED:
	case SMPP_RECEIPT_INTERMEDIATE:
		break;
	}
	return REASON_NONE;
}

static struct store_receipt_req request(const struct waiting *w)
{
	const char *id = w->form ? w->alias[w->form - 1] : w->message_id;

	return (struct store_receipt_req){ w->smsc, id, keyring_receipt_partition(w->stash->f->keys, w->smsc, id) };
}

static void on_marked(void *arg, enum err err, enum store_marked marked)
{
	struct waiting *w = arg;
	const struct store_receipt_req req = request(w);

	if (err) {
		end(w, SMPP_FATE_REFUSED, false);
		return;
	}
	path_step(&w->found, "receipt", "smsc=%s delivered=%d reason=%s moved=%d", w->smsc,
	          w->state == SMPP_RECEIPT_DELIVERED, lifecycle_reason_name(reason_of(w->state)),
	          marked != STORE_MARK_STALE);
	if (marked == STORE_MARK_MOVED)
		funnel_count(w->state == SMPP_RECEIPT_DELIVERED ? FUNNEL_DELIVERED : FUNNEL_FAILED);
	if (marked == STORE_MARK_REROUTED) {
		funnel_count(FUNNEL_REROUTED);
		log_info(TOPIC, "rerouted smsc=%s reason=%s", w->smsc, lifecycle_reason_name(reason_of(w->state)));
	}
	/* After a reroute its receipts are those of an SMS that counts no more. */
	if (marked)
		store_receipt_end(w->stash->f->store, &req, marked == STORE_MARK_MOVED ? FINAL_KEPT_MS : 0);
	end(w, marked ? SMPP_FATE_MATCHED : SMPP_FATE_REPEATED, true);
}

static void arm(struct receipt_stash *s, int64_t at_ms)
{
	s->timer_ms = at_ms;
	loop_timer_set(s->timer, at_ms);
}

static void rearm(struct receipt_stash *s)
{
	int64_t first = INT64_MAX;

	for (size_t i = 0; i < SMPP_SMSC_MAX; i++)
		for (const struct waiting *w = s->shares[i].first; w; w = w->next)
			if (!w->busy && w->again_ms < first)
				first = w->again_ms;
	if (first != INT64_MAX)
		arm(s, first);
}

static void wait_more(struct waiting *w)
{
	struct receipt_stash *s = w->stash;

	if (w->looks == LOOKS) {
		log_info(TOPIC, "receipt_unmatched smsc=%s reason=%s", w->smsc,
		         w->other ? "other_number" : "unknown_id");
		end(w, SMPP_FATE_UNMATCHED, true);
		return;
	}
	if (w->looks == 0)
		smpp_receipt_count(w->smsc, SMPP_FATE_EARLY);
	if (w->looks >= 2)
		answer(w, true);
	w->busy = false;
	w->again_ms = clock_mono_ms() + waits_ms[w->looks++];
	if (!loop_timer_armed(s->timer) || w->again_ms < s->timer_ms)
		arm(s, w->again_ms);
}

static bool has_alias(const struct waiting *w)
{
	return w->alias[0][0] || w->alias[1][0];
}

static bool is_number(const struct waiting *w, const struct written *n)
{
	return n->number.digits[0] && keyring_is_number(w->stash->f->keys, &w->found, &n->number);
}

static bool next_form(struct waiting *w)
{
	while (w->form < ALIASES)
		if (w->alias[w->form++][0])
			return true;
	w->form = 0;
	return false;
}

static void look_form(struct waiting *w);

static void miss(struct waiting *w)
{
	if (next_form(w))
		look_form(w);
	else
		wait_more(w);
}

/* What another SMSC may do better: this one knows that it did not and will not deliver it. */
static bool goes_elsewhere(enum smpp_receipt_state state)
{
	return state == SMPP_RECEIPT_UNDELIVERABLE || state == SMPP_RECEIPT_REJECTED || state == SMPP_RECEIPT_EXPIRED;
}

static void apply(struct waiting *w)
{
	struct receipt_stash *s = w->stash;

	if (has_alias(w) && w->from.tail[0])
		smpp_receipt_matched(s->f->smpp, w->smsc_index, w->form);
	bool delivered = w->state == SMPP_RECEIPT_DELIVERED;
	const struct store_mark m = { .id = w->found,
		                      .delivery = delivered ? DELIVERY_DELIVERED : DELIVERY_FAILED,
		                      .reason = reason_of(w->state),
		                      .smsc = w->smsc,
		                      .error = w->error[0] && !delivered ? w->error : NULL,
		                      .reroute = s->f->opts.reroute && goes_elsewhere(w->state) };
	pause_point("c5");
	if (store_mark(s->f->store, &m, on_marked, w) != ERR_OK)
		end(w, SMPP_FATE_REFUSED, false);
}

/* The record holds the number itself, sealed: written in any other way it ends alike. */
static void on_record(void *arg, enum err err, const struct store_query_rep *rep)
{
	struct waiting *w = arg;
	struct message_payload payload;
	bool same = false;

	if (err) {
		end(w, SMPP_FATE_REFUSED, false);
		return;
	}
	if (!rep->record) { /* nothing is left that a mark could change */
		apply(w);
		return;
	}
	if (payload_open(w->stash->f, rep->record, &payload) == ERR_OK) {
		same = msisdn_ends(&payload.number, w->from.tail) ||
		       (w->to.tail[0] && msisdn_ends(&payload.number, w->to.tail));
		message_wipe(&payload);
	}
	w->other = !same;
	if (same)
		apply(w);
	else
		miss(w);
}

/*
 * Two messages may have one id between them: an SMSC gives it twice, or in different bases. Then the number tells whose
 * receipt it is; without one, only an id that is written as in the response is enough.
 */
static void on_found(void *arg, enum err err, bool found, const struct ident *id)
{
	struct waiting *w = arg;
	struct receipt_stash *s = w->stash;

	if (err) {
		end(w, SMPP_FATE_REFUSED, false);
		return;
	}
	if (!found || (!w->from.tail[0] && w->form != 0)) {
		miss(w);
		return;
	}
	w->found = *id;
	if (!w->from.tail[0] || is_number(w, &w->from) || is_number(w, &w->to))
		apply(w);
	else if (store_look(s->f->store, id, on_record, w) != ERR_OK)
		end(w, SMPP_FATE_REFUSED, false);
}

static void look_form(struct waiting *w)
{
	struct receipt_stash *s = w->stash;
	const struct store_receipt_req req = request(w);

	if (store_receipt(s->f->store, &req, on_found, w) != ERR_OK)
		end(w, SMPP_FATE_REFUSED, false);
}

static void look(struct waiting *w)
{
	w->busy = true;
	w->form = 0;
	look_form(w);
}

static void look_again(const struct share *share, int64_t now)
{
	struct waiting *w = share->first;

	while (w) {
		struct waiting *next = w->next;

		if (!w->busy && w->again_ms <= now)
			look(w);
		w = next;
	}
}

static void on_timer(void *arg)
{
	struct receipt_stash *s = arg;
	int64_t now = clock_mono_ms();

	for (size_t i = 0; i < SMPP_SMSC_MAX; i++)
		look_again(&s->shares[i], now);
	rearm(s);
}

struct receipt_stash *receipt_stash_new(struct flow *f)
{
	struct receipt_stash *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->f = f;
	s->timer = loop_timer_new(f->loop, on_timer, s);
	if (!s->timer) {
		free(s);
		return NULL;
	}
	return s;
}

void receipt_stash_free(struct receipt_stash *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < SMPP_SMSC_MAX; i++) {
		struct waiting *next;

		for (struct waiting *w = s->shares[i].first; w; w = next) {
			next = w->next;
			secret_wipe(w, sizeof(*w));
			free(w);
		}
	}
	loop_timer_free(s->timer);
	free(s);
}

static void take_number(const struct flow *f, const char *text, struct written *out)
{
	struct msisdn number;

	if (text && msisdn_tail(text, out->tail) &&
	    msisdn_parse(&f->opts.plan, text, strlen(text), &number, NULL) == MSISDN_OK)
		out->number = number;
}

static void take_forms(struct waiting *w, const struct smpp_receipt *r)
{
	w->smsc_index = r->smsc;
	for (size_t i = 0; i < ALIASES; i++)
		snprintf(w->alias[i], sizeof(w->alias[i]), "%s", r->alias[i] ? r->alias[i] : "");
	take_number(w->stash->f, r->number, &w->from);
	take_number(w->stash->f, r->to, &w->to);
}

/*
 * An SMSC holds at most as many places as are free, so that one that floods leaves some to each of the others. Beyond
 * that its oldest that waits for its last look gives way: receipts of nothing are accepted, not sent to us again.
 */
static bool make_room(const struct receipt_stash *s, const struct share *share)
{
	if (share->count < STASH_MAX - s->count)
		return true;
	for (struct waiting *w = share->first; w && w->looks == LOOKS; w = w->next) {
		if (w->busy)
			continue;
		end(w, SMPP_FATE_UNMATCHED, true);
		return true;
	}
	return false;
}

static void link_waiting(struct waiting *w)
{
	struct receipt_stash *s = w->stash;
	struct share *mine = &s->shares[w->smsc_index];
	struct waiting **bucket = &s->buckets[bucket_of(w->smsc, w->message_id)];

	w->prev = mine->last;
	if (mine->last)
		mine->last->next = w;
	else
		mine->first = w;
	mine->last = w;
	mine->count++;
	w->bucket_next = *bucket;
	*bucket = w;
	s->count++;
}

void receipt_stash_take(struct receipt_stash *s, const struct smpp_receipt *r)
{
	if (r->state == SMPP_RECEIPT_INTERMEDIATE) {
		smpp_receipt_count(smpp_smsc_name(s->f->smpp, r->smsc), SMPP_FATE_INTERMEDIATE);
		smpp_receipt_done(s->f->smpp, r->token, true);
		return;
	}
	struct waiting *w = make_room(s, &s->shares[r->smsc]) ? calloc(1, sizeof(*w)) : NULL;
	if (!w) {
		smpp_receipt_count(smpp_smsc_name(s->f->smpp, r->smsc), SMPP_FATE_REFUSED);
		smpp_receipt_done(s->f->smpp, r->token, false);
		return;
	}
	w->stash = s;
	w->state = r->state;
	w->token = r->token;
	snprintf(w->smsc, sizeof(w->smsc), "%s", smpp_smsc_name(s->f->smpp, r->smsc));
	snprintf(w->message_id, sizeof(w->message_id), "%s", r->message_id);
	snprintf(w->error, sizeof(w->error), "%s", r->error);
	take_forms(w, r);
	link_waiting(w);
	look(w);
}

void receipt_stash_accepted(struct receipt_stash *s, const char *smsc, const char *message_id)
{
	struct waiting *w = s->count ? s->buckets[bucket_of(smsc, message_id)] : NULL;

	while (w) {
		struct waiting *next = w->bucket_next;

		if (!w->busy && strcmp(w->message_id, message_id) == 0 && strcmp(w->smsc, smsc) == 0)
			look(w);
		w = next;
	}
}
