/*
 * Frames, TLVs and bodies as SMSCs of the field send them, and cut or lying ones.
 */
#include "smpp/codec/decode.h"
#include "smpp/codec/frame.h"
#include "smpp/codec/tlv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BIT(a) (1u << SMPP_ANOMALY_##a)

static void lengths(void **state)
{
	struct smpp_header h;
	uint8_t pdu[16] = { 0, 0, 0, 16, 0x80, 0, 0, 0x15, 0, 0, 0, 0, 0xff, 0, 0, 1 };
	(void)state;
	assert_int_equal(smpp_frame_next(pdu, 16, &h), SMPP_FRAME_WHOLE);
	assert_int_equal(h.command, SMPP_ENQUIRE_LINK_RESP);
	assert_int_equal(h.sequence, 0xff000001u);
	assert_int_equal(smpp_frame_next(pdu, 3, &h), SMPP_FRAME_MORE);
	assert_int_equal(smpp_frame_next(pdu, 15, &h), SMPP_FRAME_MORE);
	pdu[3] = 15;
	assert_int_equal(smpp_frame_next(pdu, 4, &h), SMPP_FRAME_BAD);
	memcpy(pdu, "\0\1\0\1", 4);
	assert_int_equal(smpp_frame_next(pdu, 4, &h), SMPP_FRAME_BAD);
	memcpy(pdu, "\0\1\0\0", 4);
	assert_int_equal(smpp_frame_next(pdu, 16, &h), SMPP_FRAME_MORE);
}

static void an_error_with_an_id(void **state)
{
	static const char pdu[] = "\0\0\0\x21\x80\0\0\4\0\0\0\x0b\0\0\0\2"
				  "0A000000A3D323A1";
	struct smpp_header h;
	struct smpp_response r;
	(void)state;
	assert_int_equal(smpp_frame_next((const uint8_t *)pdu, sizeof pdu, &h), SMPP_FRAME_WHOLE);
	assert_int_equal(h.length, sizeof pdu);
	smpp_decode_submit_resp((const uint8_t *)pdu + 16, h.length - 16, h.status, &r);
	assert_string_equal(r.id, "0A000000A3D323A1");
	assert_int_equal(r.anomalies, BIT(ERROR_BODY));
}

static void tlvs_in_a_response(void **state)
{
	static const uint8_t body[] = "id\0\x04\x28\0\1\x55\x20\1\0\2ab";
	struct smpp_response r;
	(void)state;
	smpp_decode_submit_resp(body, sizeof body - 1, 0, &r);
	assert_string_equal(r.id, "id");
	assert_int_equal(r.congestion, 0x55);
	assert_int_equal(r.anomalies, BIT(TLV_UNKNOWN));
	smpp_decode_submit_resp(body, sizeof body - 2, 0, &r);
	assert_int_equal(r.anomalies, BIT(TLV));
	assert_int_equal(r.congestion, 0x55);
}

static void accepted_without_id(void **state)
{
	struct smpp_response r;
	(void)state;
	smpp_decode_submit_resp(NULL, 0, 0, &r);
	assert_string_equal(r.id, "");
	assert_int_equal(r.anomalies, BIT(NO_ID));
	smpp_decode_submit_resp(NULL, 0, 0x55F, &r);
	assert_int_equal(r.anomalies, 0);
}

static void an_id_too_long_is_cut(void **state)
{
	uint8_t body[200];
	struct smpp_response r;
	(void)state;
	memset(body, 'x', sizeof body);
	smpp_decode_submit_resp(body, sizeof body, 0, &r);
	assert_int_equal(strlen(r.id), SMPP_MESSAGE_ID_CAP - 1);
	assert_int_equal(r.anomalies, BIT(LONG_STRING) | BIT(NO_NUL));
}

static const char receipt[] = "\0\1\1"
			      "6281\0\5\0ACME\0\4\0\0\0\0\0\0\0\0\5hello"
			      "\0\x1e\0\4"
			      "ab \0"
			      "\x04\x27\0\1\2"
			      "\x31\x77\0\0"
			      "\x04\x23\0\3\3\1\2";

static void a_receipt_with_tlvs(void **state)
{
	struct smpp_deliver d;
	(void)state;
	smpp_decode_deliver_sm((const uint8_t *)receipt, sizeof receipt - 1, &d);
	assert_string_equal(d.source, "6281");
	assert_string_equal(d.destination, "ACME");
	assert_int_equal(d.esm_class, 4);
	assert_int_equal(d.text_len, 5);
	assert_memory_equal(d.text, "hello", 5);
	assert_string_equal(d.receipted_id, "ab");
	assert_int_equal(d.message_state, 2);
	assert_string_equal(d.error, "n3:258");
	assert_int_equal(d.anomalies, BIT(TLV_UNKNOWN));
}

/* Each cut in memory of its own size: a read past the end is a report of the sanitiser. */
static void every_cut_is_survived(void **state)
{
	(void)state;
	for (size_t len = 0; len < sizeof receipt - 1; len++) {
		struct smpp_deliver d;
		uint8_t *body = malloc(len ? len : 1);
		memcpy(body, receipt, len);
		smpp_decode_deliver_sm(body, len, &d);
		assert_true(d.text_len <= len);
		smpp_decode_data_sm(body, len, &d);
		free(body);
	}
}

/* The codes of networks, in 8 octets. */
static void network_errors(void **state)
{
	static const struct {
		uint8_t value[3];
		const char *want;
	} rows[] = { { { 3, 0, 11 }, "n3:11" },
		     { { 9, 255, 255 }, "n9:65535" },
		     { { 10, 255, 255 }, "n:65535" },
		     { { 0, 0, 0 }, "n0:0" } };
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint8_t body[] = "\0\0\0\0\0\0\0\4\0\0\x04\x23\0\3...";
		struct smpp_deliver d;
		memcpy(body + 14, rows[i].value, 3);
		smpp_decode_data_sm(body, sizeof body - 1, &d);
		assert_string_equal(d.error, rows[i].want);
		assert_int_equal(d.anomalies, 0);
		smpp_decode_data_sm(body, sizeof body - 2, &d);
		assert_string_equal(d.error, "");
		assert_int_equal(d.anomalies, BIT(TLV));
		body[13] = 2; /* too short to be one */
		smpp_decode_data_sm(body, sizeof body - 2, &d);
		assert_string_equal(d.error, "");
		assert_int_equal(d.anomalies, 0);
	}
}

/* A receipt whose id is this TLV. */
static void receipt_with_id(const char *id, uint16_t len, struct smpp_deliver *d)
{
	static const uint8_t fields[10] = { [7] = 4 };
	uint8_t body[10 + 4 + 200], head[] = { 0, 0x1e, (uint8_t)(len >> 8), (uint8_t)len };
	memcpy(body, fields, 10);
	memcpy(body + 10, head, 4);
	memcpy(body + 14, id, len);
	smpp_decode_data_sm(body, 14 + (size_t)len, d);
}

static void ids_as_smscs_end_them(void **state)
{
	static const struct {
		const char *id;
		uint16_t len;
		const char *want;
	} rows[] = { { "12", 2, "12" },     { "12\0", 3, "12" },  { "12\0rest", 7, "12" },
		     { "12\r\n", 4, "12" }, { "12 \n", 4, "12" }, { " \r\n", 3, "" },
		     { "1 2", 3, "1 2" },   { "", 0, "" },        { "\0", 1, "" } };
	struct smpp_deliver d;
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		receipt_with_id(rows[i].id, rows[i].len, &d);
		assert_true(d.has_receipted_id);
		assert_string_equal(d.receipted_id, rows[i].want);
		assert_int_equal(d.anomalies, 0);
	}
}

static void an_id_too_long_in_a_tlv_is_cut(void **state)
{
	char id[200];
	struct smpp_deliver d;
	(void)state;
	memset(id, 'x', sizeof id);
	receipt_with_id(id, SMPP_MESSAGE_ID_CAP - 1, &d);
	assert_int_equal(strlen(d.receipted_id), SMPP_MESSAGE_ID_CAP - 1);
	assert_int_equal(d.anomalies, 0);
	receipt_with_id(id, SMPP_MESSAGE_ID_CAP, &d);
	assert_int_equal(strlen(d.receipted_id), SMPP_MESSAGE_ID_CAP - 1);
	assert_int_equal(d.anomalies, BIT(LONG_STRING));
}

/* A state without a value, a congestion of two octets: as if they were not there. */
/* One octet by the standard; SMSCs write the number in two or four, its last octet last or first. */
static void a_state_in_more_than_one_octet(void **state)
{
	static const struct {
		const char *tlv;
		uint8_t len;
		int want;
		uint32_t anomalies;
	} rows[] = {
		{ "\0", 1, 0, 0 },
		{ "\2", 1, 2, 0 },
		{ "\0\2", 2, 2, 0 },
		{ "\2\0", 2, 2, 0 },
		{ "\0\0\0\5", 4, 5, 0 },
		{ "\5\0\0\0", 4, 5, 0 },
		{ "\0\0", 2, 0, 0 },
		{ "\0\0\3", 3, 3, 0 },
		{ "\1\2", 2, 258, 0 },
		{ "\xFF\xFF\xFF\xFF", 4, INT16_MAX, 0 },
		{ "\0\0\0\0\2", 5, -1, BIT(TLV) },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint8_t body[32] = { [7] = 4, [10] = 4, [11] = 0x27, [13] = rows[i].len };
		struct smpp_deliver d;
		memcpy(body + 14, rows[i].tlv, rows[i].len);
		smpp_decode_data_sm(body, 14 + (size_t)rows[i].len, &d);
		assert_int_equal(d.message_state, rows[i].want);
		assert_int_equal(d.anomalies, rows[i].anomalies);
	}
}

/* What a standard lists is not unknown, whether we make use of it or not. */
static void what_the_standards_list_is_known(void **state)
{
	static const uint16_t known[] = { 0x0005, 0x0017, 0x001D, 0x0030, 0x0201, 0x0204, 0x020C,
		                          0x0210, 0x0302, 0x0381, 0x0420, 0x0422, 0x0425, 0x0426,
		                          0x0501, 0x060B, 0x060D, 0x0613, 0x1201, 0x130C, 0x1383 };
	static const uint16_t unknown[] = { 0x0000, 0x0001, 0x0211, 0x060C, 0x1400, 0x1403, 0x2001, 0x3177, 0xFFFF };
	(void)state;
	for (size_t i = 0; i < sizeof known / sizeof known[0] + sizeof unknown / sizeof unknown[0]; i++) {
		bool is_known = i < sizeof known / sizeof known[0];
		uint16_t tag = is_known ? known[i] : unknown[i - sizeof known / sizeof known[0]];
		uint8_t body[16] = { [7] = 4, [10] = (uint8_t)(tag >> 8), [11] = (uint8_t)tag };
		uint8_t resp[7] = { 'i', 'd', 0, (uint8_t)(tag >> 8), (uint8_t)tag };
		struct smpp_deliver d;
		struct smpp_response r;
		assert_int_equal(smpp_tlv_name(tag) != NULL, is_known);
		smpp_decode_data_sm(body, 14, &d);
		assert_int_equal(d.anomalies, is_known ? 0 : BIT(TLV_UNKNOWN));
		smpp_decode_submit_resp(resp, sizeof resp, 0, &r);
		assert_int_equal(r.anomalies, is_known ? 0 : BIT(TLV_UNKNOWN));
		smpp_decode_bind_resp(resp, sizeof resp, &r);
		assert_int_equal(r.anomalies, is_known ? 0 : BIT(TLV_UNKNOWN));
	}
	assert_string_equal(smpp_tlv_name(0x0210), "sc_interface_version");
	assert_string_equal(smpp_tlv_name(0x0204), "user_message_reference");
}

static void tlvs_of_another_length(void **state)
{
	static const uint8_t no_state[] = "\0\0\0\0\0\0\0\4\0\0"
					  "\x04\x27\0";
	static const uint8_t congestion[] = "id\0\x04\x28\0\2\x55\x55";
	struct smpp_deliver d;
	struct smpp_response r;
	(void)state;
	smpp_decode_data_sm(no_state, sizeof no_state, &d); /* with the NUL behind: length 0 */
	assert_int_equal(d.message_state, -1);
	assert_int_equal(d.anomalies, BIT(TLV));
	smpp_decode_submit_resp(congestion, sizeof congestion - 1, 0, &r);
	assert_int_equal(r.congestion, -1);
	assert_int_equal(r.anomalies, BIT(TLV));
}

static void answers_to_a_bind(void **state)
{
	static const char body[] = "a-system-id-longer-than-15";
	struct smpp_response r;
	(void)state;
	smpp_decode_bind_resp((const uint8_t *)"smsc", 5, &r);
	assert_string_equal(r.id, "smsc");
	assert_int_equal(r.anomalies, 0);
	smpp_decode_bind_resp(NULL, 0, &r);
	assert_string_equal(r.id, "");
	assert_int_equal(r.anomalies, 0);
	smpp_decode_bind_resp((const uint8_t *)body, sizeof body, &r);
	assert_int_equal(strlen(r.id), SMPP_SYSTEM_ID_CAP - 1);
	assert_int_equal(r.anomalies, BIT(LONG_STRING));
}

static void every_anomaly_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (int a = 0; a < SMPP_ANOMALY_MAX; a++) {
		for (int b = 0; b < a; b++)
			assert_string_not_equal(smpp_anomaly_name((enum smpp_anomaly)a),
			                        smpp_anomaly_name((enum smpp_anomaly)b));
	}
	assert_string_equal(smpp_anomaly_name(SMPP_ANOMALY_MAX), "unknown");
}

/* A receipt as a data_sm: its text, if any, is a message_payload. */
static void a_data_sm_receipt(void **state)
{
	static const uint8_t body[] = "\0\1\1"
				      "6281\0\5\0ACME\0\4\0\0"
				      "\x04\x24\0\4text"
				      "\0\x1e\0\3"
				      "12\0"
				      "\x04\x27\0\1\5";
	struct smpp_deliver d;
	(void)state;
	smpp_decode_data_sm(body, sizeof body - 1, &d);
	assert_string_equal(d.source, "6281");
	assert_int_equal(d.esm_class, 4);
	assert_int_equal(d.text_len, 4);
	assert_memory_equal(d.text, "text", 4);
	assert_string_equal(d.receipted_id, "12");
	assert_int_equal(d.message_state, 5);
	assert_int_equal(d.anomalies, 0);
}

/* A whole receipt behind or before 400 TLVs that nobody knows. */
static void a_receipt_among_four_hundred_tlvs(void **state)
{
	static const uint8_t fields[10] = { [7] = 4 }, tlvs[] = "\0\x1e\0\2"
								"12"
								"\x04\x27\0\1\2";
	uint8_t body[10 + 1600 + 2 * sizeof tlvs];
	struct smpp_deliver d;
	size_t len = sizeof tlvs - 1;
	(void)state;
	memset(body, 0, sizeof body);
	memcpy(body, fields, sizeof fields);
	memcpy(body + 10, tlvs, len);
	smpp_decode_data_sm(body, 10 + len + 1600, &d);
	assert_string_equal(d.receipted_id, "12");
	assert_int_equal(d.message_state, 2);
	assert_int_equal(d.anomalies, BIT(TLV_MANY) | BIT(TLV_UNKNOWN));
	memset(body + 10, 0, len);
	memcpy(body + 10 + 254 * 4, tlvs, len); /* the last two that are walked */
	smpp_decode_data_sm(body, 10 + 254 * 4 + len, &d);
	assert_string_equal(d.receipted_id, "12");
	assert_int_equal(d.message_state, 2);
	assert_int_equal(d.anomalies, BIT(TLV_UNKNOWN));
}

static void four_hundred_tlvs(void **state)
{
	uint8_t body[1600] = { 0 };
	struct smpp_tlv_walk w;
	struct smpp_tlv t;
	unsigned n = 0;
	(void)state;
	smpp_tlv_init(&w, body, sizeof body);
	while (smpp_tlv_next(&w, &t))
		n++;
	assert_int_equal(n, SMPP_TLV_MAX);
	assert_true(w.excess);
	assert_false(w.malformed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lengths),
		cmocka_unit_test(an_error_with_an_id),
		cmocka_unit_test(tlvs_in_a_response),
		cmocka_unit_test(accepted_without_id),
		cmocka_unit_test(an_id_too_long_is_cut),
		cmocka_unit_test(a_receipt_with_tlvs),
		cmocka_unit_test(every_cut_is_survived),
		cmocka_unit_test(four_hundred_tlvs),
		cmocka_unit_test(network_errors),
		cmocka_unit_test(a_data_sm_receipt),
		cmocka_unit_test(a_receipt_among_four_hundred_tlvs),
		cmocka_unit_test(ids_as_smscs_end_them),
		cmocka_unit_test(an_id_too_long_in_a_tlv_is_cut),
		cmocka_unit_test(a_state_in_more_than_one_octet),
		cmocka_unit_test(what_the_standards_list_is_known),
		cmocka_unit_test(tlvs_of_another_length),
		cmocka_unit_test(every_anomaly_has_a_name_of_its_own),
		cmocka_unit_test(answers_to_a_bind),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
