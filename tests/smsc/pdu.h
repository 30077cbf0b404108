/*
 * pdu: the simulator's own codec of SMPP 3.4 (sections 3.2, 4 and 5): an error in the gateway's cannot cancel itself
 * here.
 */
#ifndef SMSC_PDU_H
#define SMSC_PDU_H

#include "account.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	CMD_BIND_RX = 0x01,
	CMD_BIND_TX = 0x02,
	CMD_SUBMIT = 0x04,
	CMD_DELIVER = 0x05,
	CMD_UNBIND = 0x06,
	CMD_BIND_TRX = 0x09,
	CMD_OUTBIND = 0x0B,
	CMD_ENQUIRE = 0x15,
	CMD_ALERT = 0x102,
	CMD_DATA = 0x103
};
#define CMD_NACK 0x80000000U /* the response bit; alone: generic_nack */

struct pdu {
	uint32_t id, status, sequence;
	const uint8_t *body;
	size_t body_len;
};

struct bind {
	char system_id[16], password[9];
	unsigned version, ton, npi;
};

struct submit {
	char source[21], destination[21], validity[17];
	unsigned source_ton, source_npi, destination_ton, destination_npi;
	unsigned esm_class, priority, registered, replace, data_coding;
	const uint8_t *text; /* of short_message, or of message_payload */
	size_t text_len;
	bool payload, both;
};

/* Cuts one PDU from data. Its length; 0: more is needed; -1: no PDU has such a length. */
long pdu_next(const uint8_t *data, size_t len, struct pdu *pdu);

/* Read a body; the first thing that is wrong with it, or BREACH_NONE. What was read so far is set. */
enum breach pdu_bind(const struct pdu *pdu, struct bind *bind);
enum breach pdu_submit(const struct pdu *pdu, struct submit *submit);

/* What contradicts itself in a submit that could be read, or is reserved: a bit 1 << breach for each. */
uint32_t pdu_odd_submit(const struct submit *submit);
uint32_t pdu_odd_bind(const struct bind *bind);

/* Bytes to send. */
struct out {
	uint8_t *data;
	size_t len, cap;
};

size_t out_begin(struct out *out, uint32_t id, uint32_t status, uint32_t sequence); /* where the PDU begins */
void out_end(struct out *out, size_t begin);                                        /* sets its command_length */
void out_bytes(struct out *out, const void *data, size_t len);
void out_u8(struct out *out, unsigned value);
void out_u32(struct out *out, uint32_t value);
void out_cstring(struct out *out, const char *text);
void out_tlv(struct out *out, unsigned tag, const void *value, size_t len);

#endif
