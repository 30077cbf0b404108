/*
 * inbound: what the SMSC sends, one handler a command. SMPP 3.4 section 4.
 * The state is checked before the body is looked at. A receipt is answered when it is stored, anything else at once.
 */
#include "smpp/inbound.h"
#include "base/clock.h"
#include "base/log.h"

#include <string.h>

#define TOPIC "smpp"
#define STATUS_INVALID_COMMAND 0x03
#define STATUS_NOT_BOUND 0x04
#define STATUS_TRY_AGAIN 0x64

static uint64_t make_token(const struct smpp_session *s, const struct smpp_header *h)
{
	const struct smpp_token token = { s->account->index, h->command == SMPP_DATA_SM, s->epoch, h->sequence };

	return smpp_token_pack(&token);
}

void smpp_inbound_answer(struct smpp_session *s, const struct smpp_token *token, bool stored)
{
	if (!smpp_token_of(token, s->epoch) || !s->link)
		return;
	uint32_t command = token->data_sm ? SMPP_DATA_SM_RESP : SMPP_DELIVER_SM_RESP;
	(void)smpp_session_send(s, command, stored ? 0 : STATUS_TRY_AGAIN, token->sequence);
}

static void odd_command(const struct smpp_session *s, const struct smpp_header *h)
{
	smpp_account_count_anomalies(s->account, UINT32_C(1) << SMPP_ANOMALY_COMMAND);
	log_debug(TOPIC, "unexpected command smsc=%s command=0x%08X state=%s", s->account->name, (unsigned)h->command,
	          smpp_state_name(s->state));
}

static void add_readings(struct smpp_receipt *up, const struct smpp_msgid_forms *f, enum smpp_receipt_state state)
{
	for (size_t i = 0; i < f->count; i++)
		up->readings[up->reading_count++] = (struct smpp_reading){
			.id = f->id[i], .state = state, .mode = f->mode[i], .teaches = f->count > 1
		};
}

/* Each id that it names, in the forms that the response may have had. */
static void hand_up(struct smpp_session *s, const struct smpp_header *h, const struct smpp_deliver *d,
                    const struct smpp_receipt_text *r)
{
	const struct smpp_msgid *msgid = &s->account->msgid;
	struct smpp_msgid_forms forms[SMPP_RECEIPT_IDS];
	struct smpp_receipt up = { .smsc = s->account->index,
		                   .ids = { r->id, r->text_id },
		                   .error = r->error,
		                   .number = d->source,
		                   .to = d->destination,
		                   .token = make_token(s, h) };
	smpp_msgid_forms(msgid, r->id, &forms[0]);
	add_readings(&up, &forms[0], r->state);
	if (r->text_id[0]) {
		smpp_msgid_forms(msgid, r->text_id, &forms[1]);
		add_readings(&up, &forms[1], r->text_state);
	}
	smpp_account_count_receipt(s->account, smpp_receipt_state_name(r->state));
	s->traffic.carried = true;
	smpp_notifier_receipt(s->env->notifier, &up);
}

static void on_delivery(struct smpp_session *s, const struct smpp_header *h, const uint8_t *body)
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
		smpp_account_count_anomalies(s->account, anomalies);
	if (kind == SMPP_RECEIPT_NONE)
		stats_inc(s->account->mo);
	if (kind != SMPP_RECEIPT_OK) {
		(void)smpp_session_send(s, h->command | SMPP_RESPONSE_BIT, 0, h->sequence);
		return;
	}
	hand_up(s, h, &d, &r);
}

static void on_pdu(struct smpp_session *s, const struct smpp_header *h, const uint8_t *body);

/* Nothing but the bind is outstanding: whatever answers a bind answers this one. */
static void odd_answer(const struct smpp_session *s, const struct smpp_header *h)
{
	smpp_account_count_anomalies(s->account, UINT32_C(1) << SMPP_ANOMALY_BIND_ANSWER);
	log_info(TOPIC,
	         "bind answered with other fields smsc=%s bind=%u command=0x%08X wanted=0x%08X sequence=%u "
	         "wanted_sequence=%u",
	         s->account->name, s->number, (unsigned)h->command,
	         (unsigned)(smpp_session_bind_command(s) | SMPP_RESPONSE_BIT), (unsigned)h->sequence,
	         (unsigned)s->bind_sequence);
}

/* What came ahead of the answer to the bind is taken now, in its order. */
static void take_early(struct smpp_session *s)
{
	const struct smpp_link *link = s->link;
	struct smpp_header h;
	while (s->link == link && smpp_frame_next(buf_data(&s->early), buf_len(&s->early), &h) == SMPP_FRAME_WHOLE) {
		on_pdu(s, &h, buf_data(&s->early) + SMPP_HEADER_LEN);
		if (s->link == link)
			buf_consume(&s->early, h.length);
	}
}

static void on_bind_resp(struct smpp_session *s, const struct smpp_header *h, const uint8_t *body)
{
	struct smpp_response resp;
	if (s->state != SMPP_STATE_BINDING) {
		odd_command(s, h);
		return;
	}
	if (h->sequence != s->bind_sequence || h->command != (smpp_session_bind_command(s) | SMPP_RESPONSE_BIT))
		odd_answer(s, h);
	smpp_decode_bind_resp(body, h->length - SMPP_HEADER_LEN, &resp);
	if (resp.anomalies)
		smpp_account_count_anomalies(s->account, resp.anomalies);
	if (h->status != 0) {
		smpp_session_refused(s, h->status);
		return;
	}
	smpp_session_bound(s);
	take_early(s);
}

/* It waits for the answer to the bind. More of them than are kept: the SMSC sends them again. */
static void keep_early(struct smpp_session *s, const struct smpp_header *h, const uint8_t *body)
{
	smpp_account_count_anomalies(s->account, UINT32_C(1) << SMPP_ANOMALY_COMMAND);
	if (buf_append(&s->early, body - SMPP_HEADER_LEN, h->length) != ERR_OK)
		(void)smpp_session_send(s, h->command | SMPP_RESPONSE_BIT, STATUS_TRY_AGAIN, h->sequence);
}

static void enquire_answered(struct smpp_session *s)
{
	s->enquire_sequence = 0;
	smpp_session_rearm(s);
	smpp_notifier_room(s->env->notifier);
}

/* A status tells that the SMSC does not take us for bound, whichever enquire_link it answers. */
static void on_enquire_resp(struct smpp_session *s, const struct smpp_header *h)
{
	if (h->status) {
		log_warn(TOPIC, "enquire_link refused smsc=%s bind=%u status=0x%08X", s->account->name, s->number,
		         (unsigned)h->status);
		smpp_session_fail(s, "enquire_link refused");
	} else if (s->enquire_sequence && h->sequence == s->enquire_sequence) {
		enquire_answered(s);
	}
}

static void on_nack(struct smpp_session *s, const struct smpp_header *h)
{
	if (s->state == SMPP_STATE_BINDING) {
		smpp_session_refused(s, h->status ? h->status : STATUS_INVALID_COMMAND);
	} else if (s->enquire_sequence && h->sequence == s->enquire_sequence && h->status == STATUS_NOT_BOUND) {
		on_enquire_resp(s, h);
	} else if (s->enquire_sequence && h->sequence == s->enquire_sequence) {
		enquire_answered(s); /* it does not know enquire_link, but it lives */
	} else if (!smpp_traffic_nack(&s->traffic, h) && !s->condemned_ms) {
		log_warn(TOPIC, "generic_nack of nothing smsc=%s status=0x%08X", s->account->name, (unsigned)h->status);
		smpp_session_condemn(s, "generic_nack: framing may be lost");
	}
}

static void on_unbind(struct smpp_session *s, const struct smpp_header *h)
{
	s->unbind_asked = true;
	s->unbind_sequence = h->sequence;
	smpp_session_condemn(s, "unbound by peer");
}

static void on_unknown(struct smpp_session *s, const struct smpp_header *h)
{
	odd_command(s, h);
	if (!(h->command & SMPP_RESPONSE_BIT))
		(void)smpp_session_send(s, SMPP_GENERIC_NACK, STATUS_INVALID_COMMAND, h->sequence);
}

static void on_pdu(struct smpp_session *s, const struct smpp_header *h, const uint8_t *body)
{
	bool bound = s->state == SMPP_STATE_BOUND || s->state == SMPP_STATE_UNBINDING;
	switch (h->command) {
	case SMPP_SUBMIT_SM_RESP:
		if (bound)
			smpp_traffic_response(&s->traffic, h, body);
		else
			odd_command(s, h);
		break;
	case SMPP_DELIVER_SM:
	case SMPP_DATA_SM:
		if (bound)
			on_delivery(s, h, body);
		else if (s->state == SMPP_STATE_BINDING)
			keep_early(s, h, body);
		else
			(void)smpp_session_send(s, h->command | SMPP_RESPONSE_BIT, STATUS_NOT_BOUND, h->sequence);
		break;
	case SMPP_ENQUIRE_LINK:
		(void)smpp_session_send(s, SMPP_ENQUIRE_LINK_RESP, 0, h->sequence);
		break;
	case SMPP_ENQUIRE_LINK_RESP:
		on_enquire_resp(s, h);
		break;
	case SMPP_BIND_TRANSCEIVER_RESP:
	case SMPP_BIND_TRANSMITTER_RESP:
	case SMPP_BIND_RECEIVER_RESP:
		on_bind_resp(s, h, body);
		break;
	case SMPP_GENERIC_NACK:
		on_nack(s, h);
		break;
	case SMPP_UNBIND:
		on_unbind(s, h);
		break;
	case SMPP_UNBIND_RESP:
		if (s->state == SMPP_STATE_UNBINDING)
			smpp_session_fail(s, "stopped");
		else
			odd_command(s, h);
		break;
	case SMPP_ALERT_NOTIFICATION:
	case SMPP_OUTBIND:
		odd_command(s, h); /* neither has a response */
		break;
	default:
		on_unknown(s, h);
	}
}

void smpp_inbound_data(void *session, struct buf *in)
{
	struct smpp_session *s = session;
	const struct smpp_link *link = s->link;
	int64_t now_ms = clock_mono_ms();
	struct smpp_header h;
	enum smpp_frame frame;
	while ((frame = smpp_frame_next(buf_data(in), buf_len(in), &h)) == SMPP_FRAME_WHOLE) {
		smpp_session_heard(s, now_ms);
		on_pdu(s, &h, buf_data(in) + SMPP_HEADER_LEN);
		if (s->link != link)
			return;
		buf_consume(in, h.length);
	}
	if (frame == SMPP_FRAME_BAD) {
		smpp_session_fail(s, "command_length out of range");
		return;
	}
	if (buf_len(in) == 0) {
		s->partial_ms = 0;
	} else if (!s->partial_ms) {
		s->partial_ms = now_ms;
		smpp_session_rearm(s);
	}
}
