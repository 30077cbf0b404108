/*
 * libsmpp34 as the oracle: our PDUs read back by it, and packed by it whole, octet for octet; fields that do not fit
 * are refused; the trace is wiped.
 */
#include "base/secret.h"
#include "smpp/codec/encode.h"
#include "smpp/codec/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <libsmpp34/smpp34.h>
#include <libsmpp34/smpp34_structs.h>

static const struct smpp_submit_fields plain = { .service_type = "OTP",
	                                         .sender = "ACME",
	                                         .to = "6281234567890",
	                                         .validity = "000000000500000R",
	                                         .receipt = true,
	                                         .text = (const uint8_t *)"code 123456",
	                                         .text_len = 11 };

static bool traced(const char *needle)
{
	return memmem(smpp34_strerror, sizeof smpp34_strerror, needle, strlen(needle)) != NULL;
}

static void submit_reads_back(void **state)
{
	struct smpp_pdu pdu;
	submit_sm_t s;
	(void)state;
	memset(&s, 0, sizeof s);
	assert_int_equal(smpp_encode_submit(&plain, 7, &pdu), ERR_OK);
	assert_false(traced("123456"));
	assert_int_equal(smpp34_unpack2(&s, pdu.octets, (int)pdu.len), 0);
	assert_int_equal(s.sequence_number, 7);
	assert_string_equal((const char *)s.service_type, "OTP");
	assert_string_equal((const char *)s.source_addr, "ACME");
	assert_int_equal(s.source_addr_ton, 5);
	assert_int_equal(s.source_addr_npi, 0);
	assert_string_equal((const char *)s.destination_addr, "6281234567890");
	assert_int_equal(s.dest_addr_ton, 1);
	assert_int_equal(s.dest_addr_npi, 1);
	assert_string_equal((const char *)s.validity_period, "000000000500000R");
	assert_int_equal(s.registered_delivery, 1);
	assert_int_equal(s.sm_length, 11);
	assert_memory_equal(s.short_message, "code 123456", 11);
	memset(smpp34_strerror, 0, sizeof smpp34_strerror);
}

static void submit_refuses_what_does_not_fit(void **state)
{
	struct smpp_pdu pdu;
	struct smpp_submit_fields f = plain;
	static const uint8_t text[254];
	(void)state;
	f.sender = "ABCDEFGHIJKL";
	assert_int_equal(smpp_encode_submit(&f, 1, &pdu), ERR_INVALID);
	f = plain;
	f.to = "123456789012345678901";
	assert_int_equal(smpp_encode_submit(&f, 1, &pdu), ERR_INVALID);
	f = plain;
	f.service_type = "ABCDEF";
	assert_int_equal(smpp_encode_submit(&f, 1, &pdu), ERR_INVALID);
	f = plain;
	f.text = text;
	f.text_len = 254;
	assert_int_equal(smpp_encode_submit(&f, 1, &pdu), ERR_INVALID);
	assert_int_equal(smpp_encode_submit(&plain, 0, &pdu), ERR_INVALID);
	assert_int_equal(smpp_encode_submit(&plain, 0x80000000u, &pdu), ERR_INVALID);
}

static uint32_t random_below(uint32_t below)
{
	static uint64_t x = 20250801;
	x = x * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)(x >> 33) % below;
}

/* A third of them as long as they may be. */
static void random_string(char *out, uint32_t max, const char *alphabet)
{
	uint32_t len = random_below(3) ? random_below(max + 1) : max;
	for (uint32_t i = 0; i < len; i++)
		out[i] = alphabet[random_below((uint32_t)strlen(alphabet))];
	out[len] = '\0';
}

/* The same fields, all of them given to the library. */
static int pack_whole(const struct smpp_submit_fields *f, uint32_t sequence, uint8_t *out, int cap, int *len)
{
	submit_sm_t s;
	memset(&s, 0, sizeof s);
	s.command_id = SUBMIT_SM;
	s.sequence_number = sequence;
	memcpy(s.service_type, f->service_type, strlen(f->service_type));
	smpp_encode_sender_type(f->sender, &f->types, &s.source_addr_ton, &s.source_addr_npi);
	memcpy(s.source_addr, f->sender, strlen(f->sender));
	s.dest_addr_ton = f->types.dest_ton ? f->types.dest_ton & 0x7F : 1;
	s.dest_addr_npi = f->types.dest_npi ? f->types.dest_npi & 0x7F : 1;
	memcpy(s.destination_addr, f->to, strlen(f->to));
	s.protocol_id = f->protocol_id;
	s.priority_flag = f->priority;
	memcpy(s.validity_period, f->validity, strlen(f->validity));
	s.registered_delivery = f->receipt;
	s.data_coding = f->data_coding;
	s.sm_length = (uint8_t)f->text_len;
	memcpy(s.short_message, f->text, f->text_len);
	return smpp34_pack2(out, cap, len, &s);
}

/* More kinds than are kept, and those in turn: each of them packed, found again and forgotten. */
static void submits_agree_octet_for_octet(void **state)
{
	static const char *const senders[] = { "", "A", "ACME", "ELEVENCHARS", "1", "12345", "62811234567890123456" };
	char service[6], to[21];
	uint8_t text[253], theirs[512];
	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct smpp_submit_fields f = { .service_type = service,
			                        .sender = senders[random_below(7)],
			                        .to = to,
			                        .validity = random_below(2)   ? ""
			                                    : random_below(2) ? "000000000500000R"
			                                                      : "260102030405000+",
			                        .receipt = random_below(2),
			                        .protocol_id = random_below(4) ? 0 : (uint8_t)random_below(256),
			                        .priority = (uint8_t)random_below(4),
			                        .data_coding = (uint8_t)(random_below(2) * 8),
			                        .text = text,
			                        .text_len = random_below(254) };
		uint32_t sequence = 1 + random_below(0x7FFFFFFF);
		struct smpp_pdu ours;
		int len = 0;
		random_string(service, random_below(8) ? 0 : 5, "ABC");
		random_string(to, 20, "0123456789");
		for (size_t at = 0; at < f.text_len; at++)
			text[at] = (uint8_t)random_below(256);
		if (random_below(4) == 0)
			f.types =
			    (struct smpp_types){ .source_ton = SMPP_TYPE_FIXED | 6, .dest_npi = SMPP_TYPE_FIXED | 8 };
		memset(&ours, 0xA5, sizeof ours);
		assert_int_equal(smpp_encode_submit(&f, sequence, &ours), ERR_OK);
		assert_int_equal(pack_whole(&f, sequence, theirs, sizeof theirs, &len), 0);
		assert_int_equal(ours.len, len);
		assert_memory_equal(ours.octets, theirs, (size_t)len);
	}
	memset(smpp34_strerror, 0, sizeof smpp34_strerror);
}

/* Tags that the library knows as a byte, as 16 bits, as text, and one that it does not know: octets as given. */
static void tlvs_go_out_as_written(void **state)
{
	static const struct smpp_tlv_field tlvs[] = {
		{ .tag = 0x020C, .len = 2, .value = (const uint8_t *)"\1\2" },
		{ .tag = 0x0204, .len = 2, .value = (const uint8_t *)"\3\4" },
		{ .tag = 0x0005, .len = 1, .value = (const uint8_t *)"\1" },
		{ .tag = 0x020C, .len = 3, .value = (const uint8_t *)"\1\2\3" }, /* longer than its number */
		{ .tag = 0x001D, .len = 3, .value = (const uint8_t *)"abc" },
		{ .tag = 0x2001, .len = 0, .value = NULL },
	};
	static const char want[] = "\x02\x0c\0\2\1\2\x02\x04\0\2\3\4\0\5\0\1\1\x02\x0c\0\3\1\2\3"
				   "\0\x1d\0\3abc\x20\1\0";
	struct smpp_submit_fields f = plain;
	struct smpp_pdu bare, pdu;
	(void)state;
	assert_int_equal(smpp_encode_submit(&f, 7, &bare), ERR_OK);
	f.tlvs = tlvs;
	f.tlv_count = sizeof tlvs / sizeof tlvs[0];
	assert_int_equal(smpp_encode_submit(&f, 7, &pdu), ERR_OK);
	assert_int_equal(pdu.len, bare.len + sizeof want); /* its NUL ends the last length */
	assert_int_equal(smpp_frame_u32(pdu.octets), pdu.len);
	assert_memory_equal(pdu.octets + 4, bare.octets + 4, bare.len - 4);
	assert_memory_equal(pdu.octets + bare.len, want, sizeof want);
	assert_false(traced("123456"));
}

static void tlvs_at_their_bounds(void **state)
{
	static const uint8_t value[SMPP_VENDOR_TLV_LEN + 1] = { 1 };
	struct smpp_tlv_field tlvs[SMPP_VENDOR_TLVS_MAX + 1];
	struct smpp_submit_fields f = plain;
	struct smpp_pdu pdu;
	(void)state;
	for (size_t i = 0; i <= SMPP_VENDOR_TLVS_MAX; i++)
		tlvs[i] = (struct smpp_tlv_field){ .tag = 0x1400, .len = SMPP_VENDOR_TLV_LEN, .value = value };
	f.tlvs = tlvs;
	f.tlv_count = SMPP_VENDOR_TLVS_MAX;
	assert_int_equal(smpp_encode_submit(&f, 1, &pdu), ERR_OK);
	assert_int_equal(smpp_frame_u32(pdu.octets), pdu.len);
	f.tlv_count++;
	assert_int_equal(smpp_encode_submit(&f, 1, &pdu), ERR_INVALID);
	f.tlv_count = 1;
	tlvs[0].len++;
	assert_int_equal(smpp_encode_submit(&f, 1, &pdu), ERR_INVALID);
}

static void sender_types(void **state)
{
	static const struct {
		const char *sender;
		uint8_t ton, npi;
	} rows[] = { { "ACME", 5, 0 },    { "12345", 3, 0 },         { "123456", 3, 0 },
		     { "1234567", 1, 1 }, { "6281234567890", 1, 1 }, { "1A", 5, 0 } };
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint8_t ton, npi;
		smpp_encode_sender_type(rows[i].sender, &(struct smpp_types){ 0 }, &ton, &npi);
		assert_int_equal(ton, rows[i].ton);
		assert_int_equal(npi, rows[i].npi);
	}
}

static void bind_reads_back(void **state)
{
	struct secret *password;
	struct smpp_pdu pdu;
	bind_transceiver_t b;
	(void)state;
	assert_int_equal(secret_new("hunter22", 8, &password), ERR_OK);
	struct smpp_bind_fields f = { .system_id = "esme",
		                      .system_type = "OTP",
		                      .password = password,
		                      .address_range = "628*",
		                      .addr_ton = 1,
		                      .addr_npi = 8 };
	memset(&b, 0, sizeof b);
	assert_int_equal(smpp_encode_bind(&f, 1, &pdu), ERR_OK);
	assert_false(traced("hunter22"));
	assert_int_equal(smpp34_unpack2(&b, pdu.octets, (int)pdu.len), 0);
	assert_string_equal((const char *)b.system_id, "esme");
	assert_string_equal((const char *)b.password, "hunter22");
	assert_string_equal((const char *)b.system_type, "OTP");
	assert_int_equal(b.interface_version, 0x34);
	assert_string_equal((const char *)b.address_range, "628*");
	assert_int_equal(b.addr_ton, 1);
	assert_int_equal(b.addr_npi, 8);
	secret_free(password);
}

static void a_long_password_is_packed_by_hand(void **state)
{
	struct secret *password;
	struct smpp_pdu pdu;
	(void)state;
	assert_int_equal(secret_new("correct horse", 13, &password), ERR_OK);
	struct smpp_bind_fields f = {
		.system_id = "esme", .system_type = "", .password = password, .address_range = ""
	};
	static const char want[] = "\0\0\0\50\0\0\0\11\0\0\0\0\0\0\0\1"
				   "esme\0correct horse\0\0\x34\0\0\0";
	assert_int_equal(smpp_encode_bind(&f, 1, &pdu), ERR_OK);
	assert_int_equal(pdu.len, sizeof want - 1);
	assert_memory_equal(pdu.octets, want, sizeof want - 1);
	secret_free(password);
}

static void a_system_id_of_sixteen_is_packed_by_hand(void **state)
{
	struct smpp_bind_fields f = { .system_id = "SIXTEEN_OCTETS__", .system_type = "", .address_range = "8" };
	static const char want[] = "\0\0\0\50\0\0\0\11\0\0\0\0\0\0\0\1"
				   "SIXTEEN_OCTETS__\0\0\0\x34\0\0"
				   "8";
	struct smpp_pdu pdu;
	(void)state;
	assert_int_equal(smpp_encode_bind(&f, 1, &pdu), ERR_OK);
	assert_int_equal(pdu.len, sizeof want);
	assert_memory_equal(pdu.octets, want, sizeof want);
	f.system_id = "SEVENTEEN_OCTETS_";
	assert_int_equal(smpp_encode_bind(&f, 1, &pdu), ERR_INVALID);
}

/* The library packs a password of 8 octets, ours one of 9: without that octet they are alike. */
static void both_packers_agree(void **state)
{
	static const uint32_t commands[] = { SMPP_BIND_TRANSCEIVER, SMPP_BIND_TRANSMITTER, SMPP_BIND_RECEIVER };
	static const char *const types[] = { "", "OTP", "TWELVE_OCTET" }, *const ids[] = { "e", "FIFTEEN_OCTETS_" };
	struct secret *eight, *nine;
	(void)state;
	assert_int_equal(secret_new("12345678", 8, &eight), ERR_OK);
	assert_int_equal(secret_new("12345678X", 9, &nine), ERR_OK);
	for (size_t i = 0; i < 3 * 3 * 2; i++) {
		struct smpp_bind_fields f = { .command = commands[i % 3],
			                      .system_type = types[i / 3 % 3],
			                      .system_id = ids[i / 9],
			                      .password = eight,
			                      .address_range = i % 2 ? "62" : "",
			                      .addr_ton = i % 2 };
		struct smpp_pdu theirs, ours;
		size_t extra = SMPP_HEADER_LEN + strlen(f.system_id) + 1 + 8;
		assert_int_equal(smpp_encode_bind(&f, 0x7FFFFFFF, &theirs), ERR_OK);
		f.password = nine;
		assert_int_equal(smpp_encode_bind(&f, 0x7FFFFFFF, &ours), ERR_OK);
		assert_int_equal(ours.len, theirs.len + 1);
		assert_int_equal(smpp_frame_u32(ours.octets), ours.len);
		assert_int_equal(smpp_frame_u32(ours.octets + 4), commands[i % 3]);
		assert_int_equal(ours.octets[extra], 'X');
		assert_memory_equal(ours.octets + 4, theirs.octets + 4, extra - 4);
		assert_memory_equal(ours.octets + extra + 1, theirs.octets + extra, theirs.len - extra);
	}
	secret_free(eight);
	secret_free(nine);
}

static void answers_carry_any_sequence(void **state)
{
	struct smpp_pdu pdu;
	(void)state;
	assert_int_equal(smpp_encode_plain(SMPP_DELIVER_SM_RESP, 0x64, 0xFFFFFFFF, &pdu), ERR_OK);
	assert_int_equal(pdu.len, 17);
	assert_memory_equal(pdu.octets, "\0\0\0\21\x80\0\0\5\0\0\0\x64\xff\xff\xff\xff\0", 17);
	assert_int_equal(smpp_encode_plain(SMPP_DATA_SM_RESP, 0, 1, &pdu), ERR_OK);
	assert_int_equal(pdu.len, 17);
	static const uint32_t headers[] = { SMPP_ENQUIRE_LINK, SMPP_ENQUIRE_LINK_RESP, SMPP_UNBIND, SMPP_UNBIND_RESP,
		                            SMPP_GENERIC_NACK };
	for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
		assert_int_equal(smpp_encode_plain(headers[i], 0, 0, &pdu), ERR_OK);
		assert_int_equal(pdu.len, 16);
		assert_int_equal(smpp_frame_u32(pdu.octets + 4), headers[i]);
	}
}

/* More kinds of answers than are kept packed, each of them again and again, must come out with their own fields. */
static void answers_keep_their_fields(void **state)
{
	struct smpp_pdu pdu;
	(void)state;
	for (uint32_t sequence = 1; sequence <= 100; sequence++) {
		uint32_t status = sequence * 7 % 9;
		bool id = sequence % 2;
		assert_int_equal(
		    smpp_encode_plain(id ? SMPP_DELIVER_SM_RESP : SMPP_GENERIC_NACK, status, sequence, &pdu), ERR_OK);
		assert_int_equal(pdu.len, id ? 17 : 16);
		assert_int_equal(smpp_frame_u32(pdu.octets), pdu.len);
		assert_int_equal(smpp_frame_u32(pdu.octets + 4), id ? SMPP_DELIVER_SM_RESP : SMPP_GENERIC_NACK);
		assert_int_equal(smpp_frame_u32(pdu.octets + 8), status);
		assert_int_equal(smpp_frame_u32(pdu.octets + 12), sequence);
	}
}

static int setup(void **state)
{
	(void)state;
	return secret_setup() == ERR_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(submit_reads_back),
		cmocka_unit_test(submit_refuses_what_does_not_fit),
		cmocka_unit_test(tlvs_go_out_as_written),
		cmocka_unit_test(tlvs_at_their_bounds),
		cmocka_unit_test(sender_types),
		cmocka_unit_test(bind_reads_back),
		cmocka_unit_test(both_packers_agree),
		cmocka_unit_test(submits_agree_octet_for_octet),
		cmocka_unit_test(a_system_id_of_sixteen_is_packed_by_hand),
		cmocka_unit_test(a_long_password_is_packed_by_hand),
		cmocka_unit_test(answers_carry_any_sequence),
		cmocka_unit_test(answers_keep_their_fields),
	};
	return cmocka_run_group_tests(tests, setup, NULL);
}
