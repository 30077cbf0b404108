/*
 * decode: reads the bodies of inbound PDUs with one cursor, which cannot pass the end. A missing field reads as empty
 * or zero. Pure.
 */
#include "smpp/codec/decode.h"
#include "smpp/codec/tlv.h"

#include <stdio.h>
#include <string.h>

struct cursor {
	const uint8_t *at, *end;
	uint32_t anomalies;
};

static void note(uint32_t *anomalies, enum smpp_anomaly a)
{
	*anomalies |= UINT32_C(1) << (unsigned)a;
}

const char *smpp_anomaly_name(enum smpp_anomaly a)
{
	static const char *const names[SMPP_ANOMALY_MAX] = {
		[SMPP_ANOMALY_LONG_STRING] = "long_string",
		[SMPP_ANOMALY_NO_NUL] = "no_nul",
		[SMPP_ANOMALY_SHORT_BODY] = "short_body",
		[SMPP_ANOMALY_SM_LENGTH] = "sm_length",
		[SMPP_ANOMALY_TLV] = "tlv",
		[SMPP_ANOMALY_TLV_MANY] = "tlv_many",
		[SMPP_ANOMALY_TLV_UNKNOWN] = "tlv_unknown",
		[SMPP_ANOMALY_NO_ID] = "no_id",
		[SMPP_ANOMALY_ERROR_BODY] = "error_body",
		[SMPP_ANOMALY_CONFLICT] = "receipt_conflict",
		[SMPP_ANOMALY_STATE] = "receipt_state",
		[SMPP_ANOMALY_BIND_ANSWER] = "bind_answer",
		[SMPP_ANOMALY_COMMAND] = "command",
		[SMPP_ANOMALY_UNREADABLE] = "receipt_unreadable",
	};
	return (unsigned)a < SMPP_ANOMALY_MAX ? names[a] : "unknown";
}

static uint8_t take_u8(struct cursor *c)
{
	if (c->at == c->end) {
		note(&c->anomalies, SMPP_ANOMALY_SHORT_BODY);
		return 0;
	}
	return *c->at++;
}

/*
 * Reads a C-string of at most cap - 1 octets into out. A longer one is cut, but read up to its NUL. out NULL: it is
 * skipped.
 */
static void take_string(struct cursor *c, char *out, size_t cap)
{
	if (out)
		memset(out, 0, cap);
	size_t left = (size_t)(c->end - c->at);
	if (left == 0) {
		note(&c->anomalies, SMPP_ANOMALY_SHORT_BODY);
		return;
	}
	const uint8_t *nul = memchr(c->at, 0, left);
	size_t len = nul ? (size_t)(nul - c->at) : left;
	if (!nul)
		note(&c->anomalies, SMPP_ANOMALY_NO_NUL);
	if (len >= cap)
		note(&c->anomalies, SMPP_ANOMALY_LONG_STRING);
	if (out)
		memcpy(out, c->at, len < cap ? len : cap - 1);
	c->at += nul ? len + 1 : len;
}

/* Copies the id without trailing NULs, spaces and line ends. */
static void copy_id(struct smpp_deliver *d, const struct smpp_tlv *t)
{
	size_t len = 0;
	const uint8_t *nul = t->len ? memchr(t->value, 0, t->len) : NULL;
	if (t->len)
		len = nul ? (size_t)(nul - t->value) : t->len;
	while (len > 0 && (t->value[len - 1] == ' ' || t->value[len - 1] == '\r' || t->value[len - 1] == '\n'))
		len--;
	if (len >= sizeof d->receipted_id) {
		note(&d->anomalies, SMPP_ANOMALY_LONG_STRING);
		len = sizeof d->receipted_id - 1;
	}
	memset(d->receipted_id, 0, sizeof d->receipted_id);
	if (len)
		memcpy(d->receipted_id, t->value, len);
	d->has_receipted_id = true;
}

/* Prints "n3:258": the network type (3 is GSM) and its error code. A type that the standard does not know
 * is left out. */
static void print_network_error(struct smpp_deliver *d, const uint8_t value[3])
{
	unsigned code = (unsigned)value[1] << 8 | value[2];
	if (value[0] < 10)
		snprintf(d->error, sizeof d->error, "n%u:%u", (unsigned)value[0], code);
	else
		snprintf(d->error, sizeof d->error, "n:%u", code);
}

/*
 * Returns message_state. The standard has one octet. Some SMSCs write two or four, mostly big-endian. A value that does
 * not fit an int becomes one without a meaning.
 */
static int state_of(const struct smpp_tlv *t)
{
	uint32_t value = 0;
	bool first_alone = true;
	for (uint16_t i = 0; i < t->len; i++) {
		value = value << 8 | t->value[i];
		first_alone = first_alone && (i == 0 || t->value[i] == 0);
	}
	if (first_alone)
		value = t->value[0];
	return value > INT16_MAX ? INT16_MAX : (int)value;
}

static void deliver_tlv(struct smpp_deliver *d, const struct smpp_tlv *t)
{
	switch (t->tag) {
	case SMPP_TLV_RECEIPTED_MESSAGE_ID:
		copy_id(d, t);
		break;
	case SMPP_TLV_MESSAGE_STATE:
		if (t->len >= 1 && t->len <= 4)
			d->message_state = state_of(t);
		else
			note(&d->anomalies, SMPP_ANOMALY_TLV);
		break;
	case SMPP_TLV_NETWORK_ERROR_CODE:
		if (t->len >= 3)
			print_network_error(d, t->value);
		break;
	case SMPP_TLV_MESSAGE_PAYLOAD:
		d->text = t->value;
		d->text_len = t->len;
		break;
	default:
		if (!smpp_tlv_name(t->tag))
			note(&d->anomalies, SMPP_ANOMALY_TLV_UNKNOWN);
	}
}

static void end_walk(const struct smpp_tlv_walk *w, uint32_t *anomalies)
{
	if (w->malformed)
		note(anomalies, SMPP_ANOMALY_TLV);
	if (w->excess)
		note(anomalies, SMPP_ANOMALY_TLV_MANY);
}

static void take_deliver_tlvs(struct cursor *c, struct smpp_deliver *d)
{
	struct smpp_tlv_walk w;
	struct smpp_tlv t;
	d->anomalies |= c->anomalies;
	smpp_tlv_init(&w, c->at, (size_t)(c->end - c->at));
	while (smpp_tlv_next(&w, &t))
		deliver_tlv(d, &t);
	end_walk(&w, &d->anomalies);
}

static void take_addresses(struct cursor *c, struct smpp_deliver *out, size_t cap)
{
	take_string(c, NULL, 6);
	out->source_ton = take_u8(c);
	out->source_npi = take_u8(c);
	take_string(c, out->source, cap);
	out->destination_ton = take_u8(c);
	out->destination_npi = take_u8(c);
	take_string(c, out->destination, cap);
	out->esm_class = take_u8(c);
}

void smpp_decode_deliver_sm(const uint8_t *body, size_t len, struct smpp_deliver *out)
{
	struct cursor c = { .at = body, .end = len ? body + len : body };
	*out = (struct smpp_deliver){ .message_state = -1 };
	take_addresses(&c, out, 21);
	(void)take_u8(&c); /* protocol_id */
	(void)take_u8(&c); /* priority_flag */
	take_string(&c, NULL, 17);
	take_string(&c, NULL, 17);
	(void)take_u8(&c); /* registered_delivery */
	(void)take_u8(&c); /* replace_if_present_flag */
	out->data_coding = take_u8(&c);
	(void)take_u8(&c); /* sm_default_msg_id */
	size_t sm_len = take_u8(&c), left = (size_t)(c.end - c.at);
	if (sm_len > left) {
		note(&c.anomalies, SMPP_ANOMALY_SM_LENGTH);
		sm_len = left;
	}
	out->text = c.at;
	out->text_len = sm_len;
	if (sm_len)
		c.at += sm_len;
	take_deliver_tlvs(&c, out);
}

void smpp_decode_data_sm(const uint8_t *body, size_t len, struct smpp_deliver *out)
{
	struct cursor c = { .at = body, .end = len ? body + len : body };
	*out = (struct smpp_deliver){ .message_state = -1 };
	take_addresses(&c, out, SMPP_ADDRESS_CAP);
	(void)take_u8(&c); /* registered_delivery */
	out->data_coding = take_u8(&c);
	take_deliver_tlvs(&c, out);
}

static void take_response(struct cursor *c, struct smpp_response *out, size_t id_cap)
{
	struct smpp_tlv_walk w;
	struct smpp_tlv t;
	take_string(c, out->id, id_cap);
	out->anomalies = c->anomalies;
	smpp_tlv_init(&w, c->at, (size_t)(c->end - c->at));
	while (smpp_tlv_next(&w, &t)) {
		if (t.tag == SMPP_TLV_CONGESTION_STATE && t.len == 1)
			out->congestion = t.value[0] > 100 ? 100 : t.value[0];
		else if (t.tag == SMPP_TLV_CONGESTION_STATE)
			note(&out->anomalies, SMPP_ANOMALY_TLV);
		else if (!smpp_tlv_name(t.tag))
			note(&out->anomalies, SMPP_ANOMALY_TLV_UNKNOWN);
	}
	end_walk(&w, &out->anomalies);
}

void smpp_decode_bind_resp(const uint8_t *body, size_t len, struct smpp_response *out)
{
	struct cursor c = { .at = body, .end = len ? body + len : body };
	*out = (struct smpp_response){ .congestion = -1 };
	if (len)
		take_response(&c, out, SMPP_SYSTEM_ID_CAP);
}

void smpp_decode_submit_resp(const uint8_t *body, size_t len, uint32_t status, struct smpp_response *out)
{
	struct cursor c = { .at = body, .end = len ? body + len : body };
	*out = (struct smpp_response){ .congestion = -1 };
	if (len)
		take_response(&c, out, sizeof out->id);
	if (status == 0 && !out->id[0])
		note(&out->anomalies, SMPP_ANOMALY_NO_ID);
	if (status != 0 && out->id[0])
		note(&out->anomalies, SMPP_ANOMALY_ERROR_BODY);
}
