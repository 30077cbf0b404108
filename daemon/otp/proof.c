/*
 * proof: makes tokens, and the set of public keys with which they are checked. Owns the secret keys in one guarded
 * allocation. No secret key ever leaves this file.
 */
#include "otp/proof.h"

#include "otp/text.h"
#include "otp/typed.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define JTI_LEN 16
#define BASE64 sodium_base64_VARIANT_URLSAFE_NO_PADDING

struct key {
	char kid[TEXT_NAME_CAP];
	uint8_t secret[crypto_sign_SECRETKEYBYTES], public[crypto_sign_PUBLICKEYBYTES];
};

struct proof_keys {
	struct key keys[PROOF_KEYS_MAX];
	size_t count;
	const struct key *current; /* NULL: none was chosen */
};

_Static_assert(PROOF_SEED_LEN == crypto_sign_SEEDBYTES, "the key of Ed25519 is made of this seed");

enum err proof_keys_new(struct proof_keys **out)
{
	struct proof_keys *k = sodium_malloc(sizeof(*k));

	/* sodium_malloc reports no error when the limit of locked memory is reached. */
	if (k && sodium_mlock(k, sizeof(*k)) != 0) {
		sodium_free(k);
		return ERR_NOMEM;
	}
	if (!k)
		return ERR_NOMEM;
	memset(k, 0, sizeof(*k));
	*out = k;
	return ERR_OK;
}

void proof_keys_free(struct proof_keys *k)
{
	sodium_free(k);
}

static struct key *find(struct proof_keys *k, const char *kid)
{
	for (size_t i = 0; i < k->count; i++) {
		if (strcmp(k->keys[i].kid, kid) == 0)
			return &k->keys[i];
	}
	return NULL;
}

enum err proof_keys_add(struct proof_keys *k, const char *kid, const struct secret *seed)
{
	if (!seed || secret_len(seed) != PROOF_SEED_LEN || !kid[0] || strlen(kid) >= TEXT_NAME_CAP || find(k, kid))
		return ERR_INVALID;
	if (k->count == PROOF_KEYS_MAX)
		return ERR_TOOBIG;
	struct key *key = &k->keys[k->count++];
	snprintf(key->kid, sizeof(key->kid), "%s", kid);
	crypto_sign_seed_keypair(key->public, key->secret, secret_bytes(seed));
	return ERR_OK;
}

enum err proof_keys_use(struct proof_keys *k, const char *kid)
{
	const struct key *key = find(k, kid);

	if (!key)
		return ERR_NOTFOUND;
	k->current = key;
	return ERR_OK;
}

void proof_keys_public(const struct proof_keys *k, struct json *j)
{
	char x[sodium_base64_ENCODED_LEN(crypto_sign_PUBLICKEYBYTES, BASE64)];

	json_open(j, "keys", '[');
	for (size_t i = 0; k && i < k->count; i++) {
		sodium_bin2base64(x, sizeof(x), k->keys[i].public, sizeof(k->keys[i].public), BASE64);
		json_open(j, NULL, '{');
		json_str(j, "kty", "OKP");
		json_str(j, "crv", "Ed25519");
		json_str(j, "alg", "EdDSA");
		json_str(j, "use", "sig");
		json_str(j, "kid", k->keys[i].kid);
		json_str(j, "x", x);
		json_close(j, '}');
	}
	json_close(j, ']');
}

bool proof_subject_fits(const char *subject, size_t len)
{
	struct typed c;
	size_t at = 0;

	if (len == 0 || len > PROOF_SUBJECT_MAX || memchr(subject, 0, len))
		return false;
	while (at < len) {
		if (!typed_next(subject, len, &at, &c))
			return false;
	}
	return true;
}

static enum err write_head(const struct key *key, struct buf *out)
{
	struct json j;

	json_init(&j, out);
	json_open(&j, NULL, '{');
	json_str(&j, "alg", "EdDSA");
	json_str(&j, "typ", "JWT");
	json_str(&j, "kid", key->kid);
	json_close(&j, '}');
	return json_end(&j);
}

static enum err write_claims(const struct proof_claims *c, struct buf *out)
{
	char number[MSISDN_CAP + 1], subject[PROOF_SUBJECT_MAX + 1];
	char jti[sodium_base64_ENCODED_LEN(JTI_LEN, BASE64)];
	uint8_t random[JTI_LEN];
	struct json j;

	randombytes_buf(random, sizeof(random));
	sodium_bin2base64(jti, sizeof(jti), random, sizeof(random), BASE64);
	snprintf(number, sizeof(number), "+%s", c->number->digits);
	snprintf(subject, sizeof(subject), "%.*s", (int)c->subject_len, c->subject);
	json_init(&j, out);
	json_open(&j, NULL, '{');
	json_str(&j, "iss", c->issuer);
	json_text(&j, "sub", subject);
	json_str(&j, "aud", c->audience);
	json_int(&j, "iat", c->issued_at);
	json_int(&j, "exp", c->expires_at);
	json_str(&j, "jti", jti);
	json_int(&j, "auth_time", c->verified_at);
	json_open(&j, "amr", '[');
	json_str(&j, NULL, "sms");
	json_close(&j, ']');
	json_str(&j, "phone_number", number);
	json_bool(&j, "phone_number_verified", true);
	json_str(&j, "purpose", c->purpose);
	json_close(&j, '}');
	sodium_memzero(number, sizeof(number));
	sodium_memzero(subject, sizeof(subject));
	return json_end(&j);
}

/* Appends the octets as base64url without padding. */
static enum err encode(const void *octets, size_t len, struct buf *out)
{
	size_t cap = sodium_base64_encoded_len(len, BASE64);
	uint8_t *at;
	enum err err = buf_reserve(out, cap, &at);

	if (err)
		return err;
	sodium_bin2base64((char *)at, cap, octets, len, BASE64);
	buf_commit(out, cap - 1);
	return ERR_OK;
}

/* Appends head and claims, with a dot between. */
static enum err write_signed_part(const struct key *key, const struct proof_claims *c, struct buf *out)
{
	struct buf part;

	buf_init(&part, PROOF_TOKEN_CAP);
	enum err err = write_head(key, &part);
	if (!err)
		err = encode(buf_data(&part), buf_len(&part), out);
	if (!err)
		err = buf_append(out, ".", 1);
	buf_consume(&part, buf_len(&part));
	if (!err)
		err = write_claims(c, &part);
	if (!err)
		err = encode(buf_data(&part), buf_len(&part), out);
	buf_clear(&part);
	return err;
}

enum err proof_sign(const struct proof_keys *k, const struct proof_claims *c, struct buf *out)
{
	uint8_t signature[crypto_sign_BYTES];
	size_t before = buf_len(out);

	if (!k->current)
		return ERR_NOTFOUND;
	enum err err = write_signed_part(k->current, c, out);
	if (err)
		return err;
	crypto_sign_detached(signature, NULL, buf_data(out) + before, buf_len(out) - before, k->current->secret);
	err = buf_append(out, ".", 1);
	return err ? err : encode(signature, sizeof(signature), out);
}
