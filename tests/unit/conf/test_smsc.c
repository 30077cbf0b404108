/*
 * conf: how an SMSC wants its messages: what keys become, and what is told about wrong ones.
 */
#include "conf.h"
#include "../../../daemon/conf/groups.h"
#include "smpp/codec/status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEXT_CAP 4096

/* With keys of the SMSC and the end of the template's text. */
static const char *with(const char *keys, const char *words)
{
	static char text[TEXT_CAP];
	int len =
	    snprintf(text, sizeof(text),
	             "default_purpose = \"login\"; default_lang = \"id\";\n"
	             "redis: { socket = \"/tmp/x/redis.sock\"; };\n"
	             "keys: { index = \"index.key\"; codes = ( { kid = 1; file = \"c1\"; } ); current = 1; };\n"
	             "smsc = ( { name = \"one\"; host = \"h1\"; system_id = \"s\"; sender = \"OTP\"; rate = 5;\n"
	             "%s } );\n" /* line 5 */
	             "routes = ( { prefix = \"\"; smsc = [\"one\"]; } );\n"
	             "numbering: { home = \"ID\"; countries = ( { region = \"ID\"; code = \"62\"; trunk = \"0\";\n"
	             "  length = [9, 12]; mobile = [\"81-83\"]; } ); };\n"
	             "templates = ( { name = \"otp\"; lang = \"id\";\n"
	             "  text = \"{brand}: kode {code}%s\"; } );\n" /* line 10 */
	             "purposes = ( { name = \"login\"; template = \"otp\"; brand = \"B\"; } );\n"
	             "tenants = ( { name = \"web\"; uid = [33]; } );\n",
	             keys, words);

	assert_in_range(len, 1, TEXT_CAP - 1);
	return text;
}

/* NULL if it is refused; then *said (TEXT_CAP) tells why. */
static struct conf *load(const char *text, char *said)
{
	struct conf *c = NULL;
	struct buf errors;

	buf_init(&errors, 65536);
	enum err err = conf_load_text("t.conf", text, strlen(text), &c, &errors);
	snprintf(said, TEXT_CAP, "%.*s", (int)buf_len(&errors), (const char *)buf_data(&errors));
	buf_clear(&errors);
	if (err == ERR_OK)
		assert_string_equal(said, "");
	else
		assert_null(c);
	return c;
}

static struct conf *good(const char *text)
{
	char said[TEXT_CAP];
	struct conf *c = load(text, said);

	if (!c)
		print_error("%s", said);
	assert_non_null(c);
	return c;
}

static void nothing_said(void **state)
{
	static const struct smpp_types none = { 0 };
	struct conf *c = good(with("", ""));
	const struct smpp_smsc_opts *o = &c->smpp.smscs[0];

	(void)state;
	assert_memory_equal(&o->types, &none, sizeof(none));
	assert_int_equal(o->alphabet, SMPP_ALPHABET_GSM);
	assert_int_equal(o->validity, SMPP_VALIDITY_RELATIVE);
	assert_int_equal(o->msgid_mode, SMPP_MSGID_EXACT);
	assert_int_equal(o->status_count + o->tlv_count + o->priority + o->protocol_id, 0);
	assert_true(o->receipts);
	assert_string_equal(o->service_type, "");
	assert_int_equal(c->flow.policy.charsets, 1U << CHARSET_GSM);
	conf_free(c);
}

static void all_said(void **state)
{
	static const struct smpp_types types = { SMPP_TYPE_FIXED, SMPP_TYPE_FIXED | 18, SMPP_TYPE_FIXED | 6,
		                                 SMPP_TYPE_FIXED | 2, SMPP_TYPE_FIXED };
	struct conf *c = good(with("validity = \"absolute\"; alphabet = \"gsm_dc1\"; msgid_mode = \"auto\";"
	                           "priority = 3; source_ton = 0; source_npi = 18; short_ton = 6; dest_ton = 2;"
	                           "dest_npi = 0; protocol_id = 65; service_type = \"OTP\"; receipts = false;",
	                           ""));
	const struct smpp_smsc_opts *o = &c->smpp.smscs[0];

	(void)state;
	assert_int_equal(o->validity, SMPP_VALIDITY_ABSOLUTE);
	assert_int_equal(o->alphabet, SMPP_ALPHABET_GSM_DC1);
	assert_int_equal(o->msgid_mode, SMPP_MSGID_AUTO);
	assert_memory_equal(&o->types, &types, sizeof(types));
	assert_int_equal(o->protocol_id, 65);
	assert_int_equal(o->priority, 3);
	assert_string_equal(o->service_type, "OTP");
	assert_false(o->receipts);
	conf_free(c);
}

/* Each word is the value of its name. */
static void words(void **state)
{
	static const struct {
		const char *keys;
		enum smpp_alphabet alphabet;
		enum smpp_msgid_mode mode;
		enum smpp_validity validity;
	} rows[] = {
		{ "alphabet = \"latin1\"; msgid_mode = \"exact\"; validity = \"none\";", SMPP_ALPHABET_LATIN1,
		  SMPP_MSGID_EXACT, SMPP_VALIDITY_NONE },
		{ "alphabet = \"ascii\"; msgid_mode = \"hex_resp_dec_dlr\"; validity = \"relative\";",
		  SMPP_ALPHABET_ASCII, SMPP_MSGID_HEX_RESP_DEC_DLR, SMPP_VALIDITY_RELATIVE },
		{ "alphabet = \"ucs2\"; msgid_mode = \"dec_resp_hex_dlr\"; validity = \"absolute\";",
		  SMPP_ALPHABET_UCS2, SMPP_MSGID_DEC_RESP_HEX_DLR, SMPP_VALIDITY_ABSOLUTE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct conf *c = good(with(rows[i].keys, ""));

		assert_int_equal(c->smpp.smscs[0].alphabet, rows[i].alphabet);
		assert_int_equal(c->smpp.smscs[0].msgid_mode, rows[i].mode);
		assert_int_equal(c->smpp.smscs[0].validity, rows[i].validity);
		conf_free(c);
	}
}

static void statuses_and_tlvs(void **state)
{
	struct conf *c =
	    good(with("statuses = ( { code = 0x400; class = \"account\"; }, { code = 69; class = \"vendor\"; } );"
	              "tlvs = ( { tag = 0x1400; value = \"ab\"; }, { tag = 5121; hex = \"00fF7e\"; }, { tag = 1; } );",
	              ""));
	const struct smpp_smsc_opts *o = &c->smpp.smscs[0];

	(void)state;
	assert_int_equal(o->status_count, 2);
	assert_int_equal(o->statuses[0].status, 0x400);
	assert_string_equal(o->statuses[0].class, "account");
	assert_int_equal(o->statuses[1].status, 0x45);
	assert_int_equal(o->tlv_count, 3);
	assert_int_equal(o->tlvs[0].tag, 0x1400);
	assert_int_equal(o->tlvs[0].len, 2);
	assert_memory_equal(o->tlvs[0].value, "ab", 2);
	assert_int_equal(o->tlvs[1].tag, 0x1401);
	assert_int_equal(o->tlvs[1].len, 3);
	assert_memory_equal(o->tlvs[1].value, "\0\xff\x7e", 3);
	assert_int_equal(o->tlvs[2].len, 0);
	conf_free(c);
}

static void every_class_may_be_said_but_accepted(void **state)
{
	(void)state;
	for (unsigned class = 0; class < SMPP_CLASS_MAX; class ++) {
		char keys[100], said[TEXT_CAP];
		const char *name = smpp_class_name((enum smpp_class) class);

		snprintf(keys, sizeof(keys), "statuses = ( { code = 2; class = \"%s\"; } );", name);
		struct conf *c = load(with(keys, ""), said);
		assert_int_equal(c != NULL, class != SMPP_CLASS_ACCEPTED);
		if (c)
			assert_string_equal(c->smpp.smscs[0].statuses[0].class, name);
		conf_free(c);
	}
}

/* A text of 71 characters is one segment, but not for an SMSC that takes UCS-2 only. */
static void ucs2_only(void **state)
{
	char fill[80], said[TEXT_CAP];

	(void)state;
	snprintf(fill, sizeof(fill), "%056d", 0); /* beside "B: kode " and six digits */
	struct conf *c = good(with("alphabet = \"ucs2\";", fill));
	assert_int_equal(c->flow.policy.charsets, 1U << CHARSET_UCS2);
	conf_free(c);
	snprintf(fill, sizeof(fill), "%057d", 0);
	conf_free(good(with("", fill)));
	assert_null(load(with("alphabet = \"ucs2\";", fill), said));
	assert_non_null(strstr(said, "t.conf:10: templates[0].text: found "));
	assert_non_null(strstr(said, "(too_long, purpose login)"));
}

static void faults(void **state)
{
	static const char *const rows[][2] = {
		{ "alphabet = \"utf8\";",
		  "alphabet: found \"utf8\" (4 octets), allowed one of gsm|latin1|ascii|gsm_dc1|ucs2" },
		{ "validity = \"Relative\";",
		  "validity: found \"Relative\" (8 octets), allowed one of relative|absolute|none" },
		{ "msgid_mode = \"hex\";",
		  "msgid_mode: found \"hex\" (3 octets), allowed one of exact|hex_resp_dec_dlr|" },
		{ "source_ton = 7;", "source_ton: found 7, allowed a whole number -1..6" },
		{ "source_npi = 5;", "source_npi: found 5, allowed -1, 0, 1, 3, 4, 6, 8, 9, 10, 14, 18" },
		{ "dest_npi = 2;", "dest_npi: found 2, allowed -1, 0, 1, 3, 4, 6, 8, 9, 10, 14, 18" },
		{ "addr_npi = 2;", "addr_npi: found 2, allowed 0, 1, 3, 4, 6, 8, 9, 10, 14, 18" },
		{ "addr_ton = -1;", "addr_ton: found -1, allowed a whole number 0..6" },
		{ "priority = 4;", "priority: found 4, allowed a whole number 0..3" },
		{ "protocol_id = 256;", "protocol_id: found 256, allowed a whole number 0..255" },
		{ "statuses = ( { code = 0; class = \"account\"; } );",
		  "statuses[0].code: found 0, allowed a whole number 1..4294967295" },
		{ "statuses = ( { code = 9; class = \"accepted\"; } );",
		  "statuses[0].class: found \"accepted\" (8 octets), allowed one of throttle|" },
		{ "statuses = ( { code = 9; class = \"vague\"; }, { code = 0x9; class = \"expiry\"; } );",
		  "statuses[1].code: found 0x0009 a second time, allowed once" },
		{ "statuses = ( { class = \"vague\"; } );", "statuses[0].code: found nothing, allowed a whole number" },
		{ "tlvs = ( { value = \"a\"; } );", "tlvs[0].tag: found nothing, allowed a whole number 1..65535" },
		{ "tlvs = ( { tag = 5; value = \"a\"; hex = \"00\"; } );",
		  "tlvs[0].hex: found \"00\" beside a value, allowed one of both" },
		{ "tlvs = ( { tag = 5; hex = \"0g\"; } );",
		  "tlvs[0].hex: found \"0g\", allowed pairs of hexadecimal digits" },
		{ "tlvs = ( { tag = 5; hex = \"000\"; } );", "tlvs[0].hex: found \"000\", allowed pairs of" },
		{ "tlvs = ({tag=1;},{tag=2;},{tag=3;},{tag=4;},{tag=5;},{tag=6;},{tag=7;},{tag=8;},{tag=9;});",
		  "tlvs: found 9 TLVs, allowed at most 8" },
		{ "tlvs = ( { tag = 5; }, { tag = 5; } );", "tlvs[1].tag: found 0x0005 a second time, allowed once" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char said[TEXT_CAP], want[256];

		snprintf(want, sizeof(want), "t.conf:5: smsc[0].%s", rows[i][1]);
		assert_null(load(with(rows[i][0], ""), said));
		if (!strstr(said, want))
			print_error("said: %swanted: %s\n", said, want);
		assert_non_null(strstr(said, want));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_said),
		cmocka_unit_test(all_said),
		cmocka_unit_test(words),
		cmocka_unit_test(statuses_and_tlvs),
		cmocka_unit_test(ucs2_only),
		cmocka_unit_test(faults),
		cmocka_unit_test(every_class_may_be_said_but_accepted),
	};

	return cmocka_run_group_tests_name("smsc", tests, NULL, NULL);
}
