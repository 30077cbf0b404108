/*
 * test_buf: the wiping buffer, and the JSON writer on top of it.
 */
#include "base/buf.h"
#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void test_consumed_bytes_are_wiped(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	assert_int_equal(buf_append(&b, "secret123456", 12), ERR_OK);
	const uint8_t *mem = buf_data(&b);
	buf_consume(&b, 6);
	for (int i = 0; i < 6; i++)
		assert_int_equal(mem[i], 0);
	assert_memory_equal(buf_data(&b), "123456", 6);
	buf_consume(&b, 6);
	assert_int_equal(buf_len(&b), 0);
	buf_clear(&b);
}

static void test_grows_to_its_cap_and_no_further(void **state)
{
	uint8_t chunk[1000];
	struct buf b;

	(void)state;
	memset(chunk, 'x', sizeof(chunk));
	buf_init(&b, 2500);
	assert_int_equal(buf_append(&b, chunk, 1000), ERR_OK);
	assert_int_equal(buf_append(&b, chunk, 1000), ERR_OK);
	assert_int_equal(buf_append(&b, chunk, 1000), ERR_TOOBIG);
	assert_int_equal(buf_len(&b), 2000);
	buf_consume(&b, 1500);
	assert_int_equal(buf_append(&b, chunk, 1000), ERR_OK);
	assert_int_equal(buf_room(&b), 1000);
	buf_clear(&b);
}

static void test_what_moves_leaves_nothing_behind(void **state)
{
	struct buf b;
	uint8_t *at;

	(void)state;
	buf_init(&b, 512);
	assert_int_equal(buf_reserve(&b, 512, &at), ERR_OK);
	memset(at, 'a', 512);
	buf_commit(&b, 512);
	buf_consume(&b, 500);
	assert_int_equal(buf_append(&b, "bb", 2), ERR_OK);
	assert_int_equal(buf_len(&b), 14);
	for (size_t i = b.tail; i < b.size; i++)
		assert_int_equal(b.mem[i], 0);
	buf_clear(&b);
}

static void test_printf_of_any_length(void **state)
{
	char longer[2000];
	struct buf b;

	(void)state;
	memset(longer, 'y', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = 0;
	buf_init(&b, 8192);
	assert_int_equal(buf_printf(&b, "%d-%s", 7, longer), ERR_OK);
	assert_int_equal(buf_len(&b), 2 + strlen(longer));
	assert_memory_equal(buf_data(&b), "7-yyy", 5);
	/* From 1,024 octets on it is printed twice, and no octet of it may be lost at that length. */
	for (int len = 1022; len <= 1026; len++) {
		size_t before = buf_len(&b);

		assert_int_equal(buf_printf(&b, "%.*s", len, longer), ERR_OK);
		assert_int_equal(buf_len(&b), before + (size_t)len);
		assert_memory_equal(buf_data(&b) + before, longer, (size_t)len);
	}
	buf_clear(&b);
}

static void test_json_is_json_whatever_comes(void **state)
{
	static const char want[] = "{\"a\":\"q\\\"\\\\\\u000a\\u00ff\",\"n\":-3,\"list\":[true,1.5],\"o\":{}}";
	struct buf b;
	struct json j;

	(void)state;
	buf_init(&b, 1024);
	json_init(&j, &b);
	json_open(&j, NULL, '{');
	json_str(&j, "a", "q\"\\\n\xff");
	json_int(&j, "n", -3);
	json_open(&j, "list", '[');
	json_bool(&j, NULL, true);
	json_num(&j, NULL, 1.5);
	json_close(&j, ']');
	json_open(&j, "o", '{');
	json_close(&j, '}');
	json_close(&j, '}');
	assert_int_equal(json_end(&j), ERR_OK);
	assert_int_equal(buf_len(&b), sizeof(want) - 1);
	assert_memory_equal(buf_data(&b), want, sizeof(want) - 1);
	buf_clear(&b);
}

static void test_json_tells_that_it_did_not_fit(void **state)
{
	struct buf b;
	struct json j;

	(void)state;
	buf_init(&b, 4);
	json_init(&j, &b);
	json_str(&j, NULL, "too long");
	assert_int_equal(json_end(&j), ERR_TOOBIG);
	buf_clear(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_consumed_bytes_are_wiped),
		cmocka_unit_test(test_grows_to_its_cap_and_no_further),
		cmocka_unit_test(test_what_moves_leaves_nothing_behind),
		cmocka_unit_test(test_printf_of_any_length),
		cmocka_unit_test(test_json_is_json_whatever_comes),
		cmocka_unit_test(test_json_tells_that_it_did_not_fit),
	};

	return cmocka_run_group_tests_name("test_buf", tests, NULL, NULL);
}
