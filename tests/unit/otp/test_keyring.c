/*
 * keyring, ident, code and message: what must bind binds, what must differ differs.
 */
#include "otp/keyring.h"
#include "otp/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct msisdn number = { "6281234567890" };
static const struct msisdn other = { "6281234567891" };

static struct keyring *make(void)
{
	uint8_t octets[KEYRING_KEY_LEN] = { 1 };
	struct secret *s = NULL;
	struct keyring *k = NULL;

	assert_int_equal(secret_setup(), ERR_OK);
	assert_int_equal(secret_new(octets, sizeof(octets), &s), ERR_OK);
	assert_int_equal(keyring_new(s, 4097, &k), ERR_INVALID);
	assert_int_equal(keyring_new(s, 256, &k), ERR_OK);
	assert_int_equal(keyring_use(k, 7), ERR_NOTFOUND);
	assert_int_equal(keyring_add(k, 7, s), ERR_OK);
	assert_int_equal(keyring_add(k, 7, s), ERR_INVALID);
	assert_int_equal(keyring_use(k, 7), ERR_OK);
	secret_free(s);
	return k;
}

static struct ident ident(const struct keyring *k, const char *tenant, const char *purpose, const struct msisdn *m)
{
	const struct keyring_subject s = { tenant, purpose, "u1", 2, m };
	struct ident id;

	memset(&id, 0, sizeof(id));
	keyring_ident(k, &s, &id);
	return id;
}

static void tags(void **state)
{
	struct keyring *k = make();
	struct ident a = ident(k, "ab", "c", &number), b = ident(k, "a", "bc", &number),
		     c = ident(k, "ab", "c", &other);
	struct ident again = ident(k, "ab", "c", &number), read;
	char text[IDENT_TEXT_LEN + 1], tuple[IDENT_TUPLE_LEN + 1];

	(void)state;
	assert_memory_equal(a.number_tag, b.number_tag, IDENT_TAG_LEN);
	assert_int_equal(a.partition, b.partition);
	assert_memory_not_equal(a.tuple_tag, b.tuple_tag, IDENT_TAG_LEN);
	assert_memory_not_equal(a.number_tag, c.number_tag, IDENT_TAG_LEN);
	assert_true(keyring_is_number(k, &a, &number) && keyring_is_number(k, &b, &number));
	assert_false(keyring_is_number(k, &a, &other) || keyring_is_number(k, &c, &number));
	assert_memory_equal(a.tuple_tag, again.tuple_tag, IDENT_TAG_LEN);
	assert_false(ident_same(&a, &again));
	ident_format(&a, text);
	ident_tuple(&a, tuple);
	assert_memory_equal(text + 4, tuple, IDENT_TUPLE_LEN);
	assert_int_equal(ident_parse(text, IDENT_TEXT_LEN, &read), ERR_OK);
	assert_true(ident_same(&a, &read));
	assert_int_equal(ident_parse(text, IDENT_TEXT_LEN - 1, &read), ERR_INVALID);
	text[9] = '+';
	assert_int_equal(ident_parse(text, IDENT_TEXT_LEN, &read), ERR_INVALID);
	ident_format(&a, text);
	text[0] = 'I';
	assert_int_equal(ident_parse(text, IDENT_TEXT_LEN, &read), ERR_INVALID);
	keyring_free(k);
}

static void macs(void **state)
{
	struct keyring *k = make();
	struct ident a = ident(k, "t", "p", &number), b = ident(k, "t", "p", &number);
	uint8_t m1[KEYRING_MAC_LEN], m2[KEYRING_MAC_LEN];

	(void)state;
	assert_int_equal(keyring_mac(k, &a, "012345", 6, m1), ERR_OK);
	assert_int_equal(keyring_mac(k, &b, "012345", 6, m2), ERR_OK);
	assert_memory_not_equal(m1, m2, sizeof(m1));
	assert_int_equal(keyring_mac(k, &a, "012346", 6, m2), ERR_OK);
	assert_memory_not_equal(m1, m2, sizeof(m1));
	a.kid = 8;
	assert_int_equal(keyring_mac(k, &a, "012345", 6, m2), ERR_NOTFOUND);
	keyring_free(k);
}

/* A payload of each length opens for its id and hard end only, and no changed octet is overlooked. */
static void seals_of_every_length(void **state)
{
	struct keyring *k = make();
	struct ident a = ident(k, "t", "p", &number), b = ident(k, "t", "p", &number);

	(void)state;
	for (uint16_t len = KEYRING_PAYLOAD_STEP; len <= KEYRING_PAYLOAD_CAP; len += KEYRING_PAYLOAD_STEP) {
		struct keyring_payload in = { .len = len }, out;
		struct keyring_sealed sealed, again;

		memset(in.octets, len & 0xff, len);
		memset(&sealed, 0, sizeof(sealed));
		again = sealed;
		assert_int_equal(keyring_seal(k, &a, 5, &in, &sealed), ERR_OK);
		assert_int_equal(keyring_seal(k, &a, 5, &in, &again), ERR_OK);
		assert_int_equal(sealed.len, len + KEYRING_SEALED_EXTRA);
		assert_memory_not_equal(sealed.octets, again.octets, sealed.len);
		assert_int_equal(keyring_unseal(k, &a, 5, &sealed, &out), ERR_OK);
		assert_int_equal(out.len, len);
		assert_memory_equal(out.octets, in.octets, len);
		assert_int_equal(keyring_unseal(k, &a, 6, &sealed, &out), ERR_CORRUPT);
		assert_int_equal(keyring_unseal(k, &b, 5, &sealed, &out), ERR_CORRUPT);
		for (size_t i = 0; i < sealed.len; i++) {
			sealed.octets[i] ^= 1;
			assert_int_equal(keyring_unseal(k, &a, 5, &sealed, &out), ERR_CORRUPT);
			sealed.octets[i] ^= 1;
		}
		sealed.len = (uint16_t)(sealed.len - KEYRING_PAYLOAD_STEP);
		assert_int_equal(keyring_unseal(k, &a, 5, &sealed, &out), ERR_CORRUPT);
	}
	keyring_free(k);
}

static void lengths_that_no_payload_has(void **state)
{
	static const uint16_t lengths[] = { 0, 1, 31, 33, KEYRING_PAYLOAD_CAP + 1, KEYRING_PAYLOAD_CAP + 32, 0xffff };
	struct keyring *k = make();
	struct ident a = ident(k, "t", "p", &number);
	struct keyring_payload in = { .len = 32 }, out;
	struct keyring_sealed sealed;

	(void)state;
	memset(&sealed, 0, sizeof(sealed));
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		in.len = lengths[i];
		assert_int_equal(keyring_seal(k, &a, 5, &in, &sealed), ERR_INVALID);
		sealed.len = (uint16_t)(lengths[i] + KEYRING_SEALED_EXTRA);
		assert_int_equal(keyring_unseal(k, &a, 5, &sealed, &out), ERR_CORRUPT);
	}
	sealed.len = 0;
	assert_int_equal(keyring_unseal(k, &a, 5, &sealed, &out), ERR_CORRUPT);
	in.len = 32;
	a.kid = 8;
	assert_int_equal(keyring_seal(k, &a, 5, &in, &sealed), ERR_NOTFOUND);
	assert_int_equal(keyring_unseal(k, &a, 5, &sealed, &out), ERR_NOTFOUND);
	keyring_free(k);
}

static void a_number_by_itself(void **state)
{
	static const struct msisdn numbers[] = {
		{ "" }, { "6" }, { "62" }, { "6281234567890" }, { "123456789012345" }
	};
	static const struct msisdn none[] = { { "62a" }, { "+62" }, { "62 8" } };
	struct keyring *k = make();
	uint8_t sealed[KEYRING_NUMBER_SEALED_LEN], again[KEYRING_NUMBER_SEALED_LEN];
	struct msisdn out, unended;

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct ident a = ident(k, "t", "p", &numbers[i]), b = ident(k, "t", "p", &numbers[i]);

		assert_int_equal(keyring_seal_number(k, &a, &numbers[i], sealed), ERR_OK);
		assert_int_equal(keyring_unseal_number(k, &a, sealed, &out), ERR_OK);
		assert_memory_equal(&out, &numbers[i], sizeof(out));
		assert_int_equal(keyring_seal_number(k, &b, &numbers[i], again), ERR_OK);
		assert_memory_not_equal(sealed, again, 8); /* the same digits of two verifications look different */
		assert_int_equal(keyring_unseal_number(k, &b, sealed, &out), ERR_CORRUPT);
		for (size_t j = 0; j < sizeof(sealed); j++) {
			sealed[j] ^= 1;
			assert_int_equal(keyring_unseal_number(k, &a, sealed, &out), ERR_CORRUPT);
			sealed[j] ^= 1;
		}
		a.kid = 8;
		assert_int_equal(keyring_seal_number(k, &a, &numbers[i], sealed), ERR_NOTFOUND);
		assert_int_equal(keyring_unseal_number(k, &a, sealed, &out), ERR_NOTFOUND);
	}
	struct ident a = ident(k, "t", "p", &number);
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_int_equal(keyring_seal_number(k, &a, &none[i], sealed), ERR_INVALID);
	memset(&unended, '1', sizeof(unended));
	assert_int_equal(keyring_seal_number(k, &a, &unended, sealed), ERR_INVALID);
	keyring_free(k);
}

/* The id of a successor: only for the id that it was sealed for, of which a tombstone has the first octets. */
static void the_id_of_a_successor(void **state)
{
	struct keyring *k = make();
	struct ident a = ident(k, "t", "p", &number), b = ident(k, "t", "q", &number),
		     successor = ident(k, "t", "r", &number);
	uint8_t sealed[KEYRING_ID_SEALED_LEN], again[KEYRING_ID_SEALED_LEN];
	struct ident out;

	(void)state;
	assert_int_equal(keyring_seal_id(k, &a, &successor, sealed), ERR_OK);
	assert_int_equal(keyring_unseal_id(k, &a, sealed, &out), ERR_OK);
	assert_true(ident_same(&out, &successor));
	assert_int_equal(keyring_seal_id(k, &a, &successor, again), ERR_OK);
	assert_memory_not_equal(sealed, again, sizeof(sealed)); /* two successors of one id never share a nonce */
	assert_int_equal(keyring_unseal_id(k, &b, sealed, &out), ERR_CORRUPT);
	for (size_t j = 0; j < sizeof(sealed); j++) {
		sealed[j] ^= 1;
		assert_int_equal(keyring_unseal_id(k, &a, sealed, &out), ERR_CORRUPT);
		sealed[j] ^= 1;
	}
	struct ident kept = a;
	memset(kept.generation + IDENT_KEPT_LEN, 0, IDENT_GENERATION_LEN - IDENT_KEPT_LEN);
	assert_int_equal(keyring_unseal_id(k, &kept, sealed, &out), ERR_OK);
	a.kid = 8;
	assert_int_equal(keyring_seal_id(k, &a, &successor, sealed), ERR_NOTFOUND);
	assert_int_equal(keyring_unseal_id(k, &a, sealed, &out), ERR_NOTFOUND);
	keyring_free(k);
}

/* The same octets of the generation seal two numbers by two streams, and by another than the payload's. */
static void no_two_seals_have_one_stream(void **state)
{
	static const struct msisdn two[] = { { "6281234567890" }, { "6289999999999" } };
	static const uint8_t digits[2][8] = { { 0x62, 0x81, 0x23, 0x45, 0x67, 0x89, 0x0f, 0xff },
		                              { 0x62, 0x89, 0x99, 0x99, 0x99, 0x99, 0x9f, 0xff } };
	struct keyring *k = make();
	struct ident ids[2] = { ident(k, "t", "p", &two[0]), ident(k, "t", "p", &two[1]) };
	uint8_t sealed[2][KEYRING_NUMBER_SEALED_LEN], stream[2][8];

	(void)state;
	memcpy(ids[1].generation, ids[0].generation, sizeof(ids[0].generation));
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(keyring_seal_number(k, &ids[i], &two[i], sealed[i]), ERR_OK);
		for (size_t j = 0; j < 8; j++)
			stream[i][j] = sealed[i][j] ^ digits[i][j];
	}
	assert_memory_not_equal(stream[0], stream[1], 8);
	keyring_free(k);
}

static void messages(void **state)
{
	struct keyring *k = make();
	struct ident a = ident(k, "t", "p", &number);
	/* static, so that what lies between its members is zero too: the whole of it is compared */
	static struct message_payload p = { .code = { "012345" }, .text = "kode \x01" }, q;
	struct keyring_payload out;
	struct keyring_sealed sealed, first;
	struct msisdn m;

	(void)state;
	p.number = number;
	memset(&sealed, 0, sizeof(sealed));
	assert_int_equal(message_seal(k, &a, 5, &p, &sealed), ERR_OK);
	assert_int_equal(message_open(k, &a, 5, &sealed, &q), ERR_OK);
	assert_memory_equal(&q, &p, sizeof(p));
	assert_int_equal(message_number(k, &a, &sealed, &m), ERR_OK);
	assert_string_equal(m.digits, number.digits);
	first = sealed;
	strcpy(p.text, "code \x01");
	assert_int_equal(message_seal_again(k, &a, 5, &p, &sealed), ERR_OK);
	assert_memory_equal(sealed.number, first.number, sizeof(sealed.number));
	assert_int_equal(message_open(k, &a, 5, &sealed, &q), ERR_OK);
	assert_string_equal(q.text, p.text);
	assert_int_equal(message_open(k, &a, 6, &sealed, &q), ERR_CORRUPT);
	assert_int_equal(q.text[0], 0);
	sealed.number[0] ^= 1;
	assert_int_equal(message_open(k, &a, 5, &sealed, &q), ERR_CORRUPT);
	assert_int_equal(q.text[0], 0);
	assert_int_equal(message_number(k, &a, &sealed, &m), ERR_CORRUPT);
	sealed.number[0] ^= 1;
	assert_int_equal(keyring_unseal(k, &a, 5, &sealed, &out), ERR_OK);
	out.octets[out.len - 1] = 1;
	assert_int_equal(keyring_seal(k, &a, 5, &out, &sealed), ERR_OK);
	assert_int_equal(message_open(k, &a, 5, &sealed, &q), ERR_CORRUPT);
	keyring_free(k);
}

/* The longest strings together fit. A string without an end does not. */
static void the_longest_message(void **state)
{
	struct keyring *k = make();
	struct ident a = ident(k, "t", "p", &number);
	struct message_payload p = { .number = { "123456789012345" } }, q;
	struct keyring_sealed sealed;

	(void)state;
	memset(p.code.text, '1', sizeof(p.code.text) - 1);
	memset(p.sender, '2', sizeof(p.sender) - 1);
	memset(p.text, 't', sizeof(p.text) - 1);
	assert_int_equal(message_seal(k, &a, 5, &p, &sealed), ERR_OK);
	assert_int_equal(message_open(k, &a, 5, &sealed, &q), ERR_OK);
	assert_memory_equal(&q, &p, sizeof(p));
	memset(p.text, 'x', sizeof(p.text));
	assert_int_equal(message_seal(k, &a, 5, &p, &sealed), ERR_TOOBIG);
	p.text[0] = '\0';
	strcpy(p.number.digits, "none");
	assert_int_equal(message_seal(k, &a, 5, &p, &sealed), ERR_INVALID);
	keyring_free(k);
}

#define SEEN_LEN (256 / 8)

static unsigned note(uint8_t seen[SEEN_LEN], uint16_t partition)
{
	uint8_t bit = (uint8_t)(1U << partition % 8);
	bool again = seen[partition / 8] & bit;

	seen[partition / 8] |= bit;
	return again ? 0 : 1;
}

/* 2,000 keys leave out hardly any of 256 partitions, and the partition tells nothing of the tag. */
static void partitions(void **state)
{
	struct keyring *k = make();
	uint8_t numbers[SEEN_LEN] = { 0 }, ids[SEEN_LEN] = { 0 }, smscs[SEEN_LEN] = { 0 };
	unsigned of_numbers = 0, of_ids = 0, of_smscs = 0, same_low = 0;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		struct msisdn m;
		char name[16];

		snprintf(m.digits, sizeof(m.digits), "62812%06u", (unsigned)i & 0xfffffu);
		snprintf(name, sizeof(name), "%x", (unsigned)i);
		struct ident id = ident(k, "t", "p", &m);

		assert_in_range(id.partition, 0, 255);
		of_numbers += note(numbers, id.partition);
		same_low += id.number_tag[0] == id.partition ? 1 : 0;
		assert_int_equal(keyring_receipt_partition(k, 9, name), keyring_receipt_partition(k, 9, name));
		of_ids += note(ids, keyring_receipt_partition(k, 9, name));
		of_smscs += note(smscs, keyring_receipt_partition(k, (uint16_t)i, "7f3a"));
	}
	assert_in_range(of_numbers, 250, 256);
	assert_in_range(of_ids, 250, 256);
	assert_in_range(of_smscs, 250, 256);
	assert_in_range(same_low, 0, 40); /* 8 by chance */
	keyring_free(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tags),
		cmocka_unit_test(macs),
		cmocka_unit_test(seals_of_every_length),
		cmocka_unit_test(lengths_that_no_payload_has),
		cmocka_unit_test(the_id_of_a_successor),
		cmocka_unit_test(a_number_by_itself),
		cmocka_unit_test(no_two_seals_have_one_stream),
		cmocka_unit_test(messages),
		cmocka_unit_test(the_longest_message),
		cmocka_unit_test(partitions),
	};

	return cmocka_run_group_tests_name("keyring", tests, NULL, NULL);
}
