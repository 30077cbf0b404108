/*
 * settle: follows the id that SEND gave. If that leads to the successor, the correction is complete. If it ends at a
 * verification that is still reserved for the successor's number, that one is ended here. Owns one struct settle per
 * successor. Must never let the successor and the verification before both go on.
 */
#include "settle.h"

#include "base/log.h"
#include "successor.h"

#include <stdlib.h>

#define TOPIC "recover"

struct settle {
	const struct deliver_uses *u;
	struct store_record record;
	struct msisdn number;
	int64_t lease_end_ms;
	settle_fn fn;
	void *arg;
	struct successor find;
};

static void settle_free(struct settle *s)
{
	secret_wipe(s, sizeof(*s));
	free(s);
}

static void go_on(struct settle *s)
{
	s->fn(s->arg, &s->record, s->lease_end_ms);
	settle_free(s);
}

static void on_cancelled(void *arg, enum err err, const struct store_cancel_rep *rep)
{
	(void)arg;
	(void)err;
	(void)rep;
}

static void end(struct settle *s)
{
	log_info(TOPIC, "successor_cancelled: another number took its place, or the verification ended");
	/* If it is not cancelled, its lease runs out again. */
	const struct store_cancel_req req = { .id = s->record.id, .tenant_tag = s->record.tenant_tag };
	(void)!store_cancel(s->u->store, &req, on_cancelled, NULL);
	settle_free(s);
}

static void on_ended(void *arg, enum err err, const struct store_redirect_rep *rep)
{
	struct settle *s = arg;

	/* REDIRECTED: another process ended it in the meantime, and the next claim finds where that leads to. */
	if (err || rep->gone == STORE_REDIRECTED)
		settle_free(s);
	else if (rep->gone == STORE_LIVE)
		go_on(s);
	else
		end(s);
}

/* The verification before is live: it ends, if it is still reserved for this number. */
static void complete(struct settle *s, const struct ident *former)
{
	struct store_redirect_req req = { .id = *former,
		                          .tenant_tag = s->record.tenant_tag,
		                          .hard_end_ms = s->record.hard_end_ms };

	successor_tag(s->u->keys, former, &s->number, req.tag);
	if (keyring_seal_id(s->u->keys, former, &s->record.id, req.successor) != ERR_OK ||
	    store_redirect(s->u->store, &req, on_ended, s) != ERR_OK)
		settle_free(s);
}

static void on_found(void *arg, enum err err, const struct successor_rep *rep)
{
	struct settle *s = arg;

	if (err) {
		settle_free(s);
		return;
	}
	for (size_t i = 1; i < rep->length; i++) {
		if (ident_same(&rep->chain[i], &s->record.id)) {
			go_on(s);
			return;
		}
	}
	if (rep->gone == STORE_LIVE && rep->length <= SUCCESSOR_HOPS_MAX &&
	    store_effective_state(rep->record, store_now_ms(s->u->store)) == LIFECYCLE_PENDING)
		complete(s, successor_last(rep));
	else if (rep->gone == STORE_UNREADABLE)
		settle_free(s);
	else
		end(s);
}

void settle_start(const struct deliver_uses *u, const struct settle_req *req)
{
	struct settle *s = calloc(1, sizeof(*s));

	if (!s)
		return;
	s->u = u;
	s->record = *req->record;
	s->number = req->payload->number;
	s->lease_end_ms = req->lease_end_ms;
	s->fn = req->fn;
	s->arg = req->arg;
	s->find = (struct successor){ .fn = on_found, .arg = s };
	if (successor_find(&s->find, u->store, u->keys, req->record->tenant_tag, &req->payload->root) != ERR_OK)
		settle_free(s);
}
