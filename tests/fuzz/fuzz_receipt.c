/*
 * Receipts: whatever the text, an id is in normal form, an error code printable, and neither is longer than its field.
 * First octet esm_class, second message_state (255: none), the rest text.
 */
#include "smpp/receipt.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smpp_receipt_text r;
	char again[SMPP_MESSAGE_ID_CAP];
	if (size < 2)
		return 0;
	struct smpp_deliver d = {.esm_class = data[0], .message_state = data[1] == 255 ? -1 : data[1], .text = data + 2,
	                         .text_len = size - 2};
	enum smpp_receipt_kind kind = smpp_receipt_parse(&d, &r);
	check(memchr(r.id, 0, sizeof r.id) && memchr(r.error, 0, sizeof r.error));
	for (const char *c = r.error; *c; c++)
		check(*c > 0x20 && *c < 0x7f);
	if (kind != SMPP_RECEIPT_OK)
		return 0;
	check(r.id[0] && smpp_receipt_state_name(r.state)[0]);
	smpp_normalise_id(r.id, again);
	check(strcmp(again, r.id) == 0);
	return 0;
}
