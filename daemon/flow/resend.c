/*
 * resend: one more SMS of a live verification, with the same code.
 * Owns the opened payload until deliver has it; wipes it on every path.
 */
#include "resend.h"

#include "answer.h"
#include "args.h"
#include "base/log.h"
#include "deliver.h"
#include "funnel.h"
#include "limits.h"
#include "once.h"
#include "path.h"
#include "payload.h"
#include "query.h"
#include "service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOPIC "resend"

struct resend {
	struct flow *f;
	struct api_call *call;
	struct service_tenant *tenant;
	struct ident id;
	struct message_payload payload;
	struct store_resend_req req;
	uint8_t reqid_tag[KEYRING_TAG_LEN], sealed[KEYRING_SEALED_LEN];
	struct store_limits known;
	struct gate_pass pass;
	struct deliver_place place;
	bool full, placed; /* placed: a place is reserved */
};

static void resend_free(struct resend *r)
{
	if (r->placed)
		deliver_cancel(r->f->deliver, &r->place);
	gate_leave(r->f->gate, &r->pass);
	message_wipe(&r->payload);
	secret_wipe(r, sizeof(*r));
	free(r);
}

/* The SMSC whose SMS did not reach the person, as a mask. */
static uint32_t avoid_of(const struct flow *f, const struct store_record *record)
{
	int smsc = record->delivery == DELIVERY_DELIVERED ? -1 : smpp_smsc_find(f->smpp, record->smsc);

	return smsc < 0 ? 0 : UINT32_C(1) << smsc;
}

static void on_granted(struct resend *r, const struct store_resend_rep *rep)
{
	const struct store_record *record = rep->record;
	const struct deliver_order order = { .id = record->id,
		                             .payload = &r->payload,
		                             .avoid = avoid_of(r->f, record),
		                             .ttl_ms = record->ttl_ms,
		                             .hard_end_ms = record->hard_end_ms,
		                             .deadline_ms = record->deadline_ms,
		                             .sent_ms = record->sent_ms,
		                             .known = record->known,
		                             .lease_end_ms = rep->lease_end_ms };

	funnel_count(FUNNEL_RESENT);
	path_step(&record->id, "resent", "tenant=%s sends=%u", r->tenant->name, record->sends);
	r->tenant->sends++;
	if (r->placed) {
		r->placed = false;
		if (deliver_commit(r->f->deliver, &order, &r->place) != ERR_OK)
			log_error(TOPIC, "no_memory the journal sends it later");
	}
	if (r->full)
		query_full(r->f, r->call, &record->id);
	else
		answer_id(r->call, &record->id);
}

static void on_resent(void *arg, enum err err, const struct store_resend_rep *rep)
{
	struct resend *r = arg;
	struct answer_limit limit = { .code = "RATELIMITED", .scope = "number", .text = ANSWER_NUMBER_SENDS };

	if (err) {
		answer_unavailable(r->f, r->call);
		resend_free(r);
		return;
	}
	switch (rep->outcome) {
	case STORE_RESEND_GRANTED:
		on_granted(r, rep);
		break;
	case STORE_RESEND_REPLAYED:
		funnel_count(FUNNEL_REPLAYED);
		if (r->full)
			query_full(r->f, r->call, &rep->id);
		else
			answer_id(r->call, &rep->id);
		break;
	case STORE_RESEND_WAIT:
		limit.scope = "verification";
		limit.id = &r->id;
		limit.text = rep->none_left ? "this verification has no sends left"
		                            : "a code is on its way; wait before the next";
		/* fallthrough */
	case STORE_RESEND_LIMITED:
		funnel_count(FUNNEL_LIMITED);
		r->tenant->limited++;
		limit.retry_ms = rep->retry_ms;
		answer_limited(r->call, &limit);
		break;
	case STORE_RESEND_CONFLICT:
		answer_conflict(r->call, &rep->id);
		break;
	case STORE_RESEND_GONE:
		answer_gone(r->call, rep->gone, rep->gone_ms);
		break;
	}
	resend_free(r);
}

static void ask_store(struct resend *r)
{
	enum err err = store_resend(r->f->store, &r->req, on_resent, r);

	if (!err)
		return;
	gate_unasked(r->f->gate, r->call, GATE_SENDING, err);
	resend_free(r);
}

/* The code that lives may be longer than the one that this SEND asked for. False: answered. */
static bool fits(const struct flow *f, const struct resend_live *live, const struct code *code)
{
	char text[TEXT_SIZE_WORDS_CAP + 96], words[TEXT_SIZE_WORDS_CAP];
	size_t len = strlen(code->text);
	struct text_size size;

	if (text_fits(live->payload->text, len, f->opts.policy.charsets) == TEXT_OK)
		return true;
	text_fits_size(live->payload->text, len, &size);
	text_size_words(&size, f->opts.policy.charsets, words);
	snprintf(text, sizeof(text), "the text does not fit one SMS with the live code, which has %zu characters: %s",
	         len, words);
	answer_reason(live->call, "BADTEMPLATE", text_fault_name(TEXT_TOO_LONG), text);
	return false;
}

/* The live code, from the sealed payload of its record. False: answered. */
static bool open_code(const struct flow *f, const struct resend_live *live, struct code *code)
{
	struct message_payload old;
	bool good = payload_open(f, live->record, &old) == ERR_OK;

	/* What cannot be read is left as it is: no code takes its place. */
	if (!good)
		answer_unreadable(live->call);
	else
		*code = old.code;
	message_wipe(&old);
	return good && fits(f, live, code);
}

static enum err seal(struct resend *r, int64_t hard_end_ms)
{
	uint8_t packed[KEYRING_PAYLOAD_LEN];
	enum err err = message_pack(&r->payload, packed);

	if (!err)
		err = keyring_seal(r->f->keys, &r->id, hard_end_ms, packed, r->sealed);
	secret_wipe(packed, sizeof(packed));
	return err;
}

/* NULL: answered. */
static struct resend *resend_of(struct flow *f, const struct resend_live *live)
{
	struct resend *r = calloc(1, sizeof(*r));

	if (!r) {
		answer_internal(live->call, "no_memory");
		return NULL;
	}
	r->f = f;
	r->call = live->call;
	r->tenant = service_tenant(live->call);
	r->id = live->record->id;
	r->payload = *live->payload;
	r->req = live->req;
	r->req.id = r->id;
	r->full = live->full;
	if (live->req.once.reqid_tag) {
		memcpy(r->reqid_tag, live->req.once.reqid_tag, KEYRING_TAG_LEN);
		r->req.once.reqid_tag = r->reqid_tag;
	}
	if (live->known) {
		r->known = *live->known;
		r->req.known = &r->known;
	}
	return r;
}

void resend_live(struct flow *f, const struct resend_live *live)
{
	struct gate_pass pass = live->pass;
	struct deliver_place place = live->place;
	struct code code;
	struct resend *r = open_code(f, live, &code) ? resend_of(f, live) : NULL;

	if (!r) {
		code_wipe(&code);
		deliver_cancel(f->deliver, &place);
		gate_leave(f->gate, &pass);
		return;
	}
	r->payload.code = code;
	code_wipe(&code);
	r->pass = pass;
	r->place = place;
	r->placed = true;
	enum err err = seal(r, live->record->hard_end_ms);
	if (err) {
		answer_internal(r->call, err_name(err));
		resend_free(r);
		return;
	}
	r->req.sealed = r->sealed;
	ask_store(r);
}

/* False: answered. */
static bool reserve(struct resend *r, int route)
{
	struct flow *f = r->f;
	const struct deliver_ask ask = { .who = { r->tenant, api_call_client(r->call) },
		                         .route = route,
		                         .deadline_ms = r->req.deadline_ms };
	int64_t retry_ms;
	enum gate_reason reason = deliver_reserve(f->deliver, &ask, &r->place, &retry_ms);

	r->placed = reason == GATE_OPEN;
	if (!r->placed)
		gate_refuse(f->gate, r->call, reason, retry_ms);
	return r->placed;
}

/* OTP.RESEND knows the id alone: the record tells number and purpose, and so route and limits. */
static void on_record(void *arg, enum err err, const struct store_query_rep *rep)
{
	struct resend *r = arg;
	struct flow *f = r->f;

	if (err) {
		answer_unavailable(f, r->call);
		resend_free(r);
		return;
	}
	gate_answered(f->gate, &r->pass);
	if (rep->gone != STORE_LIVE) {
		answer_gone(r->call, rep->gone, rep->gone_ms);
		resend_free(r);
		return;
	}
	if (payload_open(f, rep->record, &r->payload) != ERR_OK) {
		answer_gone(r->call, STORE_UNREADABLE, 0);
		resend_free(r);
		return;
	}
	const struct policy_purpose *p = limits_purpose(&f->opts.policy, r->payload.purpose);
	r->req.deadline_ms =
	    (p->deadline_s < rep->record->ttl_ms / 2000 ? p->deadline_s * 1000U : rep->record->ttl_ms / 2);
	int route = smpp_route(f->smpp, &r->payload.number);
	/* An ended verification sends nothing, but a repeated request still gets its first answer from the store. */
	if (store_effective_state(rep->record, store_now_ms(f->store)) == LIFECYCLE_PENDING && route >= 0 &&
	    !reserve(r, route)) {
		resend_free(r);
		return;
	}
	ask_store(r);
}

void resend_start(struct flow *f, struct api_call *call)
{
	struct args a;
	struct ident id;

	if (!answer_read_id(f, call, &id) || !args_parse(call, &a) || !answer_promised(f, call))
		return;
	struct resend *r = calloc(1, sizeof(*r));
	if (!r) {
		answer_internal(call, "no_memory");
		return;
	}
	r->f = f;
	r->call = call;
	r->tenant = service_tenant(call);
	r->id = r->req.id = id;
	r->full = a.full;
	r->req.tenant_tag = r->tenant->tag;
	const struct once_id what = { "OTP.RESEND", &r->id, "", 0 };
	once_id(f, r->tenant->tag, &a, &what, (struct once_tags){ r->reqid_tag, r->req.once.args_tag });
	r->req.once.reqid_tag = a.given[ARGS_REQID] ? r->reqid_tag : NULL;
	r->req.once.memory_ms = f->opts.policy.idempotency_s * 1000U;
	if (!gate_enter(f->gate, call, GATE_SENDING, &r->pass)) {
		resend_free(r);
		return;
	}
	enum err err = store_query(f->store, &id, r->tenant->tag, on_record, r);
	if (!err)
		return;
	gate_unasked(f->gate, call, GATE_SENDING, err);
	resend_free(r);
}
