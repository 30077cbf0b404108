/*
 * TLVs: the walk ends, stays inside its input, and accounts for every octet it did not call malformed.
 */
#include "smpp/codec/tlv.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smpp_tlv_walk w;
	struct smpp_tlv t;
	size_t used = 0;
	unsigned count = 0;
	smpp_tlv_init(&w, data, size);
	while (smpp_tlv_next(&w, &t)) {
		check(t.value == data + used + 4 && t.len <= size - used - 4);
		used += 4 + (size_t)t.len;
		count++;
	}
	check(count <= SMPP_TLV_MAX);
	check(used == size || w.malformed || w.excess);
	check(!(w.malformed && w.excess));
	return 0;
}
