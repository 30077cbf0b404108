/*
 * Texts of receipts in each coding that SMSCs name, and in those that they write without naming them.
 */
#include "smpp/codec/receipt.h"

#include "smpp/codec/coding.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define TEXT "id:0A1B sub:001 dlvrd:001 submit date:2401011200 done date:2401011201 stat:UNDELIV err:069 text:Hi"

enum writing { OCTETS, BIG, LITTLE };

static size_t put_text(const char *text, enum writing writing, uint8_t *out)
{
	size_t n = 0;

	for (; *text; text++) {
		if (writing == BIG)
			out[n++] = 0;
		out[n++] = (uint8_t)*text;
		if (writing == LITTLE)
			out[n++] = 0;
	}
	return n;
}

static void in_each_coding(void **state)
{
	static const struct {
		uint8_t data_coding, esm_class;
		const char *head; /* before the text */
		size_t head_len;
		enum writing writing;
	} rows[] = {
		{ 0, 4, "", 0, OCTETS },
		{ 1, 4, "", 0, OCTETS },
		{ 3, 4, "", 0, OCTETS },
		{ 0xF1, 4, "", 0, OCTETS },
		{ 8, 4, "", 0, BIG },
		{ 0x18, 4, "", 0, BIG },
		{ 8, 0, "", 0, BIG }, /* nor does esm_class say that it is a receipt */
		{ 8, 4, "\xFE\xFF", 2, BIG },
		{ 8, 4, "\xFF\xFE", 2, LITTLE },
		{ 8, 4, "", 0, LITTLE },
		{ 0, 4, "", 0, BIG },    /* not named */
		{ 8, 4, "", 0, OCTETS }, /* named, but not so */
		{ 0, 0x44, "\5\0\3\7\2\1", 6, OCTETS },
		{ 8, 0x44, "\6\10\4\0\7\2\1", 7, BIG },
		{ 3, 0x44, "", 0, OCTETS }, /* a header is announced, and not there */
		{ 8, 0x44, "", 0, BIG },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint8_t octets[512];
		struct smpp_deliver d = { .text = octets,
			                  .esm_class = rows[i].esm_class,
			                  .data_coding = rows[i].data_coding,
			                  .message_state = -1 };
		struct smpp_receipt_text r;

		memcpy(octets, rows[i].head, rows[i].head_len);
		d.text_len = rows[i].head_len + put_text(TEXT, rows[i].writing, octets + rows[i].head_len);
		assert_int_equal(smpp_receipt_parse(&d, &r), SMPP_RECEIPT_OK);
		assert_string_equal(r.id, "a1b");
		assert_int_equal(r.state, SMPP_RECEIPT_UNDELIVERABLE);
		assert_string_equal(r.error, "069");
		assert_int_equal(r.anomalies, 0);
	}
}

/* What GSM 03.38 writes otherwise than ASCII, where an id may have it. */
static void gsm_septets(void **state)
{
	static const uint8_t octets[] = "id:a\x11\x02\x1B\x3C"
					"7\x1B\x3E stat:DELIVRD";
	struct smpp_deliver d = { .text = octets, .text_len = sizeof octets - 1, .esm_class = 4, .message_state = -1 };
	struct smpp_receipt_text r;

	(void)state;
	assert_int_equal(smpp_receipt_parse(&d, &r), SMPP_RECEIPT_OK);
	assert_string_equal(r.id, "a_$[7]");
	d.data_coding = 3; /* there they are what they are */
	assert_int_equal(smpp_receipt_parse(&d, &r), SMPP_RECEIPT_OK);
	assert_string_equal(r.id, "a\x11\x02\x1B<7\x1B>");
}

/* The words of the message come last and may be in any script. */
static void what_is_no_octet(void **state)
{
	static const uint8_t octets[] = "\0i\0d\0:\0"
					"7\0 \0t\0e\0x\0t\0:\x4F\x60\x59\x7D";
	struct smpp_deliver d = { .text = octets, .text_len = sizeof octets - 1, .data_coding = 8 };
	char text[SMPP_CODING_CAP];

	(void)state;
	assert_int_equal(smpp_coding_text(&d, text), 12);
	assert_memory_equal(text, "id:7 text:??", 12);
	d.text = NULL;
	assert_int_equal(smpp_coding_text(&d, text), 0);
}

/* Beyond the bound nothing is read, and nothing written. */
static void a_text_without_end(void **state)
{
	static uint8_t octets[65536];
	static const uint8_t codings[] = { 0, 3, 8 };
	char text[SMPP_CODING_CAP];

	(void)state;
	memset(octets, 'x', sizeof octets);
	for (size_t i = 0; i < sizeof codings; i++) {
		struct smpp_deliver d = {
			.text = octets, .text_len = sizeof octets, .data_coding = codings[i], .esm_class = 0x40
		};

		assert_int_equal(smpp_coding_text(&d, text), SMPP_CODING_CAP);
	}
}

/* Packs characters of the default alphabet as 3GPP TS 23.038 section 6.1.2.1 shows, behind so many fill bits. */
static size_t pack(const char *text, size_t at_bit, uint8_t *out)
{
	size_t bit = at_bit;

	for (; *text; text++)
		for (int i = 0; i < 7; i++, bit++)
			out[bit / 8] |= (uint8_t)((*text >> i & 1) << bit % 8);
	return (bit + 7) / 8;
}

static void packed_septets(void **state)
{
	static const char *const texts[] = { "K7F2QDXM", "Daftar K7F2QDXM", "a", "1234567", "12345678" };
	char text[SMPP_CODING_CAP];

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		uint8_t octets[64] = { 0 };
		struct smpp_deliver d = { .text = octets, .text_len = pack(texts[i], 0, octets) };
		size_t len = strlen(texts[i]), n = smpp_coding_mo(&d, true, text);

		/* Eight characters more than seven octets hold leave a last one of zeros. */
		assert_in_range(n, len, len + 1);
		assert_memory_equal(text, texts[i], len);
		assert_true(n == len || text[len] == 0);
	}
	/* "hello" of the specification's own way to pack */
	struct smpp_deliver hello = { .text = (const uint8_t *)"\xE8\x32\x9B\xFD\x06", .text_len = 5 };
	assert_int_equal(smpp_coding_mo(&hello, true, text), 5);
	assert_memory_equal(text, "hello", 5);
	/* Behind a user data header of 6 octets comes one fill bit. */
	uint8_t parted[64] = { 5, 0, 3, 7, 1, 1 };
	struct smpp_deliver part = { .text = parted, .text_len = pack("K7F2QDXM", 49, parted), .esm_class = 0x40 };
	assert_in_range(smpp_coding_mo(&part, true, text), 8, 9);
	assert_memory_equal(text, "K7F2QDXM", 8);
	/* Only the default alphabet is packed, and only where the profile says so. */
	struct smpp_deliver plain = { .text = (const uint8_t *)"K7F2QDXM", .text_len = 8, .data_coding = 3 };
	assert_int_equal(smpp_coding_mo(&plain, true, text), 8);
	assert_memory_equal(text, "K7F2QDXM", 8);
	plain.data_coding = 0;
	assert_int_equal(smpp_coding_mo(&plain, false, text), 8);
	assert_memory_equal(text, "K7F2QDXM", 8);
}

static void packed_septets_without_end(void **state)
{
	static uint8_t octets[65536];
	struct smpp_deliver d = { .text = octets };
	char text[SMPP_CODING_CAP];

	(void)state;
	memset(octets, 0xff, sizeof octets);
	for (size_t len = 0; len < 64; len++) {
		d.text_len = len;
		assert_int_equal(smpp_coding_mo(&d, true, text), len * 8 / 7);
	}
	d.text_len = sizeof octets;
	d.esm_class = 0x40; /* a header longer than the text */
	assert_in_range(smpp_coding_mo(&d, true, text), 0, SMPP_CODING_CAP);
	memset(octets, 'x', 1200);
	octets[0] = 3;
	for (size_t len = 0; len < 8; len++) {
		d.text_len = len;
		assert_in_range(smpp_coding_mo(&d, true, text), 0, 9);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_each_coding),   cmocka_unit_test(gsm_septets),
		cmocka_unit_test(what_is_no_octet), cmocka_unit_test(a_text_without_end),
		cmocka_unit_test(packed_septets),   cmocka_unit_test(packed_septets_without_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
