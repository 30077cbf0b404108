/*
 * unit: values of unit files with their drop-ins, and the address filter that they mean.
 */
#include "unit.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void reads(const char *text, const char *want)
{
	struct buf values;

	buf_init(&values, 4096);
	assert_int_equal(unit_read(text, "Service", "IPAddressAllow", &values), ERR_OK);
	assert_int_equal(buf_append(&values, "", 1), ERR_OK);
	assert_string_equal((const char *)buf_data(&values), want);
	buf_clear(&values);
}

static void one_file(void **state)
{
	(void)state;
	reads("", "");
	reads("[Service]\nIPAddressAllow=localhost 10.0.0.0/8\n", " localhost 10.0.0.0/8");
	reads("[Service]\nIPAddressAllow = a\nIPAddressAllow=b", " a b");
	reads("[Unit]\nIPAddressAllow=a\n[Service]\nIPAddressAllowed=b\nIPAddressAllow=c\n", " c");
	reads("[Service]\nIPAddressAllow=a\nIPAddressAllow=\nIPAddressAllow=b\n", " b");
	reads("[Service]\n# IPAddressAllow=a\n; IPAddressAllow=b\n\n  IPAddressAllow=c\n", " c");
	reads("[Service]\nIPAddressAllow=a \\\n# between\n  b \\\nc\nExecStart=d\n", " a b c");
	reads("[Service]\nIPAddressAllow=a \\", " a");
	reads("[Service]\nIPAddressAllow", "");
	reads("[Service", "");
}

static void put(const char *root, const char *path, const char *text)
{
	char full[512];

	snprintf(full, sizeof(full), "%s%s", root, path);
	for (char *at = strchr(full + strlen(root) + 1, '/'); at; at = strchr(at + 1, '/')) {
		*at = '\0';
		mkdir(full, 0700);
		*at = '/';
	}
	FILE *f = fopen(full, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void value_is(const char *root, const char *want)
{
	struct buf values;

	buf_init(&values, 4096);
	assert_int_equal(unit_value(root, "x.service", "Service", "K", &values), ERR_OK);
	assert_int_equal(buf_append(&values, "", 1), ERR_OK);
	assert_string_equal((const char *)buf_data(&values), want);
	buf_clear(&values);
}

static void with_drop_ins(void **state)
{
	char root[] = "/tmp/test_unit.XXXXXX", command[64];
	struct buf values;

	(void)state;
	assert_non_null(mkdtemp(root));
	buf_init(&values, 4096);
	assert_int_equal(unit_value(root, "x.service", "Service", "K", &values), ERR_NOTFOUND);
	buf_clear(&values);
	put(root, "/usr/lib/systemd/system/x.service", "[Service]\nK=main\n");
	put(root, "/usr/lib/systemd/system/x.service.d/b.conf", "[Service]\nK=b\n");
	value_is(root, " main b");
	/* By name over all folders; one of the operator's hides the package's of the same name. */
	put(root, "/etc/systemd/system/x.service.d/a.conf", "[Service]\nK=a\n");
	put(root, "/etc/systemd/system/x.service.d/readme.txt", "[Service]\nK=no\n");
	value_is(root, " main a b");
	put(root, "/etc/systemd/system/x.service.d/b.conf", "[Service]\nK=\nK=mine\n");
	value_is(root, " mine");
	put(root, "/etc/systemd/system/x.service", "[Service]\nK=whole\n");
	put(root, "/etc/systemd/system/x.service.d/b.conf", "");
	value_is(root, " whole a");
	snprintf(command, sizeof(command), "rm -r %s", root);
	assert_int_equal(system(command), 0);
}

static bool reaches(const char *allow, const char *deny, const char *address)
{
	uint8_t bits[sizeof(struct in6_addr)];
	int family = strchr(address, ':') ? AF_INET6 : AF_INET;

	assert_int_equal(inet_pton(family, address, bits), 1);
	return unit_reaches(allow, deny, family, bits);
}

static void the_address_filter(void **state)
{
	static const char ours[] = " localhost 10.0.0.0/8 172.16.0.0/12 fc00::/7";

	(void)state;
	assert_true(reaches(ours, " any", "127.0.0.1"));
	assert_true(reaches(ours, " any", "::1"));
	assert_true(reaches(ours, " any", "10.255.0.1"));
	assert_true(reaches(ours, " any", "172.31.255.255"));
	assert_false(reaches(ours, " any", "172.32.0.0"));
	assert_false(reaches(ours, " any", "11.0.0.0"));
	assert_false(reaches(ours, " any", "203.0.113.7"));
	assert_true(reaches(" 203.0.113.7", " any", "203.0.113.7"));
	assert_false(reaches(" 203.0.113.7", " any", "203.0.113.8"));
	assert_true(reaches(ours, " any", "fd00::1"));
	assert_false(reaches(ours, " any", "2001:db8::1"));
	assert_false(reaches(ours, " any", "::2"));
	/* What is not denied is allowed. */
	assert_true(reaches("", "", "203.0.113.7"));
	assert_true(reaches("", " 10.0.0.0/8", "203.0.113.7"));
	assert_false(reaches("", " 10.0.0.0/8", "10.1.1.1"));
	assert_true(reaches(" any", " any", "2001:db8::1"));
	assert_true(reaches(" link-local", " any", "169.254.1.1"));
	assert_true(reaches(" multicast", " any", "ff02::1"));
	/* Words that are none. */
	assert_false(
	    reaches(" 10.0.0.0/99 nonsense /8 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	            " any", "10.0.0.1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_file),
		cmocka_unit_test(with_drop_ins),
		cmocka_unit_test(the_address_filter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
