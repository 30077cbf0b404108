/*
 * inbound: handles the PDUs of the SMSC, one handler per command (SMPP 3.4 section 4). Each handler checks the state
 * before it reads the body. A receipt is answered after it is stored, and any other PDU at once. Owns nothing.
 */
#include "smpp/inbound.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "smpp/codec/coding.h"
#include "smpp/codec/receipt.h"
#include "smpp/keepalive.h"
#include "smpp/response.h"
#include "smpp/session.h"

#include <string.h>

#define TOPIC "smpp"
#define STATUS_INVALID_COMMAND 0x03
#define STATUS_NOT_BOUND 0x04
#define STATUS_TRY_AGAIN 0x64

static uint64_t make_token(const struct smpp_bind *b, const struct smpp_header *h)
{
	const struct smpp_token token = { b->smsc->index, h->command == SMPP_DATA_SM, b->epoch, h->sequence };

	return smpp_token_pack(&token);
}

void smpp_inbound_answer(struct smpp_bind *b, const struct smpp_token *token, bool stored)
{
	if (!smpp_token_of(token, b->epoch) || !b->link)
		return;
	uint32_t command = token->data_sm ? SMPP_DATA_SM_RESP : SMPP_DELIVER_SM_RESP;
	(void)smpp_bind_send(b, command, stored ? 0 : STATUS_TRY_AGAIN, token->sequence);
}

static void odd_command(const struct smpp_bind *b, const struct smpp_header *h)
{
	smpp_smsc_count_anomalies(b->smsc, UINT32_C(1) << SMPP_ANOMALY_COMMAND);
	log_debug(TOPIC, "unexpected command smsc=%s command=0x%08X state=%s", b->smsc->name, (unsigned)h->command,
	          smpp_bind_state_name(b->state));
}

static void add_readings(struct smpp_receipt *up, const struct smpp_msgid_forms *f, enum smpp_receipt_state state)
{
	for (size_t i = 0; i < f->count; i++)
		up->readings[up->reading_count++] = (struct smpp_reading){
			.id = f->id[i], .state = state, .mode = f->mode[i], .teaches = f->count > 1
		};
}

/* Passes a receipt up with each id that it names, in every form that the submit response may have used. */
static void hand_up(struct smpp_bind *b, const struct smpp_header *h, const struct smpp_deliver *d,
                    const struct smpp_receipt_text *r)
{
	const struct smpp_msgid *msgid = &b->smsc->msgid;
	struct smpp_msgid_forms forms[SMPP_RECEIPT_IDS];
	struct smpp_receipt up = { .smsc = b->smsc->index,
		                   .ids = { r->id, r->text_id },
		                   .error = r->error,
		                   .number = d->source,
		                   .to = d->destination,
		                   .token = make_token(b, h) };
	smpp_msgid_forms(msgid, r->id, &forms[0]);
	add_readings(&up, &forms[0], r->state);
	if (r->text_id[0]) {
		smpp_msgid_forms(msgid, r->text_id, &forms[1]);
		add_readings(&up, &forms[1], r->text_state);
	}
	stats_inc(b->smsc->receipts.of[r->state]);
	b->submits.carried = true;
	smpp_notifier_receipt(b->env->notifier, &up);
}

/* True if this SMSC takes messages of phones at the address. A "+" in front of it does not count. */
static bool has_address(const struct smpp_smsc *s, const char *to)
{
	to += to[0] == '+';
	for (size_t i = 0; i < s->o.mo_count; i++)
		if (strcmp(s->mo_to[i] + (s->mo_to[i][0] == '+'), to) == 0)
			return true;
	return false;
}

/*
 * Passes a message of a phone up. False: it is not for the daemon, and is answered here. Only esm_class tells it from
 * an acknowledgement, so a message type in it excludes it.
 */
static bool hand_up_mo(const struct smpp_bind *b, const struct smpp_header *h, const struct smpp_deliver *d)
{
	char text[SMPP_CODING_CAP];
	if (!b->smsc->o.mo_trusted || d->esm_class & 0x3C || !has_address(b->smsc, d->destination))
		return false;
	const struct smpp_mo mo = { .smsc = b->smsc->index,
		                    .from = d->source,
		                    .from_ton = d->source_ton,
		                    .text = text,
		                    .len = smpp_coding_mo(d, b->smsc->o.mo_packed, text),
		                    .token = make_token(b, h) };
	smpp_notifier_mo(b->env->notifier, &mo);
	secret_wipe(text, mo.len);
	return true;
}

static void on_delivery(struct smpp_bind *b, const struct smpp_header *h, const uint8_t *body)
{
	struct smpp_deliver d;
	struct smpp_receipt_text r;
	size_t len = h->length - SMPP_HEADER_LEN;
	if (h->command == SMPP_DATA_SM)
		smpp_decode_data_sm(body, len, &d);
	else
		smpp_decode_deliver_sm(body, len, &d);
	enum smpp_receipt_kind kind = smpp_receipt_parse(&d, &r);
	uint32_t anomalies = d.anomalies | (kind == SMPP_RECEIPT_NONE ? 0 : r.anomalies);
	if (anomalies)
		smpp_smsc_count_anomalies(b->smsc, anomalies);
	if (kind == SMPP_RECEIPT_NONE)
		stats_inc(b->smsc->mo);
	if (kind == SMPP_RECEIPT_NONE && hand_up_mo(b, h, &d))
		return;
	if (kind != SMPP_RECEIPT_OK) {
		(void)smpp_bind_send(b, h->command | SMPP_RESPONSE_BIT, 0, h->sequence);
		return;
	}
	hand_up(b, h, &d, &r);
}

static void on_pdu(struct smpp_bind *b, const struct smpp_header *h, const uint8_t *body);

/* Some SMSCs answer a bind with another command or sequence. The bind is the only request outstanding, so the response
 * is taken as its answer. */
static void odd_answer(const struct smpp_bind *b, const struct smpp_header *h)
{
	smpp_smsc_count_anomalies(b->smsc, UINT32_C(1) << SMPP_ANOMALY_BIND_ANSWER);
	log_info(TOPIC,
	         "bind answered with other fields smsc=%s bind=%u command=0x%08X wanted=0x%08X sequence=%u "
	         "wanted_sequence=%u",
	         b->smsc->name, b->number, (unsigned)h->command, (unsigned)(smpp_bind_command(b) | SMPP_RESPONSE_BIT),
	         (unsigned)h->sequence, (unsigned)b->bind_sequence);
}

/* Handles the PDUs that arrived before the bind response, in their order. */
static void take_early(struct smpp_bind *b)
{
	const struct smpp_link *link = b->link;
	struct smpp_header h;
	while (b->link == link && smpp_frame_next(buf_data(&b->early), buf_len(&b->early), &h) == SMPP_FRAME_WHOLE) {
		on_pdu(b, &h, buf_data(&b->early) + SMPP_HEADER_LEN);
		if (b->link == link)
			buf_consume(&b->early, h.length);
	}
}

static void on_bind_resp(struct smpp_bind *b, const struct smpp_header *h, const uint8_t *body)
{
	struct smpp_response resp;
	if (b->state != SMPP_STATE_BINDING) {
		odd_command(b, h);
		return;
	}
	if (h->sequence != b->bind_sequence || h->command != (smpp_bind_command(b) | SMPP_RESPONSE_BIT))
		odd_answer(b, h);
	smpp_decode_bind_resp(body, h->length - SMPP_HEADER_LEN, &resp);
	if (resp.anomalies)
		smpp_smsc_count_anomalies(b->smsc, resp.anomalies);
	if (h->status != 0) {
		smpp_session_refused(b, h->status);
		return;
	}
	smpp_session_bound(b);
	take_early(b);
}

/* Keeps a PDU until the bind response arrives. If there is no room, the SMSC is told to send it again. */
static void keep_early(struct smpp_bind *b, const struct smpp_header *h, const uint8_t *body)
{
	smpp_smsc_count_anomalies(b->smsc, UINT32_C(1) << SMPP_ANOMALY_COMMAND);
	if (buf_append(&b->early, body - SMPP_HEADER_LEN, h->length) != ERR_OK)
		(void)smpp_bind_send(b, h->command | SMPP_RESPONSE_BIT, STATUS_TRY_AGAIN, h->sequence);
}

static void enquire_answered(struct smpp_bind *b)
{
	b->enquire_sequence = 0;
	smpp_keepalive_rearm(b);
	smpp_notifier_room(b->env->notifier);
}

/* An error status means that the SMSC does not regard this session as bound, whichever enquire_link it answers. */
static void on_enquire_resp(struct smpp_bind *b, const struct smpp_header *h)
{
	if (h->status) {
		log_warn(TOPIC, "enquire_link refused smsc=%s bind=%u status=0x%08X", b->smsc->name, b->number,
		         (unsigned)h->status);
		smpp_bind_fail(b, "enquire_link refused");
	} else if (b->enquire_sequence && h->sequence == b->enquire_sequence) {
		enquire_answered(b);
	}
}

static void on_nack(struct smpp_bind *b, const struct smpp_header *h)
{
	if (b->state == SMPP_STATE_BINDING) {
		smpp_session_refused(b, h->status ? h->status : STATUS_INVALID_COMMAND);
	} else if (b->enquire_sequence && h->sequence == b->enquire_sequence && h->status == STATUS_NOT_BOUND) {
		on_enquire_resp(b, h);
	} else if (b->enquire_sequence && h->sequence == b->enquire_sequence) {
		enquire_answered(b); /* the SMSC does not support enquire_link, but it answers */
	} else if (!smpp_response_nack(&b->submits, h) && !b->drained_ms) {
		log_warn(TOPIC, "generic_nack matches no request smsc=%s status=0x%08X", b->smsc->name,
		         (unsigned)h->status);
		smpp_keepalive_drain(b, "generic_nack: framing may be lost");
	}
}

static void on_unbind(struct smpp_bind *b, const struct smpp_header *h)
{
	b->unbind_asked = true;
	b->unbind_sequence = h->sequence;
	smpp_keepalive_drain(b, "unbound by peer");
}

static void on_unknown(struct smpp_bind *b, const struct smpp_header *h)
{
	odd_command(b, h);
	if (!(h->command & SMPP_RESPONSE_BIT))
		(void)smpp_bind_send(b, SMPP_GENERIC_NACK, STATUS_INVALID_COMMAND, h->sequence);
}

static void on_pdu(struct smpp_bind *b, const struct smpp_header *h, const uint8_t *body)
{
	bool bound = b->state == SMPP_STATE_BOUND || b->state == SMPP_STATE_UNBINDING;
	switch (h->command) {
	case SMPP_SUBMIT_SM_RESP:
		if (bound)
			smpp_response_take(&b->submits, h, body);
		else
			odd_command(b, h);
		break;
	case SMPP_DELIVER_SM:
	case SMPP_DATA_SM:
		if (bound)
			on_delivery(b, h, body);
		else if (b->state == SMPP_STATE_BINDING)
			keep_early(b, h, body);
		else
			(void)smpp_bind_send(b, h->command | SMPP_RESPONSE_BIT, STATUS_NOT_BOUND, h->sequence);
		break;
	case SMPP_ENQUIRE_LINK:
		(void)smpp_bind_send(b, SMPP_ENQUIRE_LINK_RESP, 0, h->sequence);
		break;
	case SMPP_ENQUIRE_LINK_RESP:
		on_enquire_resp(b, h);
		break;
	case SMPP_BIND_TRANSCEIVER_RESP:
	case SMPP_BIND_TRANSMITTER_RESP:
	case SMPP_BIND_RECEIVER_RESP:
		on_bind_resp(b, h, body);
		break;
	case SMPP_GENERIC_NACK:
		on_nack(b, h);
		break;
	case SMPP_UNBIND:
		on_unbind(b, h);
		break;
	case SMPP_UNBIND_RESP:
		if (b->state == SMPP_STATE_UNBINDING)
			smpp_bind_fail(b, "stopped");
		else
			odd_command(b, h);
		break;
	case SMPP_ALERT_NOTIFICATION:
	case SMPP_OUTBIND:
		odd_command(b, h); /* neither has a response */
		break;
	default:
		on_unknown(b, h);
	}
}

void smpp_inbound_data(void *session, struct buf *in)
{
	struct smpp_bind *b = session;
	const struct smpp_link *link = b->link;
	int64_t now_ms = clock_mono_ms();
	struct smpp_header h;
	enum smpp_frame frame;
	while ((frame = smpp_frame_next(buf_data(in), buf_len(in), &h)) == SMPP_FRAME_WHOLE) {
		smpp_keepalive_heard(b, now_ms);
		on_pdu(b, &h, buf_data(in) + SMPP_HEADER_LEN);
		if (b->link != link)
			return;
		buf_consume(in, h.length);
	}
	if (frame == SMPP_FRAME_BAD) {
		smpp_bind_fail(b, "command_length out of range");
		return;
	}
	if (buf_len(in) == 0) {
		b->partial_ms = 0;
	} else if (!b->partial_ms) {
		b->partial_ms = now_ms;
		smpp_keepalive_rearm(b);
	}
}
