/*
 * proof: what is signed can be checked with the public key that is served, by libsodium itself; another octet cannot. A
 * library for tokens reads them in interop/test_jose.py.
 */
#include "otp/proof.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define BASE64 sodium_base64_VARIANT_URLSAFE_NO_PADDING

static const struct msisdn number = { "6281234567890" };

static struct secret *seed(uint8_t octet, size_t len)
{
	uint8_t octets[64];
	struct secret *s = NULL;

	memset(octets, octet, sizeof(octets));
	assert_int_equal(secret_new(octets, len, &s), ERR_OK);
	return s;
}

static struct proof_keys *make(void)
{
	struct proof_keys *k = NULL;
	struct secret *one = seed(1, PROOF_SEED_LEN), *two = seed(2, PROOF_SEED_LEN);

	assert_int_equal(proof_keys_new(&k), ERR_OK);
	assert_int_equal(proof_keys_add(k, "one", one), ERR_OK);
	assert_int_equal(proof_keys_add(k, "two", two), ERR_OK);
	secret_free(one);
	secret_free(two);
	return k;
}

static struct proof_claims claims_of(const char *subject)
{
	return (struct proof_claims){ .issuer = "https://otp.example",
		                      .audience = "shop",
		                      .purpose = "login",
		                      .subject = subject,
		                      .subject_len = strlen(subject),
		                      .number = &number,
		                      .verified_at = 1000,
		                      .issued_at = 1100,
		                      .expires_at = 1400 };
}

/* The text of a token by the key in use. */
static void sign(const struct proof_keys *k, const struct proof_claims *c, char *out, size_t cap)
{
	struct buf token;

	buf_init(&token, PROOF_TOKEN_CAP);
	assert_int_equal(proof_sign(k, c, &token), ERR_OK);
	assert_true(buf_len(&token) < cap);
	memcpy(out, buf_data(&token), buf_len(&token));
	out[buf_len(&token)] = '\0';
	buf_clear(&token);
}

static size_t decode(const char *text, size_t len, void *out, size_t cap)
{
	size_t n;

	assert_int_equal(sodium_base642bin(out, cap, text, len, NULL, &n, NULL, BASE64), 0);
	return n;
}

/* The public key of the nth key, as it is served. */
static void served(const struct proof_keys *k, unsigned nth, uint8_t out[crypto_sign_PUBLICKEYBYTES])
{
	struct json j;
	struct buf text;
	const char *x;

	buf_init(&text, 4096);
	json_init(&j, &text);
	json_open(&j, NULL, '{');
	proof_keys_public(k, &j);
	json_close(&j, '}');
	assert_int_equal(json_end(&j), ERR_OK);
	assert_int_equal(buf_append(&text, "", 1), ERR_OK);
	x = (const char *)buf_data(&text);
	for (unsigned i = 0; i <= nth; i++)
		assert_non_null(x = strstr(x + 1, "\"x\":\""));
	assert_int_equal(decode(x + 5, 43, out, crypto_sign_PUBLICKEYBYTES), crypto_sign_PUBLICKEYBYTES);
	buf_clear(&text);
}

static bool verifies(const char *token, const uint8_t public[crypto_sign_PUBLICKEYBYTES])
{
	const char *dot = strrchr(token, '.');
	uint8_t signature[crypto_sign_BYTES];

	assert_int_equal(strlen(dot + 1), 86);
	assert_int_equal(decode(dot + 1, 86, signature, sizeof(signature)), crypto_sign_BYTES);
	return crypto_sign_verify_detached(signature, (const uint8_t *)token, (size_t)(dot - token), public) == 0;
}

static void signed_by_the_key_in_use(void **state)
{
	struct proof_keys *k = make();
	const struct proof_claims c = claims_of("session");
	uint8_t one[crypto_sign_PUBLICKEYBYTES], two[crypto_sign_PUBLICKEYBYTES];
	char token[PROOF_TOKEN_CAP];
	struct buf none;

	(void)state;
	buf_init(&none, 64);
	assert_int_equal(proof_sign(k, &c, &none), ERR_NOTFOUND);
	assert_int_equal(proof_keys_use(k, "three"), ERR_NOTFOUND);
	served(k, 0, one);
	served(k, 1, two);
	assert_int_equal(proof_keys_use(k, "one"), ERR_OK);
	sign(k, &c, token, sizeof(token));
	assert_true(verifies(token, one) && !verifies(token, two));
	assert_int_equal(proof_keys_use(k, "two"), ERR_OK);
	sign(k, &c, token, sizeof(token));
	assert_true(verifies(token, two) && !verifies(token, one));
	assert_int_equal(proof_sign(k, &c, &none), ERR_TOOBIG);
	buf_clear(&none);
	proof_keys_free(k);
}

static void another_character_is_not_signed(void **state)
{
	struct proof_keys *k = make();
	const struct proof_claims c = claims_of("session");
	uint8_t public[crypto_sign_PUBLICKEYBYTES];
	char token[PROOF_TOKEN_CAP];

	(void)state;
	assert_int_equal(proof_keys_use(k, "one"), ERR_OK);
	served(k, 0, public);
	sign(k, &c, token, sizeof(token));
	for (char *at = token; at < strrchr(token, '.'); at++) {
		char was = *at;

		*at = was == 'A' ? 'B' : 'A';
		assert_false(verifies(token, public));
		*at = was;
	}
	assert_true(verifies(token, public));
	proof_keys_free(k);
}

static void what_it_says(void **state)
{
	struct proof_keys *k = make();
	const struct proof_claims c = claims_of("a\"b \xc3\x85");
	char token[PROOF_TOKEN_CAP], said[PROOF_TOKEN_CAP], *at, *end;

	(void)state;
	assert_int_equal(proof_keys_use(k, "one"), ERR_OK);
	sign(k, &c, token, sizeof(token));
	at = strchr(token, '.') + 1;
	end = strchr(at, '.');
	said[decode(at, (size_t)(end - at), said, sizeof(said))] = '\0';
	assert_non_null(
	    strstr(said, "{\"iss\":\"https://otp.example\",\"sub\":\"a\\\"b \xc3\x85\",\"aud\":\"shop\",\"iat\":1100,"
	                 "\"exp\":1400,\"jti\":\""));
	assert_non_null(strstr(said, "\"auth_time\":1000,\"amr\":[\"sms\"],\"phone_number\":\"+6281234567890\","
	                             "\"phone_number_verified\":true,\"purpose\":\"login\"}"));
	proof_keys_free(k);
}

static void keys_that_are_none(void **state)
{
	struct proof_keys *k = make();
	struct secret *good = seed(3, PROOF_SEED_LEN), *shorter = seed(3, 31), *longer = seed(3, 33);

	(void)state;
	assert_int_equal(proof_keys_add(k, "x", NULL), ERR_INVALID);
	assert_int_equal(proof_keys_add(k, "x", shorter), ERR_INVALID);
	assert_int_equal(proof_keys_add(k, "x", longer), ERR_INVALID);
	assert_int_equal(proof_keys_add(k, "", good), ERR_INVALID);
	assert_int_equal(proof_keys_add(k, "one", good), ERR_INVALID);
	assert_int_equal(proof_keys_add(k, "a-name-of-33-characters-is-longer", good), ERR_INVALID);
	for (int i = 2; i < PROOF_KEYS_MAX; i++) {
		char kid[16];

		snprintf(kid, sizeof(kid), "k%d", i);
		assert_int_equal(proof_keys_add(k, kid, good), ERR_OK);
	}
	assert_int_equal(proof_keys_add(k, "more", good), ERR_TOOBIG);
	secret_free(good);
	secret_free(shorter);
	secret_free(longer);
	proof_keys_free(k);
	proof_keys_free(NULL);
}

static void subjects(void **state)
{
	char longest[PROOF_SUBJECT_MAX + 1];

	(void)state;
	memset(longest, 'x', sizeof(longest));
	assert_true(proof_subject_fits("session", 7) && proof_subject_fits("\xc3\x85", 2) &&
	            proof_subject_fits("\t", 1));
	assert_true(proof_subject_fits(longest, PROOF_SUBJECT_MAX));
	assert_false(proof_subject_fits(longest, PROOF_SUBJECT_MAX + 1) || proof_subject_fits("", 0));
	assert_false(proof_subject_fits("a\0b", 3) || proof_subject_fits("\xc3", 1) ||
	             proof_subject_fits("\xed\xa0\x80", 3));
}

/* The longest that a configuration and a request can ask for fits a token. */
static void the_longest_fits(void **state)
{
	struct proof_keys *k = make();
	char text[256], subject[PROOF_SUBJECT_MAX + 1], token[PROOF_TOKEN_CAP];
	struct proof_claims c = claims_of("");

	(void)state;
	memset(text, '"', 255);
	text[255] = '\0';
	memset(subject, 1, PROOF_SUBJECT_MAX); /* six characters of JSON each */
	subject[PROOF_SUBJECT_MAX] = '\0';
	c.issuer = c.audience = text;
	c.subject = subject;
	c.subject_len = PROOF_SUBJECT_MAX;
	assert_int_equal(proof_keys_use(k, "one"), ERR_OK);
	sign(k, &c, token, sizeof(token));
	proof_keys_free(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signed_by_the_key_in_use),
		cmocka_unit_test(another_character_is_not_signed),
		cmocka_unit_test(what_it_says),
		cmocka_unit_test(keys_that_are_none),
		cmocka_unit_test(subjects),
		cmocka_unit_test(the_longest_fits),
	};

	return secret_setup() != ERR_OK ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
