/*
 * receipt: builds the PDUs that tell what became of a message: deliver_sm or data_sm, text and TLVs, as asked for.
 */
#include "smsc.h"

#include "dialect.h"
#include "ids.h"

#include <string.h>

enum { TAG_PAYLOAD = 0x0424, TAG_ERROR = 0x0423, TAG_STATE = 0x0427, TAG_ID = 0x001E };

static void put_addresses(struct out *out, const struct receipt *r)
{
	out_bytes(out, "\1\1", 2);
	out_cstring(out, r->source);
	out_bytes(out, "\5\0", 2);
	out_cstring(out, r->destination);
}

static void put_many(struct out *out)
{
	for (unsigned i = 0; i < 400; i++)
		out_tlv(out, 0x1500 + i, "x", 1);
}

static void put_id(struct out *out, const char *id, uint32_t bits)
{
	char padded[ID_TEXT_MAX + 4];
	size_t len = strlen(id);

	memcpy(padded, id, len);
	memcpy(padded + len, "   ", 4);
	if (bits & RCPT_PADDED)
		out_tlv(out, TAG_ID, padded, len + 3);
	else
		out_tlv(out, TAG_ID, id, len + 1);
}

static void put_state(struct out *out, const struct receipt *r)
{
	size_t len = r->state_octets ? r->state_octets : 1;
	uint8_t state[4] = { 0 };

	if (len > sizeof(state))
		len = sizeof(state);
	state[len - 1] = r->bits & RCPT_STATE_ZERO ? 0 : state_code(r->state);
	out_tlv(out, TAG_STATE, state, len);
}

static void put_tlvs(struct out *out, const struct receipt *r, const char *id, uint32_t form)
{
	if (r->bits & RCPT_TLVS)
		put_many(out);
	if (r->bits & RCPT_VENDOR) {
		out_tlv(out, 0x1403, "51001", 5);
		out_tlv(out, 0x2001, "", 0);
		out_tlv(out, 0x3177, "\0\1\2\3", 4);
	}
	if (form != FORM_TEXT && !(r->bits & RCPT_NO_ID))
		put_id(out, id, r->bits);
	if (form != FORM_TEXT)
		put_state(out, r);
	if (r->bits & RCPT_ERROR)
		out_tlv(out, TAG_ERROR, "\3\0\x22", 3);
	if (r->bits & RCPT_BAD_TLV)
		out_bytes(out, "\x14\x03\x01\x00xy", 6);
}

/* A text as it is written. */
struct written {
	uint8_t octets[600];
	size_t len;
	uint8_t data_coding, udhi;
};

/* The text's state: in a conflict it is the opposite of the TLV's. */
static void write_text(const struct receipt *r, const char *id, struct written *w)
{
	uint32_t state = r->form == FORM_CONFLICT ? state_opposite(r->state) : r->state;
	char text[256];
	size_t len = r->form == FORM_TLV ? 0 : dialect_text(r->dialect, state, id, text, 254);

	*w = (struct written){ .data_coding = r->bits & RCPT_UCS2 ? 8 : r->bits & RCPT_LATIN1 ? 3 : 0 };
	if (r->bits & RCPT_UDH) {
		w->udhi = 0x40;
		memcpy(w->octets, "\5\0\3\7\1\1", 6);
		w->len = 6;
	}
	for (size_t i = 0; i < len; i++) {
		if (r->bits & RCPT_UCS2)
			w->octets[w->len++] = 0;
		w->octets[w->len++] = (uint8_t)text[i];
	}
}

static void put_deliver(struct out *out, const struct receipt *r, const struct written *w)
{
	static const uint8_t zero[4] = { 0 };
	unsigned esm = r->bits & RCPT_NO_ESM ? 0 : r->bits & RCPT_INTERMEDIATE ? 0x20 : 0x04;
	bool payload = r->bits & RCPT_PAYLOAD || w->len > 254;

	out_cstring(out, "");
	put_addresses(out, r);
	out_u8(out, esm | w->udhi);
	out_bytes(out, zero, 4); /* protocol_id, priority, both times empty */
	out_bytes(out, zero, 2); /* registered_delivery, replace */
	out_u8(out, w->data_coding);
	out_u8(out, 0); /* default message */
	out_u8(out, payload ? 0 : (unsigned)w->len);
	out_bytes(out, w->octets, payload ? 0 : w->len);
	if (payload)
		out_tlv(out, TAG_PAYLOAD, w->octets, w->len);
}

static void put_data(struct out *out, const struct receipt *r, const struct written *w)
{
	unsigned esm = r->bits & RCPT_NO_ESM ? 0 : r->bits & RCPT_INTERMEDIATE ? 0x20 : 0x04;

	out_cstring(out, "");
	put_addresses(out, r);
	out_u8(out, esm | w->udhi);
	out_u8(out, 0); /* registered_delivery */
	out_u8(out, w->data_coding);
	if (w->len)
		out_tlv(out, TAG_PAYLOAD, w->octets, w->len);
}

/* An id that no response gives. */
static uint64_t other_id(uint64_t id, uint64_t n)
{
	return (id ^ 0x5000000000) + (n << 40);
}

static void write_id(const struct later *l, uint32_t wrong, char id[ID_TEXT_MAX])
{
	const struct receipt *r = &l->receipt;

	ids_text(r->id_style, true, r->bits & wrong ? other_id(l->message_id, 0) : l->message_id, id);
	if (r->bits & RCPT_NO_ID)
		id[0] = '\0';
}

void receipt_write(struct smsc *smsc, struct conn *conn, const struct later *l)
{
	const struct receipt *r = &l->receipt;
	uint32_t command = r->bits & RCPT_DATA_SM ? CMD_DATA : CMD_DELIVER;
	char id[ID_TEXT_MAX];
	struct written text;
	size_t begin;

	write_id(l, RCPT_TEXT_WRONG, id);
	write_text(r, id, &text);
	write_id(l, RCPT_TLV_WRONG, id);
	begin = conns_ask(smsc, conn, command, l);
	if (command == CMD_DATA)
		put_data(&conn->out, r, &text);
	else
		put_deliver(&conn->out, r, &text);
	put_tlvs(&conn->out, r, id, r->form);
	out_end(&conn->out, begin);
	smsc->account.receipts++;
}

void receipt_send(struct smsc *smsc, struct conn *conn, const struct later *later)
{
	struct later l = *later, other;
	uint32_t once = RCPT_TWICE | RCPT_UNKNOWN | RCPT_INTERMEDIATE | RCPT_TURNS;

	l.receipt.bits &= ~once;
	l.receipt.unknowns = 0;
	other = l;
	for (uint32_t i = 0; i < later->receipt.unknowns + (later->receipt.bits & RCPT_UNKNOWN ? 1 : 0); i++) {
		other.message_id = other_id(l.message_id, i);
		receipt_window_put(smsc, conn, &other);
	}
	other = l;
	if (later->receipt.bits & RCPT_INTERMEDIATE) {
		other.receipt.bits |= RCPT_INTERMEDIATE;
		other.receipt.state = 1;
		receipt_window_put(smsc, conn, &other);
		other = l;
	}
	receipt_window_put(smsc, conn, &l);
	if (later->receipt.bits & RCPT_TWICE)
		receipt_window_put(smsc, conn, &l);
	if (later->receipt.bits & RCPT_TURNS) {
		other.receipt.state = state_opposite(l.receipt.state);
		receipt_window_put(smsc, conn, &other);
	}
}
