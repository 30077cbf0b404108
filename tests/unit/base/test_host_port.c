/*
 * "host:port": what is read as host and port, and what is none.
 */
#include "base/host_port.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void what_is_read(void **state)
{
	static const struct {
		const char *text, *host;
		uint16_t port;
	} rows[] = { { "redis:6379", "redis", 6379 }, { "h:1", "h", 1 },
		     { "h:65535", "h", 65535 },       { "h:00001", "h", 1 },
		     { "[::1]:80", "::1", 80 },       { "fe80::1:80", "fe80::1", 80 },
		     { ":6379", "", 6379 },           { "[]:80", "[]", 80 },
		     { "[a:80", "[a", 80 },           { "a]:80", "a]", 80 } };
	struct host_port got;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(host_port_read(rows[i].text, strlen(rows[i].text), &got));
		assert_int_equal(got.len, strlen(rows[i].host));
		assert_memory_equal(got.host, rows[i].host, got.len);
		assert_int_equal(got.port, rows[i].port);
	}
}

static void what_is_none(void **state)
{
	static const char *const rows[] = { "",        "h",       ":",        "h:",   "h:0",
		                            "h:65536", "h:99999", "h:100000", "h:6x", "h:x6",
		                            "h: 1",    "h:-1",    "h:000001", "h:+1", "[::1]" };
	struct host_port got;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_false(host_port_read(rows[i], strlen(rows[i]), &got));
}

/* The text has a length and no end: what stands behind it is not read. */
static void no_octet_beyond_the_text(void **state)
{
	struct host_port got;

	(void)state;
	assert_true(host_port_read("h:6379", 4, &got));
	assert_int_equal(got.port, 63);
	assert_false(host_port_read("h:6379", 2, &got));
	assert_false(host_port_read("h:6379", 1, &got));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_read),
		cmocka_unit_test(what_is_none),
		cmocka_unit_test(no_octet_beyond_the_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
