/*
 * frame: finds the end of one PDU and reads its header. Pure. Checks the length as soon as its four octets have
 * arrived, so that a wrong length never makes the daemon wait or buffer.
 */
#include "smpp/codec/frame.h"

uint16_t smpp_frame_u16(const uint8_t *p)
{
	return (uint16_t)((unsigned)p[0] << 8 | p[1]);
}

uint32_t smpp_frame_u32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

enum smpp_frame smpp_frame_next(const uint8_t *data, size_t len, struct smpp_header *header)
{
	*header = (struct smpp_header){ 0 };
	if (len < 4)
		return SMPP_FRAME_MORE;
	uint32_t length = smpp_frame_u32(data);
	if (length < SMPP_HEADER_LEN || length > SMPP_PDU_MAX)
		return SMPP_FRAME_BAD;
	if (len < SMPP_HEADER_LEN)
		return SMPP_FRAME_MORE;
	header->length = length;
	header->command = smpp_frame_u32(data + 4);
	header->status = smpp_frame_u32(data + 8);
	header->sequence = smpp_frame_u32(data + 12);
	return len < length ? SMPP_FRAME_MORE : SMPP_FRAME_WHOLE;
}
