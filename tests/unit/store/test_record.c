/*
 * test_record: the packed record: what is packed is unpacked, at the offsets the scripts read, and rubbish is refused.
 */
#include "../../../daemon/store/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t args[KEYRING_TAG_LEN] = "argsargsargsarg";

static void fill(struct store_record *r)
{
	memset(r, 0, sizeof(*r));
	r->id.kid = 7;
	memset(r->id.generation, 'g', sizeof(r->id.generation));
	r->delivery = DELIVERY_ACCEPTED;
	r->reason = REASON_REFUSED;
	r->tenant_tag = 0x04030201;
	r->wrong = 2;
	r->guesses = 5;
	r->sends = 1;
	r->sends_max = 4;
	r->unanswered = r->known = r->returned = true;
	r->code_len = 8;
	r->version = RECORD_OLDEST;
	r->alphabet = CODE_LETTERS;
	r->limits = (struct store_limits){ { 5, 600 }, { 10, 86400 }, { 10, 3600 }, { 20, 0x01020304 } };
	r->created_ms = r->sent_ms = 1000;
	r->expires_ms = 0x0002030405060708;
	r->hard_end_ms = 2000;
	r->ttl_ms = 300000;
	r->wait_ms[0] = 30000;
	r->wait_ms[1] = 60000;
	strcpy(r->owner, "a");
	strcpy(r->smsc, "main");
	strcpy(r->error, "45");
	memset(r->mac, 'm', sizeof(r->mac));
	memset(r->sealed, 's', sizeof(r->sealed));
}

static void test_round_trip_and_offsets(void **state)
{
	struct store_record in, out;
	uint8_t packed[RECORD_LEN];

	(void)state;
	memset(&out, 0, sizeof(out));
	fill(&in);
	record_pack(&in, args, packed);
	assert_int_equal(record_unpack(packed, sizeof(packed), &out), ERR_OK);
	assert_memory_equal(&in, &out, sizeof(in));
	assert_int_equal(packed[3], DELIVERY_ACCEPTED);
	assert_int_equal(packed[5], 2);
	assert_int_equal(packed[11], 255);
	assert_int_equal(packed[12], 1);
	assert_int_equal(packed[13], 8 | CODE_LETTERS << 4);
	assert_int_equal(packed[15], 1);
	assert_memory_equal(packed + 16, "\1\2\3\4", 4);
	assert_memory_equal(packed + 64, "\10\7\6\5\4\3\2\0", 8);
	assert_memory_equal(packed + 160, args, sizeof(args));
	assert_int_equal(packed[176], 'g');
	assert_int_equal(packed[208], 'm');
	assert_memory_equal(packed + 224, "\5\x58\2\0\0", 5);
	assert_memory_equal(packed + 239, "\x14\4\3\2\1", 5);
	assert_int_equal(packed[264], 's');
}

static void test_rubbish_is_refused(void **state)
{
	struct store_record in, out;
	uint8_t packed[RECORD_LEN];
	static const struct {
		size_t at;
		uint8_t value;
	} bad[] = { { 0, 1 }, { 0, 3 }, { 2, LIFECYCLE_STATES }, { 3, DELIVERY_STATES }, { 4, REASON_COUNT } };

	(void)state;
	memset(&out, 0, sizeof(out));
	fill(&in);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		record_pack(&in, args, packed);
		packed[bad[i].at] = bad[i].value;
		assert_int_equal(record_unpack(packed, sizeof(packed), &out), ERR_CORRUPT);
	}
	assert_int_equal(record_unpack(packed, sizeof(packed) - 1, &out), ERR_CORRUPT);
}

/* What was changed in Redis is shown to nobody as it is, and does not make a resend wait longer than its wait. */
static void test_changed_octets(void **state)
{
	struct store_record in, out;
	uint8_t packed[RECORD_LEN];

	(void)state;
	memset(&out, 0, sizeof(out));
	fill(&in);
	record_pack(&in, args, packed);
	packed[95] = packed[111] = 0x80;
	packed[121] = 0xff;
	packed[153] = '\n';
	assert_int_equal(record_unpack(packed, sizeof(packed), &out), ERR_OK);
	assert_string_equal(out.smsc, "m");
	assert_string_equal(out.error, "4");
	assert_int_equal(out.sent_ms, in.sent_ms);
	assert_int_equal(out.ended_ms, in.ended_ms);
	out.returned = false;
	out.sent_ms = INT64_C(1) << 50;
	assert_int_equal(store_resend_wait_ms(&out, 1000), 30000);
}

static void test_waits_follow_the_sends(void **state)
{
	struct store_record r;

	(void)state;
	fill(&r);
	r.returned = false;
	assert_int_equal(store_resend_wait_ms(&r, 1000), 30000);
	assert_int_equal(store_resend_wait_ms(&r, 31000), 0);
	r.sends = 2;
	assert_int_equal(store_resend_wait_ms(&r, 1000), 60000);
	r.sends = 3;
	assert_int_equal(store_resend_wait_ms(&r, 1000), 60000);
	r.sends = 4;
	assert_int_equal(store_resend_wait_ms(&r, 1000), -1);
	r.sends = 2;
	r.returned = true;
	assert_int_equal(store_resend_wait_ms(&r, 1000), 0);
	r.sends = 0;
	r.returned = false;
	assert_int_equal(store_resend_wait_ms(&r, 1000), 0);
}

static void test_a_pending_record_expires_by_the_clock(void **state)
{
	struct store_record r;

	(void)state;
	fill(&r);
	r.expires_ms = 5000;
	assert_int_equal(store_effective_state(&r, 4999), LIFECYCLE_PENDING);
	assert_int_equal(store_effective_state(&r, 5000), LIFECYCLE_EXPIRED);
	r.state = LIFECYCLE_VERIFIED;
	assert_int_equal(store_effective_state(&r, 5000), LIFECYCLE_VERIFIED);
}

/* What the generation before the packed record's own was, and since when. */
static void test_the_generation_before_tells_how_it_ended(void **state)
{
	static const enum store_gone ends[] = { STORE_EXPIRED, STORE_USED, STORE_EXPIRED, STORE_EXHAUSTED,
		                                STORE_CANCELLED };
	struct store_record in;
	struct ident asked = { 0 };
	uint8_t packed[RECORD_LEN];
	int64_t ago = 7;

	(void)state;
	fill(&in);
	record_pack(&in, args, packed);
	memset(asked.generation, 'f', sizeof(asked.generation));
	assert_int_equal(record_former(packed, &asked, 99000, &ago), STORE_UNKNOWN);
	memset(packed + 194, 'f', 8);
	assert_int_equal(record_former(packed, &asked, 99000, &ago), STORE_UNKNOWN); /* 255: there was none */
	packed[202] = 57;
	for (uint8_t i = 0; i < LIFECYCLE_STATES; i++) {
		packed[11] = i;
		ago = 0;
		assert_int_equal(record_former(packed, &asked, 99000, &ago), ends[i]);
		assert_int_equal(ago, i == LIFECYCLE_VERIFIED ? 42000 : 0);
	}
	packed[199] ^= 1;
	assert_int_equal(record_former(packed, &asked, 99000, &ago), STORE_UNKNOWN);
}

/* A command_status is kept whole in its eight octets; of other texts the first eight are. */
static void errors(void **state)
{
	static const char *const rows[][2] = {
		{ "0x0000000B", "0x0000000B" }, { "0xFFFFFFFF", "0xFFFFFFFF" },
		{ "n3:258", "n3:258" },         { "0x0B", "0x0B" },
		{ "0x0000000g", "0x000000" },   { "1x0000000B", "1x000000" },
		{ "0y0000000B", "0y000000" },   { "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct store_record in = { .version = RECORD_OLDEST, .code_len = 6 }, out;
		uint8_t packed[RECORD_LEN];

		snprintf(in.error, sizeof(in.error), "%s", rows[i][0]);
		record_pack(&in, args, packed);
		assert_int_equal(record_unpack(packed, sizeof(packed), &out), ERR_OK);
		assert_string_equal(out.error, rows[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors),
		cmocka_unit_test(test_round_trip_and_offsets),
		cmocka_unit_test(test_rubbish_is_refused),
		cmocka_unit_test(test_changed_octets),
		cmocka_unit_test(test_waits_follow_the_sends),
		cmocka_unit_test(test_a_pending_record_expires_by_the_clock),
		cmocka_unit_test(test_the_generation_before_tells_how_it_ended),
	};

	return cmocka_run_group_tests_name("test_record", tests, NULL, NULL);
}
