/*
 * encode: an error is one line of printable ASCII, whatever an argument or a text brings.
 */
#include "api/encode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static char line[API_ENCODE_ERROR_LEN_MAX + 1];

static const char *line_of(const char *value, const char *text, bool is_utf8)
{
	const struct api_field field = { "arg", value };
	struct api_encoder e = { .resp = 2 };
	struct buf out;

	buf_init(&out, 1024);
	e.out = &out;
	const struct api_error error = { .code = "BADARG", .fields = &field, .n = 1, .text = text, .is_utf8 = is_utf8 };
	api_encode_error(&e, &error);
	assert_int_equal(e.err, ERR_OK);
	assert_true(buf_len(&out) < sizeof(line));
	memcpy(line, buf_data(&out), buf_len(&out));
	line[buf_len(&out)] = '\0';
	buf_clear(&out);
	return line;
}

static const char *error_of(const char *value, const char *text)
{
	return line_of(value, text, false);
}

/* A sentence is checked at load: here only what would break the line is replaced, and a cut never splits a character.
 */
static void a_sentence_is_utf8(void **state)
{
	char text[API_ENCODE_ERROR_LEN_MAX] = "";
	size_t room = API_ENCODE_ERROR_LEN_MAX - strlen("-BADARG arg=x ") - 2;

	(void)state;
	assert_string_equal(line_of("x", "หมด \xc3\xa9", true), "-BADARG arg=x หมด \xc3\xa9\r\n");
	assert_string_equal(line_of("x", "a\r\nb\x7f", true), "-BADARG arg=x a??b?\r\n");
	memset(text, 'x', room - 1);
	memcpy(text + room - 1, "\xc3\xa9", 3);
	assert_int_equal(strlen(line_of("x", text, true)), API_ENCODE_ERROR_LEN_MAX - 1);
	memcpy(text + room - 2, "\xc3\xa9", 3);
	assert_int_equal(strlen(line_of("x", text, true)), API_ENCODE_ERROR_LEN_MAX);
	assert_string_equal(line + API_ENCODE_ERROR_LEN_MAX - 4, "\xc3\xa9\r\n");
}

static void a_plain_error(void **state)
{
	(void)state;
	assert_string_equal(error_of("TTL", "must be 30 to 900"), "-BADARG arg=TTL must be 30 to 900\r\n");
	assert_string_equal(error_of("TTL", ""), "-BADARG arg=TTL\r\n");
	assert_string_equal(error_of("TTL", NULL), "-BADARG arg=TTL\r\n");
}

/* C0, DEL, C1 as characters and octets, separators, marks of direction, broken UTF-8. */
static void no_octet_but_printable_ascii(void **state)
{
	static const char *const bad[] = { "a\r\n+OK",     "\x1b[2J",      "\x7f",         "\xc2\x85",
		                           "\xc2\x9b[2J",  "\x9b[2J",      "\xe2\x80\xa8", "\xe2\x80\xa9",
		                           "\xe2\x80\xae", "\xe2\x81\xa7", "\xc3",         "\xff" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		error_of(bad[i], bad[i]);
		assert_string_equal(line + strlen(line) - 2, "\r\n");
		for (const char *at = line; at < line + strlen(line) - 2; at++)
			assert_in_range((unsigned char)*at, ' ', '~');
	}
	for (int c = 1; c < 256; c++) {
		const char text[] = { (char)c, '\0' };

		assert_in_range(strlen(error_of(text, text)), 17, 17);
		assert_true(line[12] > ' ' && line[12] < 0x7f && line[14] >= ' ' && line[14] < 0x7f);
	}
}

static void a_value_makes_no_second_field(void **state)
{
	(void)state;
	assert_string_equal(error_of("x retry_after=0", "t"), "-BADARG arg=x_retry_after=0 t\r\n");
}

static void a_long_error_is_cut(void **state)
{
	char text[1000];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(strlen(error_of(text, text)), API_ENCODE_ERROR_LEN_MAX);
	assert_string_equal(line + API_ENCODE_ERROR_LEN_MAX - 3, "x\r\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_error),
		cmocka_unit_test(a_sentence_is_utf8),
		cmocka_unit_test(no_octet_but_printable_ascii),
		cmocka_unit_test(a_value_makes_no_second_field),
		cmocka_unit_test(a_long_error_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
