/*
 * test_address: addresses as the configuration, MOVED and CLUSTER SLOTS write them, what is none, and how they are
 * printed.
 */
#include "../../../daemon/store/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct address asked = { "10.0.0.9", 7000 };

static enum err parse(const char *text, const struct address *fallback, struct address *out)
{
	return address_parse(text, strlen(text), fallback, out);
}

static void test_good(void **state)
{
	static const struct {
		const char *text, *host;
		uint16_t port;
	} rows[] = { { "redis:6379", "redis", 6379 }, { "10.0.0.1:1", "10.0.0.1", 1 },
		     { "h:65535", "h", 65535 },       { "[::1]:6379", "::1", 6379 },
		     { "[a]:6379", "a", 6379 },       { "fe80::1:6379", "fe80::1", 6379 },
		     { ":6379", "10.0.0.9", 6379 },   { "[]:6379", "[]", 6379 },
		     { "[ab:6379", "[ab", 6379 },     { "abc]:6379", "abc]", 6379 } };
	struct address a;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(parse(rows[i].text, &asked, &a), ERR_OK);
		assert_string_equal(a.host, rows[i].host);
		assert_int_equal(a.port, rows[i].port);
	}
}

static void test_bad(void **state)
{
	static const char *const bad[] = { "",     "h",    "6379", "h:",   "h:0",      "h:65536", "h:99999",
		                           "h:6x", "h:/1", "h: 1", "h:-1", "h:100000", ":6379" };
	struct address a;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(parse(bad[i], NULL, &a), ERR_INVALID);
	assert_int_equal(address_parse("a\0b:6379", 8, NULL, &a), ERR_INVALID);
}

static void test_as_long_as_a_host_may_be(void **state)
{
	char host[ADDRESS_HOST_CAP + 1];
	struct address a;

	(void)state;
	memset(host, 'h', sizeof(host));
	assert_int_equal(address_set(&a, host, ADDRESS_HOST_CAP - 1, 1), ERR_OK);
	assert_int_equal(strlen(a.host), ADDRESS_HOST_CAP - 1);
	assert_int_equal(address_set(&a, host, ADDRESS_HOST_CAP, 1), ERR_INVALID);
	assert_int_equal(address_set(&a, host, 0, 1), ERR_INVALID);
}

static void test_the_same(void **state)
{
	const struct address other_port = { "10.0.0.9", 7001 }, other_host = { "10.0.0.8", 7000 }, same = asked;

	(void)state;
	assert_true(address_same(&asked, &same));
	assert_false(address_same(&asked, &other_port));
	assert_false(address_same(&asked, &other_host));
}

static void test_print(void **state)
{
	const struct address six = { "fe80::1", 6379 }, path = { "/run/redis.sock", 0 };
	char text[ADDRESS_TEXT_CAP];

	(void)state;
	address_print(&asked, text);
	assert_string_equal(text, "10.0.0.9:7000");
	address_print(&six, text);
	assert_string_equal(text, "[fe80::1]:6379");
	address_print(&path, text);
	assert_string_equal(text, "/run/redis.sock");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_as_long_as_a_host_may_be),
		cmocka_unit_test(test_the_same),
		cmocka_unit_test(test_print),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
