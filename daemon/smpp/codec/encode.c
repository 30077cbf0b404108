/*
 * encode: packs outbound PDUs with libsmpp34. The library must never get network input. The library traces every field
 * that it packs into a global buffer, which takes longer than the rest of a submit. Therefore it packs each form of PDU
 * only once, and this file inserts sequence number, number, validity and text, which the library never gets. The
 * library gets passwords, so each call wipes the trace. Owns the cached forms.
 */
#include "smpp/codec/encode.h"
#include "base/secret.h"
#include "smpp/codec/frame.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <libsmpp34/smpp34.h>
#include <libsmpp34/smpp34_structs.h>

#define SEQUENCE_MAX UINT32_C(0x7FFFFFFF)
#define FORMS 16
#define FORM_CAP (SMPP_HEADER_LEN + 17 + 5 + 20)

_Static_assert(FORM_CAP + 20 + 16 + 253 + SMPP_VENDOR_TLVS_MAX * (4 + SMPP_VENDOR_TLV_LEN) <= SMPP_ENCODE_CAP,
               "what fits its fields fits the PDU");

static bool fits(const char *s, size_t max)
{
	return strlen(s) <= max;
}

/* `to` is zeroed and longer than any string that fits() accepts. */
static void put_text(uint8_t *to, const char *s)
{
	memcpy(to, s, strlen(s));
}

static void put_u32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

static enum err pack(void *fields, size_t expected, struct smpp_pdu *out)
{
	int len = 0;
	int rc = smpp34_pack2(out->octets, (int)sizeof out->octets, &len, fields);
	secret_wipe(smpp34_strerror, sizeof smpp34_strerror);
	if (rc != 0 || len < 0 || (size_t)len != expected || smpp_frame_u32(out->octets) != expected) {
		secret_wipe(out->octets, sizeof out->octets);
		out->len = 0;
		return ERR_INTERNAL;
	}
	out->len = expected;
	return ERR_OK;
}

/* All three bind commands have the same fields. */
static uint32_t bind_command(const struct smpp_bind_fields *f)
{
	bool half = f->command == SMPP_BIND_TRANSMITTER || f->command == SMPP_BIND_RECEIVER;
	return half ? f->command : SMPP_BIND_TRANSCEIVER;
}

/* Packs a bind without the library, which allows at most 8 octets of password and 15 of system_id. Real providers give
 * longer ones. */
static void bind_by_hand(const struct smpp_bind_fields *f, uint32_t sequence, struct smpp_pdu *out)
{
	uint8_t *p = out->octets + SMPP_HEADER_LEN;
	size_t id_len = strlen(f->system_id) + 1, type_len = strlen(f->system_type) + 1;
	size_t password_len = f->password ? secret_len(f->password) : 0, range_len = strlen(f->address_range) + 1;
	memcpy(p, f->system_id, id_len);
	p += id_len;
	if (password_len)
		memcpy(p, secret_bytes(f->password), password_len);
	p += password_len;
	*p++ = 0;
	memcpy(p, f->system_type, type_len);
	p += type_len;
	*p++ = SMPP_VERSION;
	*p++ = f->addr_ton;
	*p++ = f->addr_npi;
	memcpy(p, f->address_range, range_len);
	p += range_len;
	out->len = (size_t)(p - out->octets);
	put_u32(out->octets, (uint32_t)out->len);
	put_u32(out->octets + 4, bind_command(f));
	put_u32(out->octets + 8, 0);
	put_u32(out->octets + 12, sequence);
}

enum err smpp_encode_bind(const struct smpp_bind_fields *f, uint32_t sequence, struct smpp_pdu *out)
{
	size_t password_len = f->password ? secret_len(f->password) : 0;
	if (!fits(f->system_id, SMPP_SYSTEM_ID_MAX) || !fits(f->system_type, 12) ||
	    !fits(f->address_range, SMPP_ADDRESS_RANGE_MAX) || password_len > SMPP_PASSWORD_MAX || sequence == 0 ||
	    sequence > SEQUENCE_MAX)
		return ERR_INVALID;
	if (password_len && memchr(secret_bytes(f->password), 0, password_len))
		return ERR_INVALID;
	if (password_len > 8 || !fits(f->system_id, 15)) {
		bind_by_hand(f, sequence, out);
		return ERR_OK;
	}
	bind_transceiver_t b;
	memset(&b, 0, sizeof b);
	b.command_id = bind_command(f);
	b.sequence_number = sequence;
	put_text(b.system_id, f->system_id);
	if (password_len)
		memcpy(b.password, secret_bytes(f->password), password_len);
	put_text(b.system_type, f->system_type);
	b.interface_version = SMPP_VERSION;
	b.addr_ton = f->addr_ton;
	b.addr_npi = f->addr_npi;
	put_text(b.address_range, f->address_range);
	size_t texts = strlen(f->system_id) + password_len + strlen(f->system_type) + strlen(f->address_range);
	enum err err = pack(&b, SMPP_HEADER_LEN + texts + 7, out);
	secret_wipe(&b, sizeof b);
	return err;
}

static void fix(uint8_t *type, uint8_t fixed)
{
	if (fixed & SMPP_TYPE_FIXED)
		*type = fixed & (uint8_t)~SMPP_TYPE_FIXED;
}

void smpp_encode_sender_type(const char *sender, const struct smpp_types *types, uint8_t *ton, uint8_t *npi)
{
	size_t digits = strspn(sender, "0123456789");
	*npi = NPI_Unknown;
	if (sender[digits]) {
		*ton = TON_Alphanumeric;
	} else if (digits == 0) {
		*ton = TON_Unknown;
	} else if (digits <= 6) {
		*ton = TON_Network_Specific;
		fix(ton, types->short_ton);
	} else {
		*ton = TON_International;
		*npi = NPI_ISDN_E163_E164;
	}
	fix(ton, types->source_ton);
	fix(npi, types->source_npi);
}

static bool tlvs_fit(const struct smpp_submit_fields *f)
{
	for (size_t i = 0; i < f->tlv_count; i++)
		if (f->tlvs[i].len > SMPP_VENDOR_TLV_LEN)
			return false;
	return f->tlv_count <= SMPP_VENDOR_TLVS_MAX;
}

/* The fields that many submits share. It has only octets, so that memcmp can compare it. */
struct kind {
	char service_type[6], sender[21];
	uint8_t source_ton, source_npi, dest_ton, dest_npi, protocol_id, priority, receipt, data_coding;
};

/* A submit without number, validity, text and TLVs, packed by the library. */
struct form {
	struct kind kind;
	uint8_t octets[FORM_CAP];
	size_t len; /* 0: not packed */
};

static enum err pack_form(const struct kind *k, struct form *form, struct smpp_pdu *scratch)
{
	submit_sm_t s;
	size_t strings = strlen(k->service_type) + strlen(k->sender);
	memset(&s, 0, sizeof s);
	s.command_id = SMPP_SUBMIT_SM;
	s.sequence_number = 1;
	put_text(s.service_type, k->service_type);
	s.source_addr_ton = k->source_ton;
	s.source_addr_npi = k->source_npi;
	put_text(s.source_addr, k->sender);
	s.dest_addr_ton = k->dest_ton;
	s.dest_addr_npi = k->dest_npi;
	s.protocol_id = k->protocol_id;
	s.priority_flag = k->priority;
	s.registered_delivery = k->receipt;
	s.data_coding = k->data_coding;
	enum err err = pack(&s, SMPP_HEADER_LEN + strings + 17, scratch);
	if (err != ERR_OK)
		return err;
	form->kind = *k;
	form->len = scratch->len;
	memcpy(form->octets, scratch->octets, scratch->len);
	return ERR_OK;
}

/* Finds or packs the form. An SMSC has few forms: one per sender and data_coding. */
static enum err find_form(const struct kind *k, const struct form **out, struct smpp_pdu *scratch)
{
	static struct form forms[FORMS];
	static size_t next;
	for (size_t i = 0; i < FORMS; i++)
		if (forms[i].len && memcmp(&forms[i].kind, k, sizeof *k) == 0) {
			*out = &forms[i];
			return ERR_OK;
		}
	*out = &forms[next];
	enum err err = pack_form(k, &forms[next], scratch);
	if (err == ERR_OK)
		next = (next + 1) % FORMS;
	return err;
}

static uint8_t *put(uint8_t *p, const void *data, size_t len)
{
	if (len)
		memcpy(p, data, len);
	return p + len;
}

/* Each field is inserted before the NUL that the packed form has in its place. TLVs bypass the library too, because it
 * would swap the octets of some tags and refuse others. */
static void fill(const struct form *form, const struct smpp_submit_fields *f, uint32_t sequence, struct smpp_pdu *out)
{
	size_t to_at = SMPP_HEADER_LEN + strlen(form->kind.service_type) + strlen(form->kind.sender) + 6;
	size_t validity_at = to_at + 5; /* after the NUL, esm_class, protocol_id, priority_flag and an empty schedule */
	uint8_t *p = put(out->octets, form->octets, to_at);
	p = put(p, f->to, strlen(f->to));
	p = put(p, form->octets + to_at, validity_at - to_at);
	p = put(p, f->validity, strlen(f->validity));
	p = put(p, form->octets + validity_at, form->len - validity_at);
	p[-1] = (uint8_t)f->text_len;
	p = put(p, f->text, f->text_len);
	for (size_t i = 0; i < f->tlv_count; i++) {
		put_u32(p, (uint32_t)f->tlvs[i].tag << 16 | f->tlvs[i].len);
		p = put(p + 4, f->tlvs[i].value, f->tlvs[i].len);
	}
	out->len = (size_t)(p - out->octets);
	put_u32(out->octets, (uint32_t)out->len);
	put_u32(out->octets + 12, sequence);
}

enum err smpp_encode_submit(const struct smpp_submit_fields *f, uint32_t sequence, struct smpp_pdu *out)
{
	const char *sender = f->sender[0] == '+' ? f->sender + 1 : f->sender;
	if (!fits(f->service_type, 5) || !fits(sender, 20) || !fits(f->to, 20) || !fits(f->validity, 16) ||
	    f->text_len > 253 || !tlvs_fit(f) || sequence == 0 || sequence > SEQUENCE_MAX)
		return ERR_INVALID;
	if (sender[strspn(sender, "0123456789")] && !fits(sender, 11))
		return ERR_INVALID;
	struct kind k = { .dest_ton = TON_International,
		          .dest_npi = NPI_ISDN_E163_E164,
		          .protocol_id = f->protocol_id,
		          .priority = f->priority,
		          .receipt = f->receipt ? 1 : 0,
		          .data_coding = f->data_coding };
	memcpy(k.service_type, f->service_type, strlen(f->service_type));
	memcpy(k.sender, sender, strlen(sender));
	smpp_encode_sender_type(sender, &f->types, &k.source_ton, &k.source_npi);
	fix(&k.dest_ton, f->types.dest_ton);
	fix(&k.dest_npi, f->types.dest_npi);
	const struct form *form;
	enum err err = find_form(&k, &form, out);
	if (err == ERR_OK)
		fill(form, f, sequence, out);
	return err;
}

/* A PDU that has a header only, or a header and an empty message id. */
struct plain {
	uint32_t command, status;
	uint8_t octets[SMPP_HEADER_LEN + 1];
	size_t len; /* 0: not packed */
};

static enum err pack_plain(uint32_t command, uint32_t status, struct plain *plain, struct smpp_pdu *scratch)
{
	union {
		enquire_link_t header; /* all PDUs except the two below have a header only */
		deliver_sm_resp_t deliver;
		data_sm_resp_t data;
	} u;
	bool has_id = command == SMPP_DELIVER_SM_RESP || command == SMPP_DATA_SM_RESP;
	memset(&u, 0, sizeof u);
	u.header.command_id = command;
	u.header.command_status = status;
	u.header.sequence_number = 1;
	enum err err = pack(&u, SMPP_HEADER_LEN + (has_id ? 1u : 0u), scratch);
	plain->len = scratch->len;
	if (err != ERR_OK)
		return err;
	plain->command = command;
	plain->status = status;
	memcpy(plain->octets, scratch->octets, scratch->len);
	return ERR_OK;
}

enum err smpp_encode_plain(uint32_t command, uint32_t status, uint32_t sequence, struct smpp_pdu *out)
{
	static struct plain plains[FORMS];
	static size_t next;
	struct plain *plain = NULL;
	for (size_t i = 0; i < FORMS && !plain; i++)
		if (plains[i].len && plains[i].command == command && plains[i].status == status)
			plain = &plains[i];
	if (!plain) {
		plain = &plains[next];
		enum err err = pack_plain(command, status, plain, out);
		if (err != ERR_OK)
			return err;
		next = (next + 1) % FORMS;
	}
	memcpy(out->octets, plain->octets, plain->len);
	out->len = plain->len;
	/* The sequence number is set by hand, because the library refuses some values that peers use. */
	put_u32(out->octets + 12, sequence);
	return ERR_OK;
}
