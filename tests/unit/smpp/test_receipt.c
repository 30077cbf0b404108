/*
 * The dialects of receipts, the normal form of ids, and which deliveries are no receipts.
 */
#include "smpp/receipt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static enum smpp_receipt_kind parse(const char *text, uint8_t esm_class, struct smpp_receipt_text *out)
{
	struct smpp_deliver d = {.text = (const uint8_t *)text, .text_len = strlen(text), .esm_class = esm_class,
	                         .message_state = -1};
	return smpp_receipt_parse(&d, out);
}

static void dialects(void **state)
{
	static const struct {
		const char *text, *id, *error;
		enum smpp_receipt_state state;
	} rows[] = {
		{ "id:0123456789 sub:001 dlvrd:001 submit date:0801011200 done date:0801011201 stat:DELIVRD err:000 "
		  "text:Hi",
		  "123456789", "000", SMPP_RECEIPT_DELIVERED },
		{ "id:6753D10C submit date:20240101120000 done date:20240101120001 stat:UNDELIV err:0cF", "6753d10c",
		  "0cF", SMPP_RECEIPT_UNDELIVERABLE },
		{ "id:a submit date:240101120000+ done date:2401011200005 stat:EXPIRED err:nul Text:id:b stat:DELIVRD",
		  "a", "nul", SMPP_RECEIPT_EXPIRED },
		{ "ID:77 DELIVRD ERR:0", "77", "0", SMPP_RECEIPT_DELIVERED },
		{ "stat:REJECTD id:77", "77", "", SMPP_RECEIPT_REJECTED },
		{ "id:77 stat:ACCEPTD", "77", "", SMPP_RECEIPT_INTERMEDIATE },
		{ "id:77 stat:WHATEVER", "77", "", SMPP_RECEIPT_INTERMEDIATE },
		{ "id:77 stat:unknown err:123456789", "77", "12345678", SMPP_RECEIPT_UNKNOWN },
		{ "id: 77 stat: DELETED", "77", "", SMPP_RECEIPT_DELETED },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct smpp_receipt_text r;
		assert_int_equal(parse(rows[i].text, 4, &r), SMPP_RECEIPT_OK);
		assert_string_equal(r.id, rows[i].id);
		assert_string_equal(r.error, rows[i].error);
		assert_int_equal(r.state, rows[i].state);
	}
}

static void what_is_a_receipt(void **state)
{
	struct smpp_receipt_text r;
	(void)state;
	assert_int_equal(parse("id:1 stat:DELIVRD", 0, &r), SMPP_RECEIPT_OK);
	assert_int_equal(parse("my id:1 is here", 0, &r), SMPP_RECEIPT_NONE);
	assert_int_equal(parse("EXPIRED", 0, &r), SMPP_RECEIPT_NONE);
	assert_int_equal(parse("", 4, &r), SMPP_RECEIPT_VAGUE);
	assert_int_equal(parse("id:1 stat:DELIVRD", 0x20, &r), SMPP_RECEIPT_OK);
	assert_int_equal(r.state, SMPP_RECEIPT_INTERMEDIATE);
}

static void tlvs_win(void **state)
{
	struct smpp_deliver d = {.text = (const uint8_t *)"id:1 stat:DELIVRD", .text_len = 17, .receipted_id = "2",
	                         .has_receipted_id = true, .message_state = 5};
	struct smpp_receipt_text r;
	(void)state;
	assert_int_equal(smpp_receipt_parse(&d, &r), SMPP_RECEIPT_OK);
	assert_string_equal(r.id, "2");
	assert_int_equal(r.state, SMPP_RECEIPT_UNDELIVERABLE);
	assert_int_equal(r.anomalies, 1u << SMPP_ANOMALY_RECEIPT);
}

static void ids_compare_in_one_form(void **state)
{
	static const char *const rows[][2] = {
	    {" 000ABC ", "abc"}, {"0000", "0"}, {"", ""}, {"00XY", "00xy"}, {"12-1", "12-1"},
	    {"0753D10C-1111-2222-3333-444455556666", "753d10c1111222233334444" "55556666"},
	};
	char out[SMPP_MESSAGE_ID_CAP];
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		smpp_normalise_id(rows[i][0], out);
		assert_string_equal(out, rows[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(dialects), cmocka_unit_test(what_is_a_receipt),
	                                   cmocka_unit_test(tlvs_win), cmocka_unit_test(ids_compare_in_one_form)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
