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

static void put_tlvs(struct out *out, const struct receipt *r, const char *id, uint32_t form)
{
	uint8_t state = state_code(r->state);

	if (r->bits & RCPT_TLVS)
		put_many(out);
	if (r->bits & RCPT_VENDOR) {
		out_tlv(out, 0x1403, "51001", 5);
		out_tlv(out, 0x2001, "", 0);
		out_tlv(out, 0x3177, "\0\1\2\3", 4);
	}
	if (form != FORM_TEXT) {
		put_id(out, id, r->bits);
		out_tlv(out, TAG_STATE, &state, 1);
	}
	if (r->bits & RCPT_ERROR)
		out_tlv(out, TAG_ERROR, "\3\0\x22", 3);
	if (r->bits & RCPT_BAD_TLV)
		out_bytes(out, "\x14\x03\x01\x00xy", 6);
}

/* The text's state: in a conflict it is the opposite of the TLV's. */
static size_t text_of(const struct receipt *r, const char *id, uint32_t form, char text[1024])
{
	uint32_t state = form == FORM_CONFLICT ? state_opposite(r->state) : r->state;

	return form == FORM_TLV ? 0 : dialect_text(r->dialect, state, id, text, 254);
}

static void put_deliver(struct out *out, const struct receipt *r, const char *text, size_t len)
{
	static const uint8_t zero[4] = { 0 };
	unsigned esm = r->bits & RCPT_NO_ESM ? 0 : r->bits & RCPT_INTERMEDIATE ? 0x20 : 0x04;
	bool payload = r->bits & RCPT_PAYLOAD;

	out_cstring(out, "");
	put_addresses(out, r);
	out_u8(out, esm);
	out_bytes(out, zero, 4); /* protocol_id, priority, both times empty */
	out_bytes(out, zero, 4); /* registered_delivery, replace, data_coding, default message */
	out_u8(out, payload ? 0 : (unsigned)len);
	out_bytes(out, text, payload ? 0 : len);
	if (payload)
		out_tlv(out, TAG_PAYLOAD, text, len);
}

static void put_data(struct out *out, const struct receipt *r, const char *text, size_t len)
{
	unsigned esm = r->bits & RCPT_NO_ESM ? 0 : r->bits & RCPT_INTERMEDIATE ? 0x20 : 0x04;

	out_cstring(out, "");
	put_addresses(out, r);
	out_u8(out, esm);
	out_bytes(out, "\0\0", 2); /* registered_delivery, data_coding */
	if (len)
		out_tlv(out, TAG_PAYLOAD, text, len);
}

static void send_one(struct smsc *smsc, struct conn *conn, const struct later *l)
{
	const struct receipt *r = &l->receipt;
	uint32_t command = r->bits & RCPT_DATA_SM ? CMD_DATA : CMD_DELIVER;
	char id[ID_TEXT_MAX], text[1024];
	size_t begin, len;

	ids_text(r->id_style, true, l->message_id, id);
	len = text_of(r, id, r->form, text);
	begin = conns_ask(smsc, conn, command, l);
	if (command == CMD_DATA)
		put_data(&conn->out, r, text, len);
	else
		put_deliver(&conn->out, r, text, len);
	put_tlvs(&conn->out, r, id, r->form);
	out_end(&conn->out, begin);
	smsc->account.receipts++;
}

void receipt_send(struct smsc *smsc, struct conn *conn, const struct later *later)
{
	struct later l = *later, other;
	uint32_t once = RCPT_TWICE | RCPT_UNKNOWN | RCPT_INTERMEDIATE | RCPT_TURNS;

	l.receipt.bits &= ~once;
	other = l;
	if (later->receipt.bits & RCPT_UNKNOWN) {
		other.message_id ^= 0x5000000000;
		send_one(smsc, conn, &other);
		other = l;
	}
	if (later->receipt.bits & RCPT_INTERMEDIATE) {
		other.receipt.bits |= RCPT_INTERMEDIATE;
		other.receipt.state = 1;
		send_one(smsc, conn, &other);
		other = l;
	}
	send_one(smsc, conn, &l);
	if (later->receipt.bits & RCPT_TWICE)
		send_one(smsc, conn, &l);
	if (later->receipt.bits & RCPT_TURNS) {
		other.receipt.state = state_opposite(l.receipt.state);
		send_one(smsc, conn, &other);
	}
}
