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

static const uint16_t waits_s[POLICY_WAITS_MAX] = { 30, 60 };
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
	r->unanswered = r->known = r->returned = r->test = true;
	r->code_len = 8;
	r->version = RECORD_OLDEST;
	r->alphabet = CODE_LETTERS;
	r->limits = (struct store_limits){ { 5, 600 }, { 10, 86400 }, { 10, 3600 }, { 20, 0x010203 } };
	r->created_ms = r->sent_ms = 1000;
	r->expires_ms = 1000 + 0x05060708;
	r->hard_end_ms = 2000;
	r->deadline_ms = 1500;
	r->accepted_ms = 1000;
	r->ttl_ms = 300000;
	r->wait_s = 30;
	r->purpose_tag = 0x0506;
	r->smsc_tag = 0x0708;
	strcpy(r->owner, "a");
	strcpy(r->error, "45");
	memset(r->mac, 'm', sizeof(r->mac));
	memset(r->sealed.number, 'n', sizeof(r->sealed.number));
	r->sealed.len = 56;
	memset(r->sealed.octets, 's', 56);
}

static void test_round_trip_and_offsets(void **state)
{
	struct store_record in, out;
	uint8_t packed[RECORD_CAP];

	(void)state;
	memset(&out, 0, sizeof(out));
	fill(&in);
	size_t len = record_pack(&in, args, waits_s, packed);
	assert_int_equal(record_unpack(packed, len, &out), ERR_OK);
	assert_memory_equal(&in, &out, sizeof(in));
	assert_int_equal(len, 301);
	assert_int_equal(packed[0], 1);
	assert_memory_equal(packed, "\1\0\0\0\0\0\2\3\2\1\10\7\10\7\6\5\1\0\0\0\xe8\3\0\0\0\0gggggggg\1\2\3\4", 38);
	assert_memory_equal(packed + 38, "\0\0\0\0\x1e\0\5\1\4\x18\1\2\7\xff", 14);
	assert_memory_equal(packed + 64, "\6\5\0\0", 4);
	assert_memory_equal(packed + 76, "45\0\0\0\0\0\0n", 9);
	assert_memory_equal(packed + 108, "\5\x58\2\0", 4);
	assert_memory_equal(packed + 120, "\x14\3\2\1\xe0\x93\4\0\xf4\1\0\0\xe8\3\0\0gggggggggg", 26);
	assert_memory_equal(packed + 145, "gm", 2);
	assert_int_equal(packed[181], 1);
	assert_memory_equal(packed + 184, "a\0\0\0\0\0\0\0argsargs\x1e\0\x3c\0\0", 21);
	assert_memory_equal(packed + 243, "\x38\0s", 3);
}

/* What is left of a record that has ended: the octets that lua/lib/gone.lua keeps. */
static size_t cut(uint8_t *packed, enum lifecycle_state state)
{
	packed[1] = (uint8_t)state;
	memcpy(packed + 2, "\x11\0\0\0", 4);
	return state == LIFECYCLE_EXHAUSTED ? 124 : 108;
}

static void test_a_tombstone_answers_what_is_kept(void **state)
{
	struct store_record in, out;
	uint8_t packed[RECORD_CAP];
	static const enum lifecycle_state ends[] = { LIFECYCLE_VERIFIED, LIFECYCLE_EXHAUSTED, LIFECYCLE_CANCELLED };

	(void)state;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		memset(&out, 0xff, sizeof(out));
		fill(&in);
		record_pack(&in, args, waits_s, packed);
		size_t len = cut(packed, ends[i]);

		assert_true(len <= 192);
		assert_int_equal(record_unpack(packed, len, &out), ERR_OK);
		assert_int_equal(record_unpack(packed, len - 1, &out), ERR_CORRUPT);
		assert_int_equal(record_unpack(packed, len + 1, &out), ERR_CORRUPT);
		assert_int_equal(out.state, ends[i]);
		assert_int_equal(out.ended_ms, 1016);
		assert_int_equal(out.created_ms, in.created_ms);
		assert_int_equal(out.expires_ms, in.expires_ms);
		assert_int_equal(out.accepted_ms, in.accepted_ms);
		assert_int_equal(out.sent_ms, in.sent_ms);
		assert_int_equal(out.wait_s, in.wait_s);
		assert_int_equal(out.purpose_tag, in.purpose_tag);
		assert_int_equal(out.smsc_tag, in.smsc_tag);
		assert_true(out.unanswered && out.known && out.test);
		assert_string_equal(out.error, in.error);
		assert_memory_equal(out.sealed.number, in.sealed.number, sizeof(in.sealed.number));
		assert_int_equal(out.sealed.len + out.deadline_ms + out.hard_end_ms + out.ttl_ms + out.claims, 0);
		assert_int_equal(out.owner[0] + out.mac[0] + out.mac[15] + out.limits.sends_short.count, 0);
	}
}

static void test_why_it_was_cancelled(void **state)
{
	struct store_record in, out;
	uint8_t packed[RECORD_CAP];

	(void)state;
	for (int why = CANCEL_UNSAID; why < CANCEL_COUNT; why++) {
		fill(&in);
		in.state = LIFECYCLE_CANCELLED;
		in.cancel = (enum lifecycle_cancel)why;
		record_pack(&in, args, waits_s, packed);
		assert_int_equal(packed[9], 1 + 4 * why);
		assert_int_equal(record_unpack(packed, cut(packed, LIFECYCLE_CANCELLED), &out), ERR_OK);
		assert_int_equal(out.cancel, why);
		assert_true(out.unanswered && !out.rerouted);
	}
}

static void test_a_corrected_number_leaves_its_successor(void **state)
{
	struct store_record in, out;
	uint8_t packed[RECORD_CAP];

	(void)state;
	fill(&in);
	in.redirects = 2;
	in.similar = true;
	in.test = false;
	size_t len = record_pack(&in, args, waits_s, packed);
	assert_int_equal(packed[240], 2);
	assert_int_equal(packed[49], 8);
	packed[49] |= 64; /* reserved, which only the functions look at */
	assert_int_equal(record_unpack(packed, len, &out), ERR_OK);
	assert_true(out.redirects == 2 && out.similar && !out.redirected);
	packed[49] ^= 64 | 128;
	len = cut(packed, LIFECYCLE_EXPIRED);
	assert_int_equal(record_unpack(packed, len, &out), ERR_CORRUPT); /* the seal is missing */
	for (size_t i = 0; i < KEYRING_ID_SEALED_LEN; i++)
		packed[len++] = (uint8_t)(i + 1);
	assert_true(len <= 192);
	assert_int_equal(record_unpack(packed, len, &out), ERR_OK);
	assert_true(out.redirected && out.similar && out.redirects == 0);
	assert_memory_equal(out.successor, packed + len - KEYRING_ID_SEALED_LEN, KEYRING_ID_SEALED_LEN);
	assert_int_equal(record_unpack(packed, len - 1, &out), ERR_CORRUPT);
	packed[49] &= 127;
	assert_int_equal(record_unpack(packed, len, &out), ERR_CORRUPT);
}

static void test_a_check_digit_is_told_by_the_origin(void **state)
{
	struct store_record in, out;
	uint8_t packed[RECORD_CAP];

	(void)state;
	fill(&in);
	in.test = false;
	in.check_digit = true;
	size_t len = record_pack(&in, args, waits_s, packed);
	assert_int_equal(packed[49], 32);
	assert_int_equal(record_unpack(packed, len, &out), ERR_OK);
	assert_true(out.check_digit);
}

static void test_rubbish_is_refused(void **state)
{
	struct store_record in, out;
	uint8_t packed[RECORD_CAP + 1];
	static const struct {
		size_t at;
		uint8_t value;
	} bad[] = { { 0, 0 },
		    { 0, 2 },
		    { 1, LIFECYCLE_VERIFIED },
		    { 1, LIFECYCLE_EXHAUSTED },
		    { 1, LIFECYCLE_STATES },
		    { 7, DELIVERY_STATES },
		    { 8, REASON_COUNT },
		    { 241, 1 },
		    { 242, 1 },
		    { 243, 55 },
		    { 244, 0x80 } };

	(void)state;
	memset(&out, 0, sizeof(out));
	fill(&in);
	size_t len = record_pack(&in, args, waits_s, packed);
	for (size_t cut_to = 0; cut_to <= len + 1; cut_to++)
		assert_int_equal(record_unpack(packed, cut_to, &out), cut_to == len ? ERR_OK : ERR_CORRUPT);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		record_pack(&in, args, waits_s, packed);
		packed[bad[i].at] = bad[i].value;
		assert_int_equal(record_unpack(packed, len, &out), ERR_CORRUPT);
	}
}

/* Further MACs and former sends, which a later build writes, are no reason to refuse a record. */
static void test_a_tail_is_read_over(void **state)
{
	struct store_record in, out;
	uint8_t packed[RECORD_CAP + 3 * 16 + 2 * 8] = { 0 };

	(void)state;
	memset(&out, 0, sizeof(out));
	fill(&in);
	size_t len = record_pack(&in, args, waits_s, packed);
	packed[241] = 3;
	packed[242] = 2;
	assert_int_equal(record_unpack(packed, len + 3 * 16 + 2 * 8, &out), ERR_OK);
	assert_memory_equal(&in, &out, sizeof(in));
	assert_int_equal(record_unpack(packed, len, &out), ERR_CORRUPT);
}

/* What was changed in Redis is shown to nobody as it is, and does not make a resend wait longer than its wait. */
static void test_changed_octets(void **state)
{
	struct store_record in, out;
	uint8_t packed[RECORD_CAP];

	(void)state;
	memset(&out, 0, sizeof(out));
	fill(&in);
	size_t len = record_pack(&in, args, waits_s, packed);
	memset(packed + 2, 0xff, 4);
	memset(packed + 12, 0xff, 14);
	memset(packed + 38, 0xff, 4);
	packed[77] = '\n';
	assert_int_equal(record_unpack(packed, len, &out), ERR_OK);
	assert_string_equal(out.error, "4");
	assert_true(out.expires_ms > 0 && out.sent_ms > 0 && out.accepted_ms > 0);
	out.returned = false;
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
	r.wait_s = 3600;
	assert_int_equal(store_resend_wait_ms(&r, 1000), 3600000);
	r.sends = 4;
	assert_int_equal(store_resend_wait_ms(&r, 1000), -1);
	r.sends = 2;
	r.returned = true;
	assert_int_equal(store_resend_wait_ms(&r, 1000), 0);
	r.returned = false;
	r.wait_s = 0;
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
	uint8_t packed[RECORD_CAP];
	int64_t ago = 7;

	(void)state;
	fill(&in);
	record_pack(&in, args, waits_s, packed);
	memset(asked.generation, 'f', sizeof(asked.generation));
	assert_int_equal(record_former(packed, &asked, 99000, &ago), STORE_UNKNOWN);
	memset(packed + 52, 'f', 8);
	assert_int_equal(record_former(packed, &asked, 99000, &ago), STORE_UNKNOWN); /* 255: there was none */
	packed[60] = 57;
	for (uint8_t i = 0; i < LIFECYCLE_STATES; i++) {
		packed[51] = i;
		ago = 0;
		assert_int_equal(record_former(packed, &asked, 99000, &ago), ends[i]);
		assert_int_equal(ago, i == LIFECYCLE_VERIFIED ? 42000 : 0);
	}
	packed[57] ^= 1;
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
		uint8_t packed[RECORD_CAP];

		snprintf(in.error, sizeof(in.error), "%s", rows[i][0]);
		size_t len = record_pack(&in, args, waits_s, packed);
		assert_int_equal(record_unpack(packed, len, &out), ERR_OK);
		assert_string_equal(out.error, rows[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors),
		cmocka_unit_test(test_round_trip_and_offsets),
		cmocka_unit_test(test_a_tombstone_answers_what_is_kept),
		cmocka_unit_test(test_why_it_was_cancelled),
		cmocka_unit_test(test_a_corrected_number_leaves_its_successor),
		cmocka_unit_test(test_a_check_digit_is_told_by_the_origin),
		cmocka_unit_test(test_rubbish_is_refused),
		cmocka_unit_test(test_a_tail_is_read_over),
		cmocka_unit_test(test_changed_octets),
		cmocka_unit_test(test_waits_follow_the_sends),
		cmocka_unit_test(test_a_pending_record_expires_by_the_clock),
		cmocka_unit_test(test_the_generation_before_tells_how_it_ended),
	};

	return cmocka_run_group_tests_name("test_record", tests, NULL, NULL);
}
