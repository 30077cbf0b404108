/*
 * One message as different SMSCs want it, read back by libsmpp34 or octet by octet.
 */
#include "base/secret.h"
#include "smpp/codec/decode.h"
#include "smpp/codec/frame.h"
#include "smpp/codec/profile.h"
#include "smpp/codec/tlv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <libsmpp34/smpp34.h>
#include <libsmpp34/smpp34_structs.h>

static const struct msisdn to = { "6281234567890" };

static struct smpp_profile profile_of(const struct smpp_smsc_opts *o)
{
	struct smpp_profile p;
	assert_int_equal(smpp_profile_set(&p, o), ERR_OK);
	return p;
}

static enum err encode(const struct smpp_profile *p, const struct smpp_message *m, bool bare, struct smpp_pdu *out)
{
	/* 2026-12-31 23:58:30 UTC */
	struct smpp_profile_submit s = { .message = m, .bare = bare, .wall_ms = INT64_C(1798761510000), .sequence = 7 };
	return smpp_profile_encode(p, &s, out);
}

static void read_back(const struct smpp_smsc_opts *o, const struct smpp_message *m, submit_sm_t *s)
{
	struct smpp_profile p = profile_of(o);
	struct smpp_pdu pdu;
	assert_int_equal(encode(&p, m, false, &pdu), ERR_OK);
	memset(s, 0, sizeof *s);
	assert_int_equal(smpp34_unpack2(s, pdu.octets, (int)pdu.len), 0);
}

static void alphabets(void **state)
{
	static const struct {
		enum smpp_alphabet alphabet;
		const char *text;
		uint8_t data_coding;
		const char *octets;
		size_t len;
	} rows[] = {
		{ SMPP_ALPHABET_GSM, "a@b", 0, "a\0b", 3 },
		{ SMPP_ALPHABET_GSM, "a\u20ac", 0, "a\x1b\x65", 3 },
		{ SMPP_ALPHABET_GSM, "\u4e2d", 8, "\x4e\x2d", 2 },
		{ SMPP_ALPHABET_GSM_DC1, "a@b", 1, "a\0b", 3 },
		{ SMPP_ALPHABET_LATIN1, "a@\u00e9", 3, "a@\xe9", 3 },
		{ SMPP_ALPHABET_LATIN1, "\u20ac", 8, "\x20\xac", 2 },
		{ SMPP_ALPHABET_ASCII, "a@[", 1, "a@[", 3 },
		{ SMPP_ALPHABET_ASCII, "\u00e9", 8, "\0\xe9", 2 },
		{ SMPP_ALPHABET_UCS2, "a@", 8, "\0a\0@", 4 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct smpp_smsc_opts o = { .sender = "ACME", .alphabet = rows[i].alphabet };
		struct smpp_message m = { .to = &to, .text = rows[i].text };
		submit_sm_t s;
		read_back(&o, &m, &s);
		assert_int_equal(s.data_coding, rows[i].data_coding);
		assert_int_equal(s.sm_length, rows[i].len);
		assert_memory_equal(s.short_message, rows[i].octets, rows[i].len);
	}
}

/* GSM and ASCII have 7 bits, and 140 octets hold 160 of them. */
static void one_segment_only(void **state)
{
	static const struct {
		enum smpp_alphabet alphabet;
		int characters;
	} rows[] = { { SMPP_ALPHABET_GSM, 160 },
		     { SMPP_ALPHABET_GSM_DC1, 160 },
		     { SMPP_ALPHABET_ASCII, 160 },
		     { SMPP_ALPHABET_LATIN1, 140 },
		     { SMPP_ALPHABET_UCS2, 70 } };
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct smpp_smsc_opts o = { .sender = "ACME", .alphabet = rows[i].alphabet };
		struct smpp_profile p = profile_of(&o);
		char text[170];
		struct smpp_message m = { .to = &to, .text = text };
		struct smpp_pdu pdu;
		snprintf(text, sizeof text, "%0*d", rows[i].characters, 0);
		assert_int_equal(encode(&p, &m, false, &pdu), ERR_OK);
		snprintf(text, sizeof text, "%0*d", rows[i].characters + 1, 0);
		assert_int_equal(encode(&p, &m, false, &pdu), ERR_INVALID);
	}
}

static void validities(void **state)
{
	static const struct {
		enum smpp_validity validity;
		uint32_t left_s;
		const char *want;
	} rows[] = {
		{ SMPP_VALIDITY_RELATIVE, 300, "000000000500000R" },
		{ SMPP_VALIDITY_RELATIVE, 301, "000000000600000R" },
		{ SMPP_VALIDITY_RELATIVE, 90061, "000001010200000R" },
		{ SMPP_VALIDITY_RELATIVE, 0, "" },
		{ SMPP_VALIDITY_ABSOLUTE, 30, "261231235930000+" },
		{ SMPP_VALIDITY_ABSOLUTE, 120, "270101000030000+" },
		{ SMPP_VALIDITY_ABSOLUTE, 0, "" },
		{ SMPP_VALIDITY_NONE, 300, "" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct smpp_smsc_opts o = { .sender = "ACME", .validity = rows[i].validity };
		struct smpp_message m = { .to = &to, .text = "x", .validity_s = rows[i].left_s };
		submit_sm_t s;
		read_back(&o, &m, &s);
		assert_string_equal((const char *)s.validity_period, rows[i].want);
	}
}

static void a_bare_one_has_no_validity(void **state)
{
	static const enum smpp_validity all[] = { SMPP_VALIDITY_RELATIVE, SMPP_VALIDITY_ABSOLUTE };
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct smpp_smsc_opts o = { .sender = "ACME", .validity = all[i] };
		struct smpp_message m = { .to = &to, .text = "x", .validity_s = 300 };
		struct smpp_profile p = profile_of(&o);
		struct smpp_pdu bare, with;
		assert_int_equal(encode(&p, &m, true, &bare), ERR_OK);
		assert_int_equal(encode(&p, &m, false, &with), ERR_OK);
		assert_int_equal(with.len - bare.len, 16);
	}
}

#define FIXED(v) (SMPP_TYPE_FIXED | (v))

static void types_of_addresses(void **state)
{
	static const struct {
		const char *sender;
		struct smpp_types types;
		uint8_t ton, npi, dest_ton, dest_npi;
	} rows[] = {
		{ "ACME", { 0 }, 5, 0, 1, 1 },
		{ "12345", { 0 }, 3, 0, 1, 1 },
		{ "+6281100000000", { 0 }, 1, 1, 1, 1 },
		{ "12345", { .short_ton = FIXED(6) }, 6, 0, 1, 1 },
		{ "ACME", { .short_ton = FIXED(6) }, 5, 0, 1, 1 },
		{ "ACME", { .source_ton = FIXED(0), .source_npi = FIXED(1) }, 0, 1, 1, 1 },
		{ "12345", { .source_ton = FIXED(2), .short_ton = FIXED(6) }, 2, 0, 1, 1 },
		{ "ACME", { .dest_ton = FIXED(0), .dest_npi = FIXED(9) }, 5, 0, 0, 9 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct smpp_smsc_opts o = { .sender = rows[i].sender, .types = rows[i].types };
		struct smpp_message m = { .to = &to, .text = "x" };
		submit_sm_t s;
		read_back(&o, &m, &s);
		assert_int_equal(s.source_addr_ton, rows[i].ton);
		assert_int_equal(s.source_addr_npi, rows[i].npi);
		assert_int_equal(s.dest_addr_ton, rows[i].dest_ton);
		assert_int_equal(s.dest_addr_npi, rows[i].dest_npi);
		assert_string_equal((const char *)s.source_addr, rows[i].sender + (rows[i].sender[0] == '+'));
		assert_string_equal((const char *)s.destination_addr, to.digits);
	}
}

static void plain_fields(void **state)
{
	struct smpp_smsc_opts o = {
		.sender = "ACME", .service_type = "OTP", .protocol_id = 0x41, .priority = 3, .receipts = true
	};
	struct smpp_message m = { .to = &to, .text = "x", .sender = "OTHER" };
	submit_sm_t s;
	(void)state;
	read_back(&o, &m, &s);
	assert_string_equal((const char *)s.service_type, "OTP");
	assert_string_equal((const char *)s.source_addr, "OTHER");
	assert_int_equal(s.protocol_id, 0x41);
	assert_int_equal(s.priority_flag, 3);
	assert_int_equal(s.registered_delivery, 1);
	assert_int_equal(s.esm_class, 0);
	assert_int_equal(s.replace_if_present_flag, 0);
	o.receipts = false;
	m.sender = "";
	read_back(&o, &m, &s);
	assert_int_equal(s.registered_delivery, 0);
	assert_string_equal((const char *)s.source_addr, "ACME");
}

static void vendor_tlvs_go_out_as_they_are(void **state)
{
	uint8_t values[SMPP_VENDOR_TLVS_MAX][SMPP_VENDOR_TLV_LEN];
	struct smpp_vendor_tlv tlvs[SMPP_VENDOR_TLVS_MAX];
	struct smpp_smsc_opts o = { .sender = "ACME", .tlvs = tlvs };
	struct smpp_message m = { .to = &to, .text = "code 123456" };
	struct smpp_pdu without, with;
	(void)state;
	for (unsigned i = 0; i < SMPP_VENDOR_TLVS_MAX; i++) {
		memset(values[i], (int)(i + 1), sizeof values[i]);
		tlvs[i] =
		    (struct smpp_vendor_tlv){ (uint16_t)(0x1400 + i), values[i], i == 7 ? SMPP_VENDOR_TLV_LEN : i };
	}
	struct smpp_profile p = profile_of(&o);
	assert_int_equal(encode(&p, &m, false, &without), ERR_OK);
	size_t want = without.len;
	for (size_t n = 1; n <= SMPP_VENDOR_TLVS_MAX; n++) {
		struct smpp_tlv_walk w;
		struct smpp_tlv t;
		size_t i = 0;
		o.tlv_count = n;
		want += 4 + tlvs[n - 1].len;
		p = profile_of(&o);
		memset(&tlvs[0].value, 0, sizeof tlvs[0].value);
		assert_int_equal(encode(&p, &m, false, &with), ERR_OK);
		assert_int_equal(with.len, want);
		assert_int_equal(smpp_frame_u32(with.octets), want);
		assert_memory_equal(with.octets + 16, without.octets + 16, without.len - 16);
		smpp_tlv_init(&w, with.octets + without.len, with.len - without.len);
		for (; smpp_tlv_next(&w, &t); i++) {
			assert_int_equal(t.tag, 0x1400 + i);
			assert_int_equal(t.len, tlvs[i].len);
			assert_memory_equal(t.value, values[i], t.len);
		}
		assert_int_equal(i, n);
	}
}

static void what_does_not_fit_is_refused(void **state)
{
	struct smpp_vendor_tlv tlvs[SMPP_VENDOR_TLVS_MAX + 1] = { { 0x1400, (const uint8_t *)"",
		                                                    SMPP_VENDOR_TLV_LEN + 1 } };
	struct smpp_smsc_opts o = { .sender = "ACME", .tlvs = tlvs, .tlv_count = 1 };
	struct smpp_profile p;
	(void)state;
	assert_int_equal(smpp_profile_set(&p, &o), ERR_INVALID);
	tlvs[0].len = 0;
	o.tlv_count = SMPP_VENDOR_TLVS_MAX + 1;
	assert_int_equal(smpp_profile_set(&p, &o), ERR_INVALID);
	o.tlv_count = 0;
	o.service_type = "ABCDEF";
	assert_int_equal(smpp_profile_set(&p, &o), ERR_INVALID);
}

static int setup(void **state)
{
	(void)state;
	return secret_setup() == ERR_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alphabets),
		cmocka_unit_test(one_segment_only),
		cmocka_unit_test(validities),
		cmocka_unit_test(a_bare_one_has_no_validity),
		cmocka_unit_test(types_of_addresses),
		cmocka_unit_test(plain_fields),
		cmocka_unit_test(vendor_tlvs_go_out_as_they_are),
		cmocka_unit_test(what_does_not_fit_is_refused),
	};
	return cmocka_run_group_tests(tests, setup, NULL);
}
