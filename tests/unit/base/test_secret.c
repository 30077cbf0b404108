/*
 * Whether two secrets are the same.
 */
#include "base/secret.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define LEN 40

static struct secret *of(const void *bytes, size_t len)
{
	struct secret *s;

	assert_int_equal(secret_new(bytes, len, &s), ERR_OK);
	return s;
}

static int setup(void **state)
{
	(void)state;
	return secret_setup() == ERR_OK ? 0 : -1;
}

static void each_octet_counts(void **state)
{
	uint8_t bytes[LEN];

	(void)state;
	memset(bytes, 'k', LEN);
	struct secret *a = of(bytes, LEN), *same = of(bytes, LEN);

	assert_true(secret_same(a, same) && secret_same(a, a));
	for (size_t i = 0; i < LEN; i++) {
		bytes[i] ^= 0x80;
		struct secret *other = of(bytes, LEN);

		bytes[i] ^= 0x80;
		assert_false(secret_same(a, other) || secret_same(other, a));
		secret_free(other);
	}
	secret_free(a);
	secret_free(same);
}

static void a_beginning_is_not_the_whole(void **state)
{
	struct secret *whole = of("password", 8), *part = of("passwor", 7);

	(void)state;
	assert_false(secret_same(whole, part) || secret_same(part, whole));
	secret_free(whole);
	secret_free(part);
}

static void none_is_the_same_as_none(void **state)
{
	struct secret *one = of("", 1);

	(void)state;
	assert_true(secret_same(NULL, NULL));
	assert_false(secret_same(one, NULL) || secret_same(NULL, one));
	secret_free(one);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_octet_counts),
		cmocka_unit_test(a_beginning_is_not_the_whole),
		cmocka_unit_test(none_is_the_same_as_none),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
