/*
 * Receipts: whatever the text and its coding, an id is in normal form, an error code printable, and neither is longer
 * than its field; each form of the id that a mode gives is one too, and an id that went to another base comes back.
 * What is no receipt tells nothing, and what cannot be read is said to be so.
 *
 * First octet esm_class, second message_state (255: none), third data_coding, fourth the length of the TLV's id (0:
 * none), which follows; the rest is text.
 */
#include "smpp/codec/msgid.h"
#include "smpp/codec/receipt.h"

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
	struct smpp_msgid all = { .mode = SMPP_MSGID_EXACT }, back = { .mode = SMPP_MSGID_EXACT };
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

/* The forms of other modes are normal, and none of those in force. */
static void check_others(const char *id)
{
	struct smpp_msgid_forms f;
	struct smpp_hints others;
	char again[SMPP_MESSAGE_ID_CAP];
	for (unsigned mode = 0; mode <= SMPP_MSGID_AUTO; mode++) {
		struct smpp_msgid m = { .mode = SMPP_MSGID_EXACT };
		smpp_msgid_set(&m, (enum smpp_msgid_mode)mode);
		smpp_msgid_forms(&m, id, &f);
		smpp_msgid_hints(&m, id, &others);
		check(f.count + others.count <= SMPP_MSGID_AUTO);
		for (size_t i = 0; i < others.count; i++) {
			smpp_normalise_id(others.id[i], again);
			check(strcmp(again, others.id[i]) == 0 && strcmp(again, f.id[0]) != 0);
		}
	}
}

static void check_id(const char *id)
{
	char again[SMPP_MESSAGE_ID_CAP];
	smpp_normalise_id(id, again);
	check(strcmp(again, id) == 0);
	check_forms(id);
	check_others(id);
}

/* The TLV's id as the decoder hands it on: without a NUL in it; in a copy of its own, so that a read beyond it is seen.
 */
static size_t take_id(struct smpp_deliver *d, const uint8_t *data, size_t size)
{
	size_t len = data[3] < size - 4 ? data[3] : size - 4;
	len = len < sizeof d->receipted_id - 1 ? len : sizeof d->receipted_id - 1;
	memcpy(d->receipted_id, data + 4, len);
	d->has_receipted_id = len > 0;
	return 4 + len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smpp_receipt_text r;
	if (size < 4)
		return 0;
	struct smpp_deliver d = { .esm_class = data[0],
		                  .message_state = data[1] == 255 ? -1 : data[1],
		                  .data_coding = data[2] };
	size_t head = take_id(&d, data, size);
	d.text = data + head;
	d.text_len = size - head;
	enum smpp_receipt_kind kind = smpp_receipt_parse(&d, &r);
	check(memchr(r.id, 0, sizeof r.id) && memchr(r.error, 0, sizeof r.error));
	for (const char *c = r.error; *c; c++)
		check(*c > 0x20 && *c < 0x7f);
	check(strncmp(r.error, "0x", 2) != 0 && strncmp(r.error, "0X", 2) != 0);
	check((kind == SMPP_RECEIPT_VAGUE) == (r.anomalies >> SMPP_ANOMALY_UNREADABLE & 1));
	if (kind == SMPP_RECEIPT_NONE)
		check(!r.id[0] && !r.text_id[0] && !r.anomalies);
	if (kind != SMPP_RECEIPT_OK)
		return 0;
	check(r.id[0] && smpp_receipt_state_name(r.state)[0] && smpp_receipt_state_name(r.text_state)[0]);
	check_id(r.id);
	if (!r.text_id[0])
		return 0;
	check(strcmp(r.id, r.text_id) != 0);
	check_id(r.text_id);
	return 0;
}
