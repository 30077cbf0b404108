/*
 * tlv: a bounded walk over optional parameters. Pure. SMPP 3.4 section 5.3.
 * Values point into the PDU. Nothing is copied, so they are valid only as long as the PDU.
 */
#ifndef SMPP_CODEC_TLV_H
#define SMPP_CODEC_TLV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SMPP_TLV_MAX 256 /* parameters read per PDU; the rest is ignored and counted */

#define SMPP_TLV_RECEIPTED_MESSAGE_ID 0x001E
#define SMPP_TLV_NETWORK_ERROR_CODE 0x0423
#define SMPP_TLV_MESSAGE_PAYLOAD 0x0424
#define SMPP_TLV_MESSAGE_STATE 0x0427
#define SMPP_TLV_CONGESTION_STATE 0x0428

struct smpp_tlv {
	uint16_t tag, len;
	const uint8_t *value;
};

struct smpp_tlv_walk {
	const uint8_t *at, *end;
	unsigned count;
	bool malformed; /* the tail of the PDU was not a TLV */
	bool excess;    /* there were more than SMPP_TLV_MAX */
};

void smpp_tlv_init(struct smpp_tlv_walk *w, const uint8_t *data, size_t len);
bool smpp_tlv_next(struct smpp_tlv_walk *w, struct smpp_tlv *out);

/*
 * Returns the name of a parameter of SMPP 3.4 section 5.3.2, or of one that SMPP 5.0 added; static. NULL: it is in
 * neither list.
 */
const char *smpp_tlv_name(uint16_t tag);

#endif
