/*
 * reverse: tokens are uniform, are found in what phones send and not in what people write, and the text and the link
 * are what a phone needs.
 */
#include "otp/reverse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define ALPHABET "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

static size_t digits_of(const char *token)
{
	size_t n = 0;

	for (; *token; token++)
		n += *token >= '0' && *token <= '9';
	return n;
}

static void every_token_is_well_formed_and_found(void **state)
{
	size_t seen[256] = { 0 };

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct reverse_tokens found;
		struct reverse_token t;

		reverse_make(&t);
		assert_int_equal(strlen(t.text), REVERSE_TOKEN_LEN);
		assert_int_equal(strspn(t.text, ALPHABET), REVERSE_TOKEN_LEN);
		assert_in_range(digits_of(t.text), 2, REVERSE_TOKEN_LEN - 2);
		reverse_read(t.text, REVERSE_TOKEN_LEN, &found);
		assert_int_equal(found.count, 1);
		assert_string_equal(found.at[0].text, t.text);
		for (const char *c = t.text; *c; c++)
			seen[(unsigned char)*c]++;
	}
	/* 160,000 characters; digits come a little more often, since each token has two at least. */
	for (const char *c = ALPHABET; *c; c++)
		assert_in_range(seen[(unsigned char)*c], 4000, 7500);
}

static void equal_hashes_give_equal_tokens(void **state)
{
	uint8_t hash[15];
	struct reverse_token a, b;
	unsigned good = 0;

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		for (unsigned k = 0; k < sizeof(hash); k++)
			hash[k] = (uint8_t)(i * 7 + k * 31 + i / 3);
		bool first = reverse_of_hash(hash, sizeof(hash), &a);

		assert_int_equal(reverse_of_hash(hash, sizeof(hash), &b), first);
		assert_memory_equal(&a, &b, sizeof(a));
		good += first;
	}
	assert_in_range(good, 300, 1000);
	memset(hash, 255, sizeof(hash));
	assert_false(reverse_of_hash(hash, sizeof(hash), &a)); /* octets above 247 stand for no character */
	memset(hash, 30, sizeof(hash));
	assert_false(reverse_of_hash(hash, sizeof(hash), &a)); /* ZZZZZZZZ has no digit */
}

/* What a phone sends, and the tokens in it, in the order in which they are looked up. */
static void messages(void **state)
{
	static const struct {
		const char *text;
		const char *tokens[REVERSE_TOKENS_MAX];
	} rows[] = {
		{ "K7F2QDXM", { "K7F2QDXM" } },
		{ "k7f2qdxm", { "K7F2QDXM" } },
		{ " K7F2QDXM\r\n", { "K7F2QDXM" } },
		{ "K7F2 QDXM", { "K7F2QDXM" } },
		{ "K7F2-QDXM", { "K7F2QDXM" } },
		{ "K 7 F 2 Q D X M", { "K7F2QDXM" } },
		{ "K7\xa0\x46\x32\nQDXM", { "K7F2QDXM" } },
		{ "OTP Gateway: I sign up on this phone. K7F2QDXM", { "K7F2QDXM" } },
		{ "Daftar K7F2QDXM", { "K7F2QDXM" } },
		{ "Daftar k7f2 qdxm", { "K7F2QDXM" } },
		{ "K7F2QDXM terima kasih", { "K7F2QDXM" } },
		{ "\"K7F2QDXM\".", { "K7F2QDXM" } },
		{ "A2B3C4D5 dan K7F2QDXM", { "K7F2QDXM", "A2B3C4D5" } },
		{ "K7F2QDXM K7F2QDXM", { "K7F2QDXM" } },
		/* a whole word comes before one that is joined */
		{ "K7F2QDXM 23AB CDEF", { "K7F2QDXM", "23ABCDEF" } },
		/* too short, too long, look-alikes, words, numbers, and words that no blank joins */
		{ "K7F2QDX", { NULL } },
		{ "K7F2QDXMM", { NULL } },
		{ "K7F2QDX0", { NULL } },
		{ "K7F2QD1M", { NULL } },
		{ "K7F2.QDXM", { NULL } },
		{ "K7F2,QDXM", { NULL } },
		{ "STOP", { NULL } },
		{ "terserah", { NULL } },
		{ "Selamat pagi, saya mau tanya paketnya sampai kapan ya?", { NULL } },
		{ "paket 5 gb", { NULL } },
		{ "22334455", { NULL } },
		{ "081234567890", { NULL } },
		{ "Kode OTP 482913", { NULL } },
		{ "Please call me at 8 pm", { NULL } },
		{ "", { NULL } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct reverse_tokens found;
		size_t n = 0;

		reverse_read(rows[i].text, strlen(rows[i].text), &found);
		while (n < REVERSE_TOKENS_MAX && rows[i].tokens[n])
			n++;
		if (found.count != n)
			fail_msg("\"%s\" has %zu tokens, not %zu", rows[i].text, found.count, n);
		for (size_t k = 0; k < n; k++)
			assert_string_equal(found.at[k].text, rows[i].tokens[k]);
	}
}

static void a_message_has_bounds(void **state)
{
	char text[REVERSE_READ_MAX + 64];
	struct reverse_tokens found;

	(void)state;
	memset(text, ' ', sizeof(text));
	memcpy(text + REVERSE_READ_MAX - 8, "K7F2QDXM", 8);
	reverse_read(text, sizeof(text), &found);
	assert_int_equal(found.count, 1);
	memset(text, ' ', sizeof(text));
	memcpy(text + REVERSE_READ_MAX - 7, "K7F2QDXM", 8);
	reverse_read(text, sizeof(text), &found);
	assert_int_equal(found.count, 0);
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = i % 2 ? ' ' : "K7F2QDXM"[i / 2 % 8];
	reverse_read(text, sizeof(text), &found);
	assert_int_equal(found.count, REVERSE_TOKENS_MAX);
	for (size_t i = 0; i < sizeof(text); i += 9) {
		snprintf(text + i, sizeof(text) - i, "K7F2%c%c%c%c ", ALPHABET[i % 31], ALPHABET[i / 31 % 31],
		         ALPHABET[i / 7 % 31], 'Z');
	}
	reverse_read(text, sizeof(text), &found);
	assert_int_equal(found.count, REVERSE_TOKENS_MAX);
}

static void templates(void **state)
{
	char longest[160];
	const struct reverse_token token = { "K7F2QDXM" };
	char out[REVERSE_TEXT_CAP];
	static const struct {
		const char *text;
		enum reverse_fault fault;
	} rows[] = {
		{ "{brand}: I sign up on this phone. {token}", REVERSE_OK },
		{ "{token}", REVERSE_OK },
		{ "{{{token}", REVERSE_OK },
		{ "{brand}: I sign up", REVERSE_NO_TOKEN },
		{ "{token} {token}", REVERSE_NO_TOKEN },
		{ "{code} {token}", REVERSE_BAD_NAME },
		{ "{token} {minutes}", REVERSE_BAD_NAME },
		{ "{token} {ref}", REVERSE_BAD_NAME },
		{ "{token} {name}", REVERSE_BAD_NAME },
		{ "{token} {", REVERSE_BAD_BRACE },
		{ "{token} \x02", REVERSE_NOT_ENCODABLE },
		{ "{token} \xff", REVERSE_NOT_ENCODABLE },
		{ "a{token}", REVERSE_AMBIGUOUS },
		{ "{token}ab", REVERSE_AMBIGUOUS },
		{ "{token} A2B3C4D5", REVERSE_AMBIGUOUS },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum reverse_fault fault = reverse_check(rows[i].text, "OTP Gateway");

		if (fault != rows[i].fault)
			fail_msg("\"%s\": %d", rows[i].text, (int)fault);
		assert_int_equal(reverse_fault_text(fault)[0] != '\0', fault != REVERSE_OK);
	}
	memset(longest, '.', sizeof(longest));
	memcpy(longest + sizeof(longest) - 9, " {token}", 9); /* 152 characters and a token make 160 */
	assert_int_equal(reverse_check(longest, ""), REVERSE_OK);
	assert_int_equal(reverse_check("{brand}. {token}", longest + 8), REVERSE_TOO_LONG);
	assert_int_equal(reverse_fill("{brand}: {token}", "OTP", &token, out), ERR_OK);
	assert_string_equal(out, "OTP: K7F2QDXM");
	assert_int_equal(reverse_fill("{brand}", "OTP", &token, out), ERR_INVALID);
}

static void links(void **state)
{
	char uri[REVERSE_URI_CAP], text[REVERSE_TEXT_CAP];

	(void)state;
	assert_int_equal(reverse_uri("95000", "A: b&c K7F2QDXM", uri), ERR_OK);
	assert_string_equal(uri, "sms:95000?&body=A%3A%20b%26c%20K7F2QDXM");
	assert_int_equal(reverse_uri("+6281100095000", "\xc3\xa9~-._", uri), ERR_OK);
	assert_string_equal(uri, "sms:+6281100095000?&body=%C3%A9~-._");
	memset(text, ':', sizeof(text) - 1); /* every character of the longest text is encoded */
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(reverse_uri("+628110009500012", text, uri), ERR_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_token_is_well_formed_and_found),
		cmocka_unit_test(equal_hashes_give_equal_tokens),
		cmocka_unit_test(messages),
		cmocka_unit_test(a_message_has_bounds),
		cmocka_unit_test(templates),
		cmocka_unit_test(links),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
