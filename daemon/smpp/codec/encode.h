/*
 * encode: packs outbound PDUs. The only user of libsmpp34. SMPP 3.4 section 4. Rejects a value that does not fit its
 * field and never truncates. The caller wipes out after use.
 */
#ifndef SMPP_CODEC_ENCODE_H
#define SMPP_CODEC_ENCODE_H

#include "base/err.h"
#include "smpp.h"

#define SMPP_ENCODE_CAP 4096 /* largest PDU with TLVs; without them it has less than 512 octets */
#define SMPP_PASSWORD_MAX 64
#define SMPP_SYSTEM_ID_MAX 16 /* octets; one more than the standard allows */
#define SMPP_ADDRESS_RANGE_MAX 40

struct smpp_pdu {
	uint8_t octets[SMPP_ENCODE_CAP];
	size_t len;
};

struct smpp_bind_fields {
	uint32_t command; /* SMPP_BIND_TRANSMITTER or SMPP_BIND_RECEIVER; any other value: a transceiver */
	const char *system_id, *system_type, *address_range;
	uint8_t addr_ton, addr_npi;
	const struct secret *password; /* NULL: empty */
};

struct smpp_tlv_field {
	uint16_t tag, len;
	const uint8_t *value;
};

struct smpp_submit_fields {
	const char *service_type, *sender, *to;
	const char *validity; /* "", "000000HHMMSS000R" or "YYMMDDhhmmss000+" */
	struct smpp_types types;
	bool receipt;
	uint8_t protocol_id, priority, data_coding;
	const struct smpp_tlv_field *tlvs;
	size_t tlv_count; /* at most 8 */
	const uint8_t *text;
	size_t text_len; /* at most 253 */
};

/* ERR_INVALID: a field does not fit. ERR_INTERNAL: libsmpp34 failed or packed a wrong length. */
enum err smpp_encode_bind(const struct smpp_bind_fields *f, uint32_t sequence, struct smpp_pdu *out) ERR_CHECKED;
enum err smpp_encode_submit(const struct smpp_submit_fields *f, uint32_t sequence, struct smpp_pdu *out) ERR_CHECKED;

/*
 * Packs enquire_link, unbind, their responses, generic_nack, and deliver_sm_resp and data_sm_resp with an empty id. The
 * sequence of a response is that of the peer's request and may have any value.
 */
enum err smpp_encode_plain(uint32_t command, uint32_t status, uint32_t sequence, struct smpp_pdu *out) ERR_CHECKED;

/*
 * Sets TON and NPI of a sender by its form: alphanumeric 5/0, short code of at most 6 digits 3/0, E.164 1/1. Fixed
 * values of types are used instead.
 */
void smpp_encode_sender_type(const char *sender, const struct smpp_types *types, uint8_t *ton, uint8_t *npi);

#endif
