/*
 * test_script: the typed reading of replies, and copies that outlive them.
 */
#include "../../../daemon/store/reply.h"

#include <hiredis.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* A sanitizer reports an allocation that no memory suffices for: the test of it runs without one. */
static bool sanitized;
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	sanitized = true;
	return "";
}

static char hello[] = "hello\0";
static redisReply text = { .type = REDIS_REPLY_STRING, .str = hello, .len = 6 };
static redisReply status = { .type = REDIS_REPLY_STATUS, .str = hello, .len = 5 };
static redisReply error = { .type = REDIS_REPLY_ERROR, .str = hello, .len = 5 };
static redisReply number = { .type = REDIS_REPLY_INTEGER, .integer = INT64_MIN };
static redisReply nil = { .type = REDIS_REPLY_NIL };
static redisReply *inner_parts[] = { &number, &nil };
static redisReply inner = { .type = REDIS_REPLY_ARRAY, .elements = 2, .element = inner_parts };
static redisReply empty = { .type = REDIS_REPLY_ARRAY };
static redisReply *parts[] = { &text, &inner, &status, &empty, &error };
static redisReply array = { .type = REDIS_REPLY_ARRAY, .elements = 5, .element = parts };

static void test_types(void **state)
{
	const redisReply mute = { .type = REDIS_REPLY_ERROR }, lost = { .type = REDIS_REPLY_STRING };
	const char *at = NULL;
	int64_t v = 0;
	size_t len = 0;

	(void)state;
	assert_true(reply_is_error(&error, &at));
	assert_string_equal(at, "hello");
	assert_true(reply_is_error(&mute, &at));
	assert_string_equal(at, "");
	assert_false(reply_is_error(&text, &at));
	assert_true(reply_is_nil(&nil) && !reply_is_nil(&array));
	assert_true(reply_is_array(&array) && !reply_is_array(&nil));
	assert_true(reply_int(&number, &v) && v == INT64_MIN);
	assert_false(reply_int(&text, &v));
	assert_true(reply_str(&text, &at, &len) && len == 6 && at == hello);
	assert_true(reply_str(&status, &at, &len) && len == 5);
	assert_false(reply_str(&number, &at, &len) || reply_str(&error, &at, &len) || reply_str(&lost, &at, &len));
}

static void test_elements(void **state)
{
	const char *at;
	int64_t v;
	size_t len;

	(void)state;
	assert_int_equal(reply_len(&array), 5);
	assert_int_equal(reply_len(&text), 0);
	assert_ptr_equal(reply_at(&array, 4), &error);
	assert_null(reply_at(&array, 5));
	assert_null(reply_at(&text, 0));
	assert_true(reply_str_at(&array, 0, &at, &len) && len == 6);
	assert_false(reply_str_at(&array, 1, &at, &len) || reply_str_at(&array, 5, &at, &len));
	assert_true(reply_int_at(&inner, 0, &v) && v == INT64_MIN);
	assert_false(reply_int_at(&inner, 1, &v) || reply_int_at(&inner, 2, &v));
}

static void same(const redisReply *a, const redisReply *b)
{
	assert_ptr_not_equal(a, b);
	assert_int_equal(a->type, b->type);
	assert_int_equal(a->integer, b->integer);
	assert_int_equal(a->len, b->len);
	assert_int_equal(a->str == NULL, b->str == NULL);
	if (a->str) {
		assert_memory_equal(a->str, b->str, (size_t)a->len);
		assert_int_equal(b->str[b->len], 0);
	}
	assert_int_equal(reply_len(a), reply_len(b));
	for (size_t i = 0; i < reply_len(a); i++)
		same(a->element[i], b->element[i]);
}

static void test_a_copy(void **state)
{
	redisReply *const all[] = { &array, &inner, &empty, &text, &status, &error, &number, &nil };

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		redisReply *copy = reply_copy(all[i]);

		assert_non_null(copy);
		same(all[i], copy);
		reply_free(copy);
	}
	reply_free(NULL);
}

static void test_no_memory_for_a_copy(void **state)
{
	redisReply large = { .type = REDIS_REPLY_STRING, .str = hello };
	redisReply *many[2000];
	redisReply all = { .type = REDIS_REPLY_ARRAY, .elements = 2000, .element = many };

	(void)state;
	if (sanitized)
		skip();
	/* int in hiredis 0.14: the sum is beyond any address space only with many of them. */
	large.len = 0x7fffffff;
	for (size_t i = 0; i < 2000; i++)
		many[i] = &large;
	all.elements = 2000;
	redisReply *nested[2000];
	redisReply most = { .type = REDIS_REPLY_ARRAY, .elements = 2000, .element = nested };
	for (size_t i = 0; i < 2000; i++)
		nested[i] = &all;
	assert_null(reply_copy(&most));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_elements),
		cmocka_unit_test(test_a_copy),
		cmocka_unit_test(test_no_memory_for_a_copy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
