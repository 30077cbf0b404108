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

/* smsc 5 bits, data_sm 1, epoch 26, sequence 32. */
#define EPOCH_MASK UINT32_C(0x3FFFFFF)

static uint64_t make_token(const struct smpp_session *s, const struct smpp_header *h)
{
	return (uint64_t)(s->account->index & 31) << 59 | (uint64_t)(h->command == SMPP_DATA_SM) << 58 |
	       (uint64_t)(s->epoch & EPOCH_MASK) << 32 | h->sequence;
}

void smpp_inbound_answer(struct smpp_session *s, uint64_t token, bool stored)
{
	if ((uint32_t)(token >> 32 & EPOCH_MASK) != (s->epoch & EPOCH_MASK) || !s->link)
		return;
	uint32_t command = token >> 58 & 1 ? SMPP_DATA_SM_RESP : SMPP_DELIVER_SM_RESP;
	(void)smpp_session_send(s, command, stored ? 0 : STATUS_TRY_AGAIN, (uint32_t)token);
}

static void odd_command(const struct smpp_session *s, const struct smpp_header *h)
{
	smpp_account_count_anomalies(s->account, UINT32_C(1) << SMPP_ANOMALY_COMMAND);
	log_debug(TOPIC, "unexpected command smsc=%s command=0x%08X state=%s", s->account->name, (unsigned)h->command,
	          smpp_state_name(s->state));
}

/* The id in the form of the response's, and what else it may be. */
static void hand_up(struct smpp_session *s, const struct smpp_header *h, const struct smpp_deliver *d,
                    const struct smpp_receipt_text *r)
{
	struct smpp_msgid_forms forms;
	smpp_msgid_forms(&s->account->msgid, r->id, &forms);
	struct smpp_receipt up = { .smsc = s->account->index,
		                   .message_id = forms.id[0],
		                   .state = r->state,
		                   .error = r->error,
		                   .number = d->source,
		                   .to = d->destination,
		                   .token = make_token(s, h) };
	for (size_t i = 1; i < forms.count; i++)
		up.alias[forms.mode[i] - 1] = forms.id[i];
	smpp_account_count_receipt(s->account, smpp_receipt_state_name(r->state));
	s->hooks.on_receipt(s->hooks.arg, &up);
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
	if (kind != SMPP_RECEIPT_OK) {
		stats_inc(s->account->mo);
		(void)smpp_session_send(s, h->command | SMPP_RESPONSE_BIT, 0, h->sequence);
		return;
	}
	hand_up(s, h, &d, &r);
}

static void on_bind_resp(struct smpp_session *s, const struct smpp_header *h, const uint8_t *body)
{
	struct smpp_response resp;
	if (s->state != SMPP_STATE_BINDING || h->sequence != s->bind_sequence ||
	    h->command != (smpp_session_bind_command(s) | SMPP_RESPONSE_BIT)) {
		odd_command(s, h);
		return;
	}
	smpp_decode_bind_resp(body, h->length - SMPP_HEADER_LEN, &resp);
	if (resp.anomalies)
		smpp_account_count_anomalies(s->account, resp.anomalies);
	if (h->status == 0)
		smpp_session_bound(s);
	else
		smpp_session_refused(s, h->status);
}

static void enquire_answered(struct smpp_session *s)
{
	s->enquire_sequence = 0;
	s->traffic.silent = 0;
	smpp_session_rearm(s);
	s->hooks.on_room(s->hooks.arg);
}

static void on_nack(struct smpp_session *s, const struct smpp_header *h)
{
	if (s->state == SMPP_STATE_BINDING) {
		smpp_session_refused(s, h->status ? h->status : STATUS_INVALID_COMMAND);
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
		else
			(void)smpp_session_send(s, h->command | SMPP_RESPONSE_BIT, STATUS_NOT_BOUND, h->sequence);
		break;
	case SMPP_ENQUIRE_LINK:
		(void)smpp_session_send(s, SMPP_ENQUIRE_LINK_RESP, 0, h->sequence);
		break;
	case SMPP_ENQUIRE_LINK_RESP:
		if (s->enquire_sequence && h->sequence == s->enquire_sequence)
			enquire_answered(s);
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
