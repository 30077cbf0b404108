/*
 * test_ident: ids as text and back, what is no id, and which ids are the same.
 */
#include "otp/ident.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct ident sample(void)
{
	struct ident id = { .kid = 0xfe, .partition = 0xabc };

	for (size_t i = 0; i < IDENT_TAG_LEN; i++) {
		id.number_tag[i] = (uint8_t)(i * 29);
		id.tuple_tag[i] = (uint8_t)(255 - i * 31);
	}
	for (size_t i = 0; i < IDENT_GENERATION_LEN; i++)
		id.generation[i] = (uint8_t)(i * 15 + 3);
	return id;
}

static void test_text_and_back(void **state)
{
	struct ident id = sample(), read;
	char text[IDENT_TEXT_LEN + 1], shown[IDENT_SHORT_LEN + 1];

	(void)state;
	ident_format(&id, text);
	assert_int_equal(strlen(text), IDENT_TEXT_LEN);
	assert_memory_equal(text, "Grz-", 4);
	ident_short(&id, shown);
	assert_int_equal(strlen(shown), IDENT_SHORT_LEN);
	assert_memory_equal(shown, text + IDENT_TEXT_LEN - 24, IDENT_SHORT_LEN);
	assert_int_equal(ident_parse(text, IDENT_TEXT_LEN, &read), ERR_OK);
	assert_true(ident_same(&id, &read));
	assert_int_equal(read.kid, 0xfe);
	assert_int_equal(read.partition, 0xabc);
}

static void test_the_tuple_is_a_piece_of_it(void **state)
{
	struct ident id = sample(), read = { .kid = 7 };
	char text[IDENT_TEXT_LEN + 1], tuple[IDENT_TUPLE_LEN + 1];

	(void)state;
	ident_format(&id, text);
	ident_tuple(&id, tuple);
	assert_memory_equal(tuple, text + 4, IDENT_TUPLE_LEN);
	assert_int_equal(ident_parse_tuple(tuple, IDENT_TUPLE_LEN, &read), ERR_OK);
	assert_memory_equal(read.number_tag, id.number_tag, IDENT_TAG_LEN);
	assert_memory_equal(read.tuple_tag, id.tuple_tag, IDENT_TAG_LEN);
	assert_int_equal(read.kid, 7);
	assert_int_equal(ident_parse_tuple(tuple, IDENT_TUPLE_LEN - 1, &read), ERR_INVALID);
	tuple[IDENT_TUPLE_LEN - 1] = '=';
	assert_int_equal(ident_parse_tuple(tuple, IDENT_TUPLE_LEN, &read), ERR_INVALID);
}

/* Octets of every value beside those of the alphabet, at every place. */
static void test_what_is_no_id(void **state)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	struct ident id = sample(), read;
	char text[IDENT_TEXT_LEN + 1];

	(void)state;
	ident_format(&id, text);
	for (size_t i = 0; i < IDENT_TEXT_LEN; i++) {
		char good = text[i];

		for (int c = 0; c < 256; c++) {
			text[i] = (char)c;
			/* The first character holds the version and the high bits of the partition. */
			bool taken = c && strchr(alphabet, c) && (i > 0 || (c >= 'E' && c <= 'H'));
			assert_int_equal(ident_parse(text, IDENT_TEXT_LEN, &read), taken ? ERR_OK : ERR_INVALID);
		}
		text[i] = good;
	}
	assert_int_equal(ident_parse(text, IDENT_TEXT_LEN - 1, &read), ERR_INVALID);
	assert_int_equal(ident_parse(text, 0, &read), ERR_INVALID);
	assert_int_equal(ident_parse(text, IDENT_TEXT_LEN, &read), ERR_OK);
}

/* Another octet of any part is another id. */
static void test_the_same_in_every_part(void **state)
{
	struct ident a = sample(), b;

	(void)state;
	b = a;
	assert_true(ident_same(&a, &b));
	b.kid++;
	assert_false(ident_same(&a, &b));
	b = a;
	b.partition++;
	assert_false(ident_same(&a, &b));
	for (size_t i = 0; i < IDENT_TAG_LEN; i++) {
		b = a;
		b.number_tag[i] ^= 1;
		assert_false(ident_same(&a, &b));
		b = a;
		b.tuple_tag[i] ^= 128;
		assert_false(ident_same(&a, &b));
	}
	for (size_t i = 0; i < IDENT_GENERATION_LEN; i++) {
		b = a;
		b.generation[i] ^= 16;
		assert_false(ident_same(&a, &b));
	}
}

/* CRC-24 as RFC 4880 writes it, bit by bit. */
static void test_the_check_is_crc_24(void **state)
{
	struct ident id = sample();
	uint8_t head[3 + 2 * IDENT_TAG_LEN + IDENT_GENERATION_LEN - 3] = { 0x1a, 0xbc, 0xfe };
	uint32_t crc = 0xB704CE;

	(void)state;
	memcpy(head + 3, id.number_tag, IDENT_TAG_LEN);
	memcpy(head + 3 + IDENT_TAG_LEN, id.tuple_tag, IDENT_TAG_LEN);
	memcpy(head + 3 + 2 * IDENT_TAG_LEN, id.generation, IDENT_GENERATION_LEN - 3);
	for (size_t i = 0; i < sizeof(head); i++) {
		crc ^= (uint32_t)head[i] << 16;
		for (int bit = 0; bit < 8; bit++) {
			crc <<= 1;
			if (crc & 0x1000000)
				crc ^= 0x1864CFB;
		}
	}
	ident_complete(&id);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(id.generation[IDENT_GENERATION_LEN - 3 + i], crc >> (16 - 8 * i) & 255);
}

/* Any other character in any place, and any two neighbours that changed places. */
static void test_a_mistyped_id_is_told(void **state)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	struct ident id = sample(), read;
	char text[IDENT_TEXT_LEN + 1];

	(void)state;
	assert_false(ident_is_complete(&id));
	ident_complete(&id);
	assert_true(ident_is_complete(&id));
	ident_format(&id, text);
	for (size_t i = 0; i < IDENT_TEXT_LEN; i++) {
		char good = text[i];

		for (const char *c = alphabet; *c; c++) {
			text[i] = *c;
			if (*c != good && ident_parse(text, IDENT_TEXT_LEN, &read) == ERR_OK)
				assert_false(ident_is_complete(&read));
		}
		text[i] = good;
		if (i == 0 || text[i - 1] == good)
			continue;
		text[i] = text[i - 1];
		text[i - 1] = good;
		if (ident_parse(text, IDENT_TEXT_LEN, &read) == ERR_OK)
			assert_false(ident_is_complete(&read));
		text[i - 1] = text[i];
		text[i] = good;
	}
	assert_int_equal(ident_parse(text, IDENT_TEXT_LEN, &read), ERR_OK);
	assert_true(ident_is_complete(&read));
}

static void test_packed_and_back(void **state)
{
	struct ident id = sample(), read;
	uint8_t packed[IDENT_PACKED_LEN];

	(void)state;
	ident_complete(&id);
	ident_pack(&id, packed);
	assert_int_equal(ident_unpack(packed, &read), ERR_OK);
	assert_true(ident_same(&id, &read));
	assert_true(ident_is_complete(&read));
	packed[0] ^= 0x10;
	assert_int_equal(ident_unpack(packed, &read), ERR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_packed_and_back),
		cmocka_unit_test(test_text_and_back),
		cmocka_unit_test(test_the_tuple_is_a_piece_of_it),
		cmocka_unit_test(test_what_is_no_id),
		cmocka_unit_test(test_the_same_in_every_part),
		cmocka_unit_test(test_the_check_is_crc_24),
		cmocka_unit_test(test_a_mistyped_id_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
