/*
 * The dialects of receipts, the normal form of ids, and which deliveries are no receipts.
 */
#include "smpp/codec/receipt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static enum smpp_receipt_kind parse(const char *text, uint8_t esm_class, struct smpp_receipt_text *out)
{
	struct smpp_deliver d = {
		.text = (const uint8_t *)text, .text_len = strlen(text), .esm_class = esm_class, .message_state = -1
	};
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
		{ "id: 77  sub: 001 dlvrd: 001 submit date: 2401011200 done date: 2401011201 stat: DELIVRD err: 011 "
		  "text: ",
		  "77", "011", SMPP_RECEIPT_DELIVERED },
		{ "id:77 submit date:240101120000028+ done date:240101120000+07 stat:DELIVRD err:EC_12", "77", "EC_12",
		  SMPP_RECEIPT_DELIVERED },
		{ "STAT:DELIVRD ERR:000 DONE DATE:2401011200 DLVRD:001 SUB:001 ID:00aB TEXT:id:9 stat:ENROUTE", "ab",
		  "000", SMPP_RECEIPT_DELIVERED },
		{ "id:77\tstat:EXPIRED\r\nerr:1", "77", "1", SMPP_RECEIPT_EXPIRED },
		{ "id:77 stat:DELIVRD id:78 stat:UNDELIV err:1 err:2", "77", "1", SMPP_RECEIPT_DELIVERED },
		{ "id:77 err: stat:DELIVRD", "77", "", SMPP_RECEIPT_DELIVERED },
		{ "id:77 stat:UNDELIV err:0x0x45", "77", "45", SMPP_RECEIPT_UNDELIVERABLE },
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

static void every_word(void **state)
{
	static const struct {
		const char *word;
		enum smpp_receipt_state state;
		bool known;
	} rows[] = {
		{ "DELIVRD", SMPP_RECEIPT_DELIVERED, true },
		{ "EXPIRED", SMPP_RECEIPT_EXPIRED, true },
		{ "DELETED", SMPP_RECEIPT_DELETED, true },
		{ "UNDELIV", SMPP_RECEIPT_UNDELIVERABLE, true },
		{ "REJECTD", SMPP_RECEIPT_REJECTED, true },
		{ "ACCEPTD", SMPP_RECEIPT_INTERMEDIATE, true },
		{ "ENROUTE", SMPP_RECEIPT_INTERMEDIATE, true },
		{ "BUFFRED", SMPP_RECEIPT_INTERMEDIATE, true },
		{ "BUFFERD", SMPP_RECEIPT_INTERMEDIATE, true },
		{ "ACKED", SMPP_RECEIPT_INTERMEDIATE, true },
		{ "SCHEDLD", SMPP_RECEIPT_INTERMEDIATE, true },
		{ "UNKNOWN", SMPP_RECEIPT_UNKNOWN, true },
		{ "FAILED", SMPP_RECEIPT_UNDELIVERABLE, true },
		{ "SKIPPED", SMPP_RECEIPT_UNDELIVERABLE, true },
		{ "DELIVERED", SMPP_RECEIPT_DELIVERED, true },
		{ "UNDELIVERABLE", SMPP_RECEIPT_UNDELIVERABLE, true },
		{ "REJECTED", SMPP_RECEIPT_REJECTED, true },
		{ "ACCEPTED", SMPP_RECEIPT_INTERMEDIATE, true },
		{ "UNDELIVERED", SMPP_RECEIPT_UNDELIVERABLE, true },
		{ "UNDELIVRD", SMPP_RECEIPT_UNDELIVERABLE, true },
		{ "SCHEDULED", SMPP_RECEIPT_INTERMEDIATE, true },
		{ "BUFFERED", SMPP_RECEIPT_INTERMEDIATE, true },
		{ "EN_ROUTE", SMPP_RECEIPT_INTERMEDIATE, true },
		{ "ACKNOWLEDGED", SMPP_RECEIPT_INTERMEDIATE, true },
		{ "STRANGE", SMPP_RECEIPT_INTERMEDIATE, false },
		{ "DELIVRDX", SMPP_RECEIPT_INTERMEDIATE, false },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct smpp_receipt_text r;
		char text[40];
		snprintf(text, sizeof text, "id:1 stat:%s", rows[i].word);
		assert_int_equal(parse(text, 4, &r), SMPP_RECEIPT_OK);
		assert_int_equal(r.state, rows[i].state);
		assert_int_equal(r.anomalies, rows[i].known ? 0 : 1u << SMPP_ANOMALY_STATE);
		assert_int_equal(parse(text, 0, &r), SMPP_RECEIPT_OK);
		snprintf(text, sizeof text, "id:1 %s", rows[i].word); /* without its label */
		assert_int_equal(parse(text, 4, &r), rows[i].known ? SMPP_RECEIPT_OK : SMPP_RECEIPT_VAGUE);
		assert_int_equal(r.state, rows[i].state);
	}
}

static void every_number_of_a_state(void **state)
{
	static const enum smpp_receipt_state want[] = {
		SMPP_RECEIPT_INTERMEDIATE, SMPP_RECEIPT_INTERMEDIATE,  SMPP_RECEIPT_DELIVERED,    SMPP_RECEIPT_EXPIRED,
		SMPP_RECEIPT_DELETED,      SMPP_RECEIPT_UNDELIVERABLE, SMPP_RECEIPT_INTERMEDIATE, SMPP_RECEIPT_UNKNOWN,
		SMPP_RECEIPT_REJECTED,     SMPP_RECEIPT_UNDELIVERABLE, SMPP_RECEIPT_INTERMEDIATE,
	};
	(void)state;
	for (int i = 0; i < 11; i++) {
		struct smpp_deliver d = { .receipted_id = "2", .has_receipted_id = true, .message_state = i };
		struct smpp_receipt_text r;
		assert_int_equal(smpp_receipt_parse(&d, &r), SMPP_RECEIPT_OK);
		assert_int_equal(r.state, want[i]);
		assert_int_equal(r.anomalies, i < 10 ? 0 : 1u << SMPP_ANOMALY_STATE);
	}
}

/* The text's error unless it says that there was none. */
static void which_error(void **state)
{
	static const struct {
		const char *text, *tlv, *want;
	} rows[] = {
		{ "id:1 stat:UNDELIV err:069", "n3:258", "069" },
		{ "id:1 stat:UNDELIV err:000", "n3:258", "n3:258" },
		{ "id:1 stat:UNDELIV", "n3:258", "n3:258" },
		{ "id:1 stat:UNDELIV err:000", "", "000" },
		{ "id:1 stat:UNDELIV", "", "" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct smpp_deliver d = { .text = (const uint8_t *)rows[i].text,
			                  .text_len = strlen(rows[i].text),
			                  .esm_class = 4,
			                  .message_state = -1 };
		struct smpp_receipt_text r;
		memcpy(d.error, rows[i].tlv, strlen(rows[i].tlv) + 1);
		assert_int_equal(smpp_receipt_parse(&d, &r), SMPP_RECEIPT_OK);
		assert_string_equal(r.error, rows[i].want);
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
	assert_int_equal(parse("", 0x20, &r), SMPP_RECEIPT_VAGUE);
	assert_int_equal(parse("id:1 delivrd", 0, &r), SMPP_RECEIPT_OK);
	assert_int_equal(parse("id:1 stat:MAYBE", 0, &r),
	                 SMPP_RECEIPT_OK); /* a receipt of a state that we do not know */
	assert_int_equal(parse("id:1 pending", 0, &r), SMPP_RECEIPT_NONE);
	assert_int_equal(parse("id:1 stat:DELIVRD", 0x40, &r), SMPP_RECEIPT_OK); /* UDHI alone */
	assert_int_equal(parse("hello", 0x08, &r), SMPP_RECEIPT_NONE);           /* an acknowledgement of a mobile */
	assert_int_equal(parse("id:1 stat:DELIVRD", 0x20, &r), SMPP_RECEIPT_OK);
	assert_int_equal(r.state, SMPP_RECEIPT_INTERMEDIATE);
}

/* Nobody writes such a thing by hand: without an id, or without a state, it is a receipt all the same. */
static void what_looks_like_a_receipt_and_cannot_be_read(void **state)
{
	static const struct {
		const char *text;
		uint8_t esm_class;
	} rows[] = {
		{ "", 4 },
		{ "", 0x20 },
		{ "Pesan Anda terkirim", 4 },
		{ "id:77", 4 },
		{ "id:77 sub:001 dlvrd:001", 4 },
		{ "stat:DELIVRD err:000", 0 },
		{ "sub:001 dlvrd:001 submit date:2401011200 done date:2401011201", 0 },
		{ "id: sub:001 dlvrd:001 submit date:2401011200 done date:2401011201 stat: err:000 text:", 0 },
	};
	struct smpp_deliver d = { .message_state = 2 };
	struct smpp_receipt_text r;
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(parse(rows[i].text, rows[i].esm_class, &r), SMPP_RECEIPT_VAGUE);
		assert_int_equal(r.anomalies, 1u << SMPP_ANOMALY_UNREADABLE);
	}
	assert_int_equal(smpp_receipt_parse(&d, &r), SMPP_RECEIPT_VAGUE); /* a state, and nobody's */
	assert_int_equal(parse("sub:001 please, and the date: today", 0, &r), SMPP_RECEIPT_NONE);
}

/* 0 is what is sent by who leaves the field alone, a number beyond the list means nothing: the text tells then. */
static void a_number_that_means_nothing_leaves_it_to_the_text(void **state)
{
	static const struct {
		int number;
		const char *text;
		enum smpp_receipt_state want;
		uint32_t anomalies;
	} rows[] = {
		{ 0, "id:1 stat:DELIVRD", SMPP_RECEIPT_DELIVERED, 0 },
		{ 0, "id:1 stat:UNDELIV", SMPP_RECEIPT_UNDELIVERABLE, 0 },
		{ 0, "id:1", SMPP_RECEIPT_INTERMEDIATE, 0 },
		{ 512, "id:1 stat:REJECTD", SMPP_RECEIPT_REJECTED, 1u << SMPP_ANOMALY_STATE },
		{ 2, "id:1 stat:STRANGE", SMPP_RECEIPT_DELIVERED, 1u << SMPP_ANOMALY_STATE },
		{ 1, "id:1 stat:DELIVRD", SMPP_RECEIPT_DELIVERED,
		  1u << SMPP_ANOMALY_CONFLICT }, /* it came to its end */
		{ 2, "id:1 stat:ACCEPTD", SMPP_RECEIPT_DELIVERED, 1u << SMPP_ANOMALY_CONFLICT },
		{ 5, "id:1 stat:DELIVRD", SMPP_RECEIPT_UNDELIVERABLE, 1u << SMPP_ANOMALY_CONFLICT },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct smpp_deliver d = { .text = (const uint8_t *)rows[i].text,
			                  .text_len = strlen(rows[i].text),
			                  .esm_class = 4,
			                  .message_state = rows[i].number };
		struct smpp_receipt_text r;
		assert_int_equal(smpp_receipt_parse(&d, &r), SMPP_RECEIPT_OK);
		assert_int_equal(r.state, rows[i].want);
		assert_int_equal(r.anomalies, rows[i].anomalies);
	}
}

/* Two ids are two messages until the store says which is ours: each keeps the state that its witness tells. */
static void both_ids_are_kept_with_their_states(void **state)
{
	static const struct {
		const char *text;
		int number;
		enum smpp_receipt_state first, other;
	} rows[] = {
		{ "id:0x1F stat:DELIVRD", 5, SMPP_RECEIPT_UNDELIVERABLE, SMPP_RECEIPT_DELIVERED },
		{ "id:1f stat:DELIVRD", -1, SMPP_RECEIPT_DELIVERED, SMPP_RECEIPT_DELIVERED },
		{ "id:1f stat:DELIVRD", 0, SMPP_RECEIPT_DELIVERED, SMPP_RECEIPT_DELIVERED },
		{ "id:1f", 3, SMPP_RECEIPT_EXPIRED, SMPP_RECEIPT_EXPIRED },
		{ "id:1f stat:WHAT", 3, SMPP_RECEIPT_EXPIRED, SMPP_RECEIPT_EXPIRED },
		{ "id:1f stat:DELIVRD", 1, SMPP_RECEIPT_INTERMEDIATE, SMPP_RECEIPT_DELIVERED },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct smpp_deliver d = { .text = (const uint8_t *)rows[i].text,
			                  .text_len = strlen(rows[i].text),
			                  .receipted_id = "2",
			                  .has_receipted_id = true,
			                  .message_state = rows[i].number };
		struct smpp_receipt_text r;
		assert_int_equal(smpp_receipt_parse(&d, &r), SMPP_RECEIPT_OK);
		assert_string_equal(r.id, "2");
		assert_string_equal(r.text_id, "1f");
		assert_int_equal(r.state, rows[i].first);
		assert_int_equal(r.text_state, rows[i].other);
		assert_true(r.anomalies >> SMPP_ANOMALY_CONFLICT & 1);
	}
}

static void tlvs_win(void **state)
{
	struct smpp_deliver d = { .text = (const uint8_t *)"id:1 stat:DELIVRD",
		                  .text_len = 17,
		                  .receipted_id = "2",
		                  .has_receipted_id = true,
		                  .message_state = 5 };
	struct smpp_receipt_text r;
	(void)state;
	assert_int_equal(smpp_receipt_parse(&d, &r), SMPP_RECEIPT_OK);
	assert_string_equal(r.id, "2");
	assert_string_equal(r.text_id, "1"); /* it is kept: perhaps it is the right one */
	assert_int_equal(r.state, SMPP_RECEIPT_UNDELIVERABLE);
	assert_int_equal(r.anomalies, 1u << SMPP_ANOMALY_CONFLICT);
}

static void tlvs_of_the_same_are_no_conflict(void **state)
{
	struct smpp_deliver d = { .text = (const uint8_t *)"id:00AB DELIVRD",
		                  .text_len = 15,
		                  .receipted_id = "ab",
		                  .has_receipted_id = true,
		                  .message_state = 2 };
	struct smpp_receipt_text r;
	(void)state;
	assert_int_equal(smpp_receipt_parse(&d, &r), SMPP_RECEIPT_OK);
	assert_int_equal(r.state, SMPP_RECEIPT_DELIVERED);
	assert_int_equal(r.anomalies, 0);
	assert_string_equal(r.text_id, "");
}

static void ids_compare_in_one_form(void **state)
{
	static const char *const rows[][2] = {
		{ " 000ABC ", "abc" },
		{ "0000", "0" },
		{ "", "" },
		{ "00XY", "00xy" },
		{ "12-1", "12-1" },
		{ "0x6753D10C", "6753d10c" },
		{ " 0X00ab", "ab" },
		{ "0x", "0x" },
		{ "0xyz", "0xyz" },
		{ "0x0x1", "0x0x1" },
		{ "0x00", "0" },
		{ "0753D10C-1111-2222-3333-444455556666", "753d10c1111222233334444"
		                                          "55556666" },
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
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dialects),
		cmocka_unit_test(every_word),
		cmocka_unit_test(which_error),
		cmocka_unit_test(every_number_of_a_state),
		cmocka_unit_test(what_is_a_receipt),
		cmocka_unit_test(tlvs_win),
		cmocka_unit_test(what_looks_like_a_receipt_and_cannot_be_read),
		cmocka_unit_test(a_number_that_means_nothing_leaves_it_to_the_text),
		cmocka_unit_test(both_ids_are_kept_with_their_states),
		cmocka_unit_test(tlvs_of_the_same_are_no_conflict),
		cmocka_unit_test(ids_compare_in_one_form),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
