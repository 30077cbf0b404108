/*
 * receipt_match: finds the verification that a receipt belongs to, and marks it. Each reading of the receipt's message
 * id is looked up in the store. If the receipt has a number, it must be the number of the message that was found. Owns
 * nothing, because the receipt belongs to receipts. Must never answer the SMSC itself.
 */
#include "receipt_wait.h"

#include "base/log.h"
#include "base/pause.h"
#include "ops/funnel.h"
#include "otp/message.h"
#include "path.h"

#define TOPIC "receipts"
#define FINAL_KEPT_MS 3600000 /* how long a message id is kept after its receipt, to recognise a repeated receipt */

static const struct reading *reading_of(const struct waiting *w)
{
	return &w->readings[w->at];
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
	const char *id = reading_of(w)->id;

	return (struct store_receipt_req){ w->smsc_tag, id, keyring_receipt_partition(w->u->keys, w->smsc_tag, id) };
}

static void on_marked(void *arg, enum err err, enum store_marked marked)
{
	struct waiting *w = arg;
	const struct store_receipt_req req = request(w);
	enum smpp_receipt_state state = reading_of(w)->state;

	if (err) {
		w->ended->refused(w);
		return;
	}
	path_step(&w->found, "receipt", "smsc=%s delivered=%d reason=%s moved=%d", w->smsc,
	          state == SMPP_RECEIPT_DELIVERED, lifecycle_reason_name(reason_of(state)), marked != STORE_MARK_STALE);
	if (marked == STORE_MARK_MOVED)
		funnel_count(state == SMPP_RECEIPT_DELIVERED ? FUNNEL_DELIVERED : FUNNEL_FAILED);
	if (marked == STORE_MARK_REROUTED) {
		funnel_count(FUNNEL_REROUTED);
		log_info(TOPIC, "rerouted smsc=%s reason=%s", w->smsc, lifecycle_reason_name(reason_of(state)));
	}
	/* After a reroute the first SMS does not count any more, so its message id is removed. */
	if (marked)
		store_receipt_end(w->u->store, &req, marked == STORE_MARK_MOVED ? FINAL_KEPT_MS : 0);
	w->ended->through(w, marked ? SMPP_FATE_MATCHED : SMPP_FATE_REPEATED);
}

static bool is_number(const struct waiting *w, const struct written *n)
{
	return n->number.digits[0] && keyring_is_number(w->u->keys, &w->found, &n->number);
}

/* True if another SMSC may be tried, because this one reports that it did not and will not deliver the SMS. */
static bool goes_elsewhere(enum smpp_receipt_state state)
{
	return state == SMPP_RECEIPT_UNDELIVERABLE || state == SMPP_RECEIPT_REJECTED || state == SMPP_RECEIPT_EXPIRED;
}

static void apply(struct waiting *w)
{
	const struct reading *r = reading_of(w);
	bool delivered = r->state == SMPP_RECEIPT_DELIVERED;

	if (r->hint) {
		smpp_receipt_hint(w->u->smpp, w->smsc_index, r->mode);
		w->ended->missed(w);
		return;
	}
	if (r->teaches && w->from.tail[0])
		smpp_receipt_matched(w->u->smpp, w->smsc_index, r->mode);
	if (r->state == SMPP_RECEIPT_INTERMEDIATE) {
		w->ended->through(w, SMPP_FATE_INTERMEDIATE);
		return;
	}
	const struct store_mark m = { .id = w->found,
		                      .delivery = delivered ? DELIVERY_DELIVERED : DELIVERY_FAILED,
		                      .reason = reason_of(r->state),
		                      .smsc_tag = w->smsc_tag,
		                      .error = w->error[0] && !delivered ? w->error : NULL,
		                      .reroute = w->u->opts->reroute && goes_elsewhere(r->state) };
	pause_point("c5");
	if (store_mark(w->u->store, &m, on_marked, w) != ERR_OK)
		w->ended->refused(w);
}

static void look(struct waiting *w);

/*
 * Looks up the next reading, or ends the look-up. Without a number in the receipt only the first reading is tried,
 * because only the id in the form of the response is certain enough.
 */
static void miss(struct waiting *w)
{
	w->at++;
	if (w->at < w->reading_count && w->from.tail[0])
		look(w);
	else
		w->ended->missed(w);
}

/* True if there is a further reading that is no hint, so the receipt may belong to another message. */
static bool another(const struct waiting *w)
{
	return w->at + 1 < w->reading_count && !w->readings[w->at + 1].hint;
}

/* Compares the last digits with those of the sealed number, because SMSCs write a number in different forms. */
static void on_record(void *arg, enum err err, const struct store_query_rep *rep)
{
	struct waiting *w = arg;
	struct msisdn number;
	bool same = false;

	if (err) {
		w->ended->refused(w);
		return;
	}
	if (!rep->record && (reading_of(w)->hint || another(w))) {
		miss(w);
		return;
	}
	if (!rep->record) { /* the record is gone, so the mark changes nothing */
		apply(w);
		return;
	}
	const struct store_record *record = rep->record;
	if (message_number(w->u->keys, &record->id, &record->sealed, &number) != ERR_OK) {
		store_unreadable(w->u->store, "payload", &record->id);
	} else {
		same = msisdn_ends(&number, w->from.tail) || (w->to.tail[0] && msisdn_ends(&number, w->to.tail));
		msisdn_wipe(&number);
	}
	w->other = !same && !reading_of(w)->hint;
	if (same)
		apply(w);
	else
		miss(w);
}

/*
 * Two messages may have the same id, because an SMSC gives it twice, or writes it in different bases, or names two ids
 * in one receipt. Then the number decides which message the receipt belongs to.
 */
static void on_found(void *arg, enum err err, bool found, const struct ident *id)
{
	struct waiting *w = arg;

	if (err) {
		w->ended->refused(w);
		return;
	}
	if (!found) {
		miss(w);
		return;
	}
	w->found = *id;
	if (!w->from.tail[0] || is_number(w, &w->from) || is_number(w, &w->to))
		apply(w);
	else if (store_look(w->u->store, id, on_record, w) != ERR_OK)
		w->ended->refused(w);
}

static void look(struct waiting *w)
{
	const struct store_receipt_req req = request(w);

	if (store_receipt(w->u->store, &req, on_found, w) != ERR_OK)
		w->ended->refused(w);
}

void receipt_match(struct waiting *w)
{
	w->at = 0;
	look(w);
}
