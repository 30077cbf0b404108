/*
 * Receipts: whatever the text, an id is in normal form, an error code printable, and neither is longer than its field;
 * each form of the id that a mode gives is one too, and an id that went to another base comes back.
 * First octet esm_class, second message_state (255: none), the rest text.
 */
#include "smpp/msgid.h"
#include "smpp/receipt.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int holds)
{
	if (!holds)
		abort();
}

static void check_forms(const char *id)
{
	struct smpp_msgid all = {.mode = SMPP_MSGID_EXACT}, back = {.mode = SMPP_MSGID_EXACT};
	struct smpp_msgid_forms f, g;
	char again[SMPP_MESSAGE_ID_CAP];
	smpp_msgid_set(&all, SMPP_MSGID_AUTO);
	smpp_msgid_forms(&all, id, &f);
	check(f.count >= 1 && f.count <= 3 && f.mode[0] == SMPP_MSGID_EXACT && strcmp(f.id[0], id) == 0);
	for (size_t i = 0; i < f.count; i++) {
		smpp_normalise_id(f.id[i], again);
		check(strcmp(again, f.id[i]) == 0);
		if (i == 0)
			continue;
		smpp_msgid_set(&back, f.mode[i] == SMPP_MSGID_HEX_RESP_DEC_DLR ? SMPP_MSGID_DEC_RESP_HEX_DLR
		                                                               : SMPP_MSGID_HEX_RESP_DEC_DLR);
		smpp_msgid_forms(&back, f.id[i], &g);
		check(g.count == 1 && strcmp(g.id[0], id) == 0);
	}
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
	check(strncmp(r.error, "0x", 2) != 0 && strncmp(r.error, "0X", 2) != 0);
	if (kind != SMPP_RECEIPT_OK)
		return 0;
	check(r.id[0] && smpp_receipt_state_name(r.state)[0]);
	smpp_normalise_id(r.id, again);
	check(strcmp(again, r.id) == 0);
	check_forms(r.id);
	return 0;
}
