/*
 * proto: every rule of the request grammar, whole and cut at every byte; and the error lines encode makes.
 */
#include "api/encode.h"
#include "api/proto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct api_request request;
static const char *why;

static enum api_proto_verdict parse(const char *data, size_t len)
{
	/* A copy of exactly len bytes, so that the address sanitizer sees a read past the end. */
	static char *copy;

	free(copy);
	copy = malloc(len ? len : 1);
	assert_non_null(copy);
	memcpy(copy, data, len);
	why = NULL;
	return api_proto_parse(copy, len, &request, &why);
}

static void expect_bad(const char *text, const char *reason)
{
	assert_int_equal(parse(text, strlen(text)), API_PROTO_BAD);
	assert_string_equal(why, reason);
}

static void expect_arg(size_t i, const char *text)
{
	assert_true(i < request.argc);
	assert_int_equal(request.argv[i].len, strlen(text));
	assert_memory_equal(request.argv[i].ptr, text, strlen(text));
}

static void expect_words(const char *line, const char *const *words, size_t n)
{
	assert_int_equal(parse(line, strlen(line)), API_PROTO_REQUEST);
	assert_int_equal(request.used, strlen(line));
	assert_int_equal(request.argc, n);
	for (size_t i = 0; i < n; i++)
		expect_arg(i, words[i]);
}

/* Every shorter beginning must be incomplete, never an error and never a request. */
static void test_cut_at_every_byte(void **state)
{
	static const char *const whole[] = {
		"*2\r\n$4\r\nPING\r\n$2\r\n\r\n\r\n",
		"*1\r\n$0\r\n\r\n",
		"*0\r\n",
		"PING a\r\n",
		"\r\n",
		"ECHO \"a \\x41\"\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
		size_t len = strlen(whole[i]);

		for (size_t cut = 0; cut < len; cut++)
			assert_int_equal(parse(whole[i], cut), API_PROTO_MORE);
		assert_in_range(parse(whole[i], len), API_PROTO_REQUEST, API_PROTO_NOTHING);
		assert_int_equal(request.used, len);
	}
}

static void test_binary_argument(void **state)
{
	static const char bytes[] = "*2\r\n$4\r\nECHO\r\n$4\r\n\0\r\n\xff\r\n*1";

	(void)state;
	assert_int_equal(parse(bytes, sizeof(bytes) - 1), API_PROTO_REQUEST);
	assert_int_equal(request.used, sizeof(bytes) - 3);
	assert_int_equal(request.argv[1].len, 4);
	assert_memory_equal(request.argv[1].ptr, "\0\r\n\xff", 4);
}

static void test_nothing(void **state)
{
	static const char *const nothing[] = { "*0\r\n", "\n", "\r\n", "  \t \r\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++) {
		assert_int_equal(parse(nothing[i], strlen(nothing[i])), API_PROTO_NOTHING);
		assert_int_equal(request.used, strlen(nothing[i]));
	}
}

static void test_malformed_lengths(void **state)
{
	static const char *const counts[] = { "*-1\r\n", "*+1\r\n",        "*01\r\n", "*00\r\n",
		                              "*65\r\n", "*100000000\r\n", "*\r\n",   "*1\n",
		                              "*1\rx",   "*1 \r\n",        "*a\r\n",  "*18446744073709551617\r\n",
		                              "*100000" };
	static const char *const lens[] = {
		"*1\r\n$-1\r\n",         "*1\r\n$+1\r\n", "*1\r\n$01\r\n", "*1\r\n$4097\r\n",
		"*1\r\n$4294967296\r\n", "*1\r\n$\r\n",   "*1\r\n$1\n",    "*1\r\n$x"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		expect_bad(counts[i], "invalid multibulk length");
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++)
		expect_bad(lens[i], "invalid bulk length");
}

static void test_malformed_bulks(void **state)
{
	(void)state;
	expect_bad("*1\r\n:1\r\n", "expected '$'");
	expect_bad("*1\r\n*1\r\n", "expected '$'");
	expect_bad("*1\r\n\r\n", "expected '$'");
	expect_bad("*1\r\n$4\r\nPINGx", "expected CRLF after bulk");
	expect_bad("*1\r\n$4\r\nPING\rx", "expected CRLF after bulk");
	expect_bad("*1\r\n$4\r\nPING\n\r", "expected CRLF after bulk");
}

static size_t make_request(char *to, size_t cap, size_t argc, size_t arg_len)
{
	size_t len = (size_t)snprintf(to, cap, "*%zu\r\n", argc);

	for (size_t i = 0; i < argc; i++) {
		len += (size_t)snprintf(to + len, cap - len, "$%zu\r\n", arg_len);
		memset(to + len, 'a', arg_len);
		memcpy(to + len + arg_len, "\r\n", 2);
		len += arg_len + 2;
	}
	return len;
}

static void test_limits(void **state)
{
	static char text[80000];
	size_t len;

	(void)state;
	len = make_request(text, sizeof(text), 64, 1000);
	assert_int_equal(parse(text, len), API_PROTO_REQUEST);
	assert_int_equal(request.argc, 64);
	len = make_request(text, sizeof(text), 15, 4096);
	assert_int_equal(parse(text, len), API_PROTO_REQUEST);
	len = make_request(text, sizeof(text), 16, 4096);
	assert_true(len > API_PROTO_REQUEST_LEN_MAX);
	/* Refused from the lengths alone, before the last argument came. */
	assert_int_equal(parse(text, len - 4098), API_PROTO_BAD);
	assert_string_equal(why, "too big request");
}

static void test_inline_words(void **state)
{
	static const char *const plain[] = { "OTP.SEND", "+62812" };
	static const char *const quoted[] = { "ECHO", "a b\n\"A\\", "it's \\n", "" };
	static const char *const glued[] = { "ab c" };

	(void)state;
	expect_words("  OTP.SEND\t+62812 \r\n", plain, 2);
	expect_words("OTP.SEND +62812\n", plain, 2);
	expect_words("ECHO \"a b\\n\\\"\\x41\\\\\" 'it\\'s \\n' \"\"\r\n", quoted, 4);
	expect_words("a\"b c\"\n", glued, 1);
	assert_true(request.is_inline);
}

/* Within double quotes as redis-cli reads them; within single quotes a backslash escapes the quote alone. */
static void test_inline_escapes(void **state)
{
	static const char *const controls[] = { "\n\r\t\b\a", "q\\", "" };
	static const char *const hex[] = { "Jj\x0a\xff\xaf", "x", "x4", "xg0", "x0g", "x/0", "x:0", "x@0", "x`0" };
	static const char *const single[] = { "\\n", "'", "a\\b" };

	(void)state;
	expect_words("\"\\n\\r\\t\\b\\a\" \"\\q\\\\\" ''\n", controls, 3);
	expect_words("\"\\x4a\\x6A\\x0A\\xFF\\xaF\" \"\\x\" \"\\x4\" \"\\xg0\" \"\\x0g\" \"\\x/0\" \"\\x:0\" \"\\x@0\" "
	             "\"\\x`0\"\n",
	             hex, 9);
	expect_words("'\\n' '\\'' 'a\\b'\n", single, 3);
	expect_bad("\"\\x4\n", "unbalanced quotes in request");
	expect_bad("'\\\n", "unbalanced quotes in request");
}

static void test_inline_malformed(void **state)
{
	static char text[5000];

	(void)state;
	expect_bad("ECHO \"a\n", "unbalanced quotes in request");
	expect_bad("ECHO 'a\r\n", "unbalanced quotes in request");
	expect_bad("ECHO \"a\"b\n", "unbalanced quotes in request");
	expect_bad("ECHO \"a\\\n", "unbalanced quotes in request");
	expect_bad("PING\x01", "control character in inline request");
	expect_bad("PING\x7f", "control character in inline request");
	expect_bad("PING\rx\n", "control character in inline request");
	expect_bad("\x16\x03\x01", "control character in inline request");
	assert_int_equal(parse("PI\0NG", 5), API_PROTO_BAD);

	memset(text, 'a', sizeof(text));
	assert_int_equal(parse(text, 4096), API_PROTO_MORE);
	assert_int_equal(parse(text, 4097), API_PROTO_BAD);
	assert_string_equal(why, "too big inline request");
	memcpy(text + 4096, "\r\n", 2);
	assert_int_equal(parse(text, 4098), API_PROTO_REQUEST);
	assert_int_equal(request.argv[0].len, 4096);

	for (size_t i = 0; i < 65; i++)
		memcpy(text + 2 * i, "a ", 2);
	text[130] = '\n';
	assert_int_equal(parse(text, 131), API_PROTO_BAD);
	assert_string_equal(why, "too many arguments");
	text[128] = '\n';
	assert_int_equal(parse(text, 129), API_PROTO_REQUEST);
	assert_int_equal(request.argc, 64);
}

static void test_foreign(void **state)
{
	static const char *const foreign[] = { "POST / HTTP/1.1\r\n", "GET / HTTP/1.1\r\n", "Host: x\r\n", "host:" };

	(void)state;
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
		assert_int_equal(parse(foreign[i], strlen(foreign[i])), API_PROTO_FOREIGN);
	assert_int_equal(parse("POSTER\n", 7), API_PROTO_REQUEST);
}

static void expect_error(const struct api_field *fields, size_t n, const char *text, const char *line)
{
	struct buf out;
	struct api_encoder e = { .out = &out, .resp = 2 };

	buf_init(&out, 4096);
	api_encode_error(&e, &(const struct api_error){ .code = "CODE", .fields = fields, .n = n, .text = text });
	assert_int_equal(e.err, ERR_OK);
	assert_int_equal(buf_len(&out), strlen(line));
	assert_memory_equal(buf_data(&out), line, strlen(line));
	buf_clear(&out);
}

static void test_error_lines(void **state)
{
	struct api_field fields[] = { { "arg", "a b\r\nc" }, { "id", "7" } };
	char text[400], line[API_ENCODE_ERROR_LEN_MAX + 1];

	(void)state;
	expect_error(fields, 2, "x\ry\nz\x1b\x7f", "-CODE arg=a_b__c id=7 x?y?z??\r\n");
	expect_error(NULL, 0, NULL, "-CODE\r\n");
	memset(text, 't', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	memset(line, 't', sizeof(line));
	memcpy(line, "-CODE ", 6);
	memcpy(line + API_ENCODE_ERROR_LEN_MAX - 2, "\r\n", 3);
	expect_error(NULL, 0, text, line);
}

static void test_encoder_keeps_failure(void **state)
{
	struct buf out;
	struct api_encoder e = { .out = &out, .resp = 3 };

	(void)state;
	buf_init(&out, 8);
	api_encode_null(&e);
	assert_memory_equal(buf_data(&out), "_\r\n", 3);
	api_encode_text(&e, "much too long");
	assert_int_equal(e.err, ERR_TOOBIG);
	api_encode_null(&e);
	assert_int_equal(e.err, ERR_TOOBIG);
	buf_clear(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut_at_every_byte), cmocka_unit_test(test_binary_argument),
		cmocka_unit_test(test_nothing),           cmocka_unit_test(test_malformed_lengths),
		cmocka_unit_test(test_malformed_bulks),   cmocka_unit_test(test_limits),
		cmocka_unit_test(test_inline_words),      cmocka_unit_test(test_inline_escapes),
		cmocka_unit_test(test_inline_malformed),  cmocka_unit_test(test_foreign),
		cmocka_unit_test(test_error_lines),       cmocka_unit_test(test_encoder_keeps_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
