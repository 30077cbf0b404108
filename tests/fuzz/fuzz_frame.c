/*
 * Frames: a stream cut at any place gives the same PDUs as the stream whole, and none outside 16..65,536 octets.
 */
#include "smpp/codec/frame.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smpp_header h, cut;
	size_t at = 0;
	while (smpp_frame_next(data + at, size - at, &h) == SMPP_FRAME_WHOLE) {
		check(h.length >= SMPP_HEADER_LEN && h.length <= SMPP_PDU_MAX && h.length <= size - at);
		check(smpp_frame_next(data + at, h.length - 1, &cut) == SMPP_FRAME_MORE);
		check(smpp_frame_next(data + at, h.length, &cut) == SMPP_FRAME_WHOLE && cut.sequence == h.sequence);
		at += h.length;
	}
	return 0;
}
