/*
 * frame: finds the end of one PDU and reads its header. Pure. SMPP 3.4 sections 3.2, 5.1.2.1, 4. Never reads beyond the
 * header; decode reads the bodies.
 */
#ifndef SMPP_CODEC_FRAME_H
#define SMPP_CODEC_FRAME_H

#include <stddef.h>
#include <stdint.h>

#define SMPP_HEADER_LEN 16
#define SMPP_PDU_MAX 65536

/* command_id, section 5.1.2.1. A response is its request with the top bit set. */
#define SMPP_GENERIC_NACK UINT32_C(0x80000000)
#define SMPP_BIND_RECEIVER UINT32_C(0x00000001)
#define SMPP_BIND_RECEIVER_RESP UINT32_C(0x80000001)
#define SMPP_BIND_TRANSMITTER UINT32_C(0x00000002)
#define SMPP_BIND_TRANSMITTER_RESP UINT32_C(0x80000002)
#define SMPP_SUBMIT_SM UINT32_C(0x00000004)
#define SMPP_SUBMIT_SM_RESP UINT32_C(0x80000004)
#define SMPP_DELIVER_SM UINT32_C(0x00000005)
#define SMPP_DELIVER_SM_RESP UINT32_C(0x80000005)
#define SMPP_UNBIND UINT32_C(0x00000006)
#define SMPP_UNBIND_RESP UINT32_C(0x80000006)
#define SMPP_BIND_TRANSCEIVER UINT32_C(0x00000009)
#define SMPP_BIND_TRANSCEIVER_RESP UINT32_C(0x80000009)
#define SMPP_OUTBIND UINT32_C(0x0000000B)
#define SMPP_ENQUIRE_LINK UINT32_C(0x00000015)
#define SMPP_ENQUIRE_LINK_RESP UINT32_C(0x80000015)
#define SMPP_ALERT_NOTIFICATION UINT32_C(0x00000102)
#define SMPP_DATA_SM UINT32_C(0x00000103)
#define SMPP_DATA_SM_RESP UINT32_C(0x80000103)
#define SMPP_RESPONSE_BIT UINT32_C(0x80000000)

struct smpp_header {
	uint32_t length, command, status, sequence;
};

enum smpp_frame {
	SMPP_FRAME_MORE, /* not whole yet; header is set from 16 octets on, and header->length is 0 before */
	SMPP_FRAME_WHOLE,
	SMPP_FRAME_BAD /* a length outside 16..65,536; framing is lost, so the connection must be closed */
};

enum smpp_frame smpp_frame_next(const uint8_t *data, size_t len, struct smpp_header *header);

uint16_t smpp_frame_u16(const uint8_t *p);
uint32_t smpp_frame_u32(const uint8_t *p);

#endif
