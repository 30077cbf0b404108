/*
 * sending: begins and ends a SEND or RESEND, and gives the answers that both have. Owns one struct send per request
 * under way, and with it the clear code until deliver has copied it: sending_free wipes the code on every path. It also
 * gives back the place in the queue and the pass of overload if they are still held.
 */
#include "sending.h"

#include "base/log.h"
#include "entry.h"
#include "flow/deliver/deliver.h"
#include "flow/guard/tenants.h"
#include "ops/funnel.h"
#include "query.h"

#include <stdlib.h>

#define TOPIC "send"

struct send *sending_new(const struct ask_uses *u, struct api_call *call)
{
	struct send *s = calloc(1, sizeof(*s));

	if (!s) {
		answer_internal(call, "no_memory");
		return NULL;
	}
	s->u = u;
	s->call = call;
	s->tenant = tenants_of(call);
	return s;
}

void sending_free(struct send *s)
{
	deliver_cancel(s->u->deliver, &s->place);
	overload_leave(s->u->overload, &s->pass);
	secret_wipe(s, sizeof(*s));
	free(s);
}

bool sending_reserve(struct send *s, int route, int64_t deadline_ms)
{
	const struct deliver_ask ask = { .who = { s->tenant, api_call_client(s->call) },
		                         .route = route,
		                         .deadline_ms = deadline_ms };
	struct overload_refusal refusal;

	refusal.reason = deliver_reserve(s->u->deliver, &ask, &s->place, &refusal.retry_ms);
	if (refusal.reason != OVERLOAD_NONE)
		entry_refuse(s->u, s->call, OVERLOAD_SENDING, &refusal);
	return refusal.reason == OVERLOAD_NONE;
}

void sending_commit(struct send *s, const struct deliver_order *order)
{
	s->tenant->sends++;
	if (s->place.reserved && deliver_commit(s->u->deliver, order, &s->place) != ERR_OK)
		log_error(TOPIC, "no_memory_for_message: it is sent when its lease runs out");
}

void sending_leave(struct send *s, const struct ident *id)
{
	s->tenant->sends++;
	store_unreadable(s->u->store, "template", id);
	store_release(s->u->store, id,
	              &(struct store_handed){ .in_ms = DELIVER_LEAVE_MS, .unsent = true, .reason = REASON_TEMPLATE });
}

void sending_answer(struct send *s, const struct ident *id)
{
	if (s->full)
		query_full(s->u, s->call, id);
	else
		answer_id(s->call, id);
}

void sending_replayed(struct send *s, const struct ident *id)
{
	funnel_count(FUNNEL_REPLAYED);
	sending_answer(s, id);
}

void sending_refused(struct send *s, const struct answer_limit *limit)
{
	s->tenant->limited++;
	funnel_count(FUNNEL_LIMITED);
	answer_limited(s->call, limit);
}
