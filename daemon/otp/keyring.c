/*
 * keyring: holds the keys and makes the hashes, MACs and seals that need one. Owns the derived sub-keys in one guarded
 * allocation. A sub-key of a hash is kept as the state of a hash that has taken it, and each hash begins with a copy.
 * It must never allocate memory for a request, and no derived key ever leaves this file.
 */
#include "otp/keyring.h"

#include <endian.h>
#include <sodium.h>
#include <string.h>

#define KIDS 256
#define HASH_LEN 32
#define AAD_LEN (3 + 2 * IDENT_TAG_LEN + IDENT_GENERATION_LEN + 8)
/* The seal of a number binds what is kept of the id of an ended verification: the octets that come first. */
#define NUMBER_AAD_LEN (3 + 2 * IDENT_TAG_LEN + IDENT_KEPT_LEN)
#define NONCE_LEN crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define SEAL_RANDOM_LEN 8
#define NUMBER_LEN 8   /* a number, two digits per octet */
#define NUMBER_END 0xf /* half an octet behind the last digit */

static const char context[crypto_kdf_CONTEXTBYTES + 1] = "otpgwd__";

enum index_use { INDEX_NUMBER = 1, INDEX_TUPLE, INDEX_TAG, INDEX_RECEIPT };
enum code_use { CODE_USE_MAC = 1, CODE_USE_SEAL, CODE_USE_NUMBER, CODE_USE_ID };

struct code_keys {
	crypto_generichash_state mac;
	uint8_t seal[KEYRING_KEY_LEN];
	uint8_t number[KEYRING_KEY_LEN];
	uint8_t id[KEYRING_KEY_LEN];
};

struct keyring {
	crypto_generichash_state number, tuple, tag;
	uint8_t receipt[crypto_shorthash_KEYBYTES];
	struct code_keys *code[KIDS]; /* NULL: not loaded */
	uint16_t partitions;
	uint8_t current;
};

_Static_assert(SEAL_RANDOM_LEN + crypto_aead_xchacha20poly1305_ietf_ABYTES == KEYRING_SEALED_EXTRA &&
                   NUMBER_LEN + crypto_aead_xchacha20poly1305_ietf_ABYTES == KEYRING_NUMBER_SEALED_LEN &&
                   SEAL_RANDOM_LEN + IDENT_PACKED_LEN + crypto_aead_xchacha20poly1305_ietf_ABYTES ==
                       KEYRING_ID_SEALED_LEN &&
                   NONCE_LEN - SEAL_RANDOM_LEN <= IDENT_GENERATION_LEN && IDENT_GENERATION_LEN < NONCE_LEN,
               "the octets that keyring.h gives a seal");

struct part {
	const void *data;
	size_t len;
};

static void put_le64(uint8_t out[8], uint64_t v)
{
	const uint64_t le = htole64(v);

	memcpy(out, &le, sizeof(le));
}

static uint32_t get_le32(const uint8_t in[4])
{
	uint32_t le;

	memcpy(&le, in, sizeof(le));
	return le32toh(le);
}

/* Derives a sub-key and begins a hash with it. */
static void begin(crypto_generichash_state *keyed, uint64_t use, const struct secret *master)
{
	uint8_t key[KEYRING_KEY_LEN];

	crypto_kdf_derive_from_key(key, sizeof(key), use, context, secret_bytes(master));
	crypto_generichash_init(keyed, key, sizeof(key), HASH_LEN);
	sodium_memzero(key, sizeof(key));
}

/*
 * Computes a keyed hash of the parts. Each part is preceded by its length, so that ("ab", "c") and ("a", "bc") differ.
 */
static void hash_parts(const crypto_generichash_state *keyed, const struct part *parts, size_t count,
                       uint8_t out[HASH_LEN])
{
	crypto_generichash_state st = *keyed;

	for (size_t i = 0; i < count; i++) {
		uint8_t len[8];

		put_le64(len, parts[i].len);
		crypto_generichash_update(&st, len, sizeof(len));
		if (parts[i].len > 0)
			crypto_generichash_update(&st, parts[i].data, parts[i].len);
	}
	crypto_generichash_final(&st, out, HASH_LEN);
	sodium_memzero(&st, sizeof(st));
}

static struct part text_part(const char *text)
{
	return (struct part){ text, text ? strlen(text) : 0 };
}

/*
 * Returns zeroed memory that is guarded and locked. sodium_malloc reports no error when the limit of locked memory is
 * reached, so the memory is locked again here to find out. NULL: there is no more.
 */
static void *locked(size_t len)
{
	void *p = sodium_malloc(len);

	if (p && sodium_mlock(p, len) != 0) {
		sodium_free(p);
		return NULL;
	}
	if (p)
		memset(p, 0, len);
	return p;
}

enum err keyring_new(const struct secret *index_key, uint16_t partitions, struct keyring **out)
{
	struct keyring *k;

	if (!index_key || secret_len(index_key) != KEYRING_KEY_LEN || partitions < 1 ||
	    partitions > IDENT_PARTITIONS_MAX)
		return ERR_INVALID;
	k = locked(sizeof(*k));
	if (!k)
		return ERR_NOMEM;
	k->partitions = partitions;
	begin(&k->number, INDEX_NUMBER, index_key);
	begin(&k->tuple, INDEX_TUPLE, index_key);
	begin(&k->tag, INDEX_TAG, index_key);
	crypto_kdf_derive_from_key(k->receipt, sizeof(k->receipt), INDEX_RECEIPT, context, secret_bytes(index_key));
	*out = k;
	return ERR_OK;
}

void keyring_free(struct keyring *k)
{
	for (size_t kid = 0; k && kid < KIDS; kid++)
		sodium_free(k->code[kid]);
	sodium_free(k);
}

enum err keyring_add(struct keyring *k, uint8_t kid, const struct secret *master)
{
	struct code_keys *keys;

	if (!master || secret_len(master) != KEYRING_KEY_LEN || k->code[kid])
		return ERR_INVALID;
	keys = locked(sizeof(*keys));
	if (!keys)
		return ERR_NOMEM;
	begin(&keys->mac, CODE_USE_MAC, master);
	crypto_kdf_derive_from_key(keys->seal, KEYRING_KEY_LEN, CODE_USE_SEAL, context, secret_bytes(master));
	crypto_kdf_derive_from_key(keys->number, KEYRING_KEY_LEN, CODE_USE_NUMBER, context, secret_bytes(master));
	crypto_kdf_derive_from_key(keys->id, KEYRING_KEY_LEN, CODE_USE_ID, context, secret_bytes(master));
	k->code[kid] = keys;
	return ERR_OK;
}

enum err keyring_use(struct keyring *k, uint8_t kid)
{
	if (!k->code[kid])
		return ERR_NOTFOUND;
	k->current = kid;
	return ERR_OK;
}

bool keyring_has(const struct keyring *k, uint8_t kid)
{
	return k->code[kid] != NULL;
}

void keyring_ident(const struct keyring *k, const struct keyring_subject *s, struct ident *id)
{
	const struct part parts[] = { text_part(s->number->digits),
		                      text_part(s->tenant),
		                      text_part(s->purpose),
		                      { s->subject, s->subject_len } };
	uint8_t h[HASH_LEN];

	/* The tag and the partition of the number are different octets of one hash. */
	hash_parts(&k->number, parts, 1, h);
	memcpy(id->number_tag, h, IDENT_TAG_LEN);
	id->partition = (uint16_t)(get_le32(h + IDENT_TAG_LEN) % k->partitions);
	hash_parts(&k->tuple, parts, sizeof(parts) / sizeof(parts[0]), h);
	memcpy(id->tuple_tag, h, IDENT_TAG_LEN);
	id->kid = k->current;
	secret_random(id->generation, IDENT_GENERATION_LEN);
	ident_complete(id);
}

bool keyring_is_subject(const struct keyring *k, const struct ident *id, const struct keyring_subject *s)
{
	struct ident of_subject;

	keyring_ident(k, s, &of_subject);
	return memcmp(id->number_tag, of_subject.number_tag, IDENT_TAG_LEN) == 0 &&
	       memcmp(id->tuple_tag, of_subject.tuple_tag, IDENT_TAG_LEN) == 0;
}

/* --- reverse verifications --- */

/* Where the hash of the subject is in a generation. The octets before it are random. */
#define REVERSE_AT IDENT_KEPT_LEN
#define REVERSE_LEN 7

static void reverse_subject(const struct keyring *k, const struct ident *id, const struct keyring_subject *s,
                            uint8_t out[HASH_LEN])
{
	const struct part parts[] = { text_part("reverse.subject"),
		                      { id->generation, REVERSE_AT },
		                      text_part(s->tenant),
		                      text_part(s->purpose),
		                      { s->subject, s->subject_len } };

	hash_parts(&k->tag, parts, sizeof(parts) / sizeof(parts[0]), out);
}

void keyring_reverse_find(const struct keyring *k, const char *token, struct ident *id)
{
	const struct part parts[] = { text_part("reverse.token"), text_part(token) };
	uint8_t h[HASH_LEN];

	memset(id, 0, sizeof(*id));
	hash_parts(&k->number, parts, 2, h);
	memcpy(id->number_tag, h, IDENT_TAG_LEN);
	id->partition = (uint16_t)(get_le32(h + IDENT_TAG_LEN) % k->partitions);
	hash_parts(&k->tuple, parts, 2, h);
	memcpy(id->tuple_tag, h, IDENT_TAG_LEN);
}

void keyring_reverse(const struct keyring *k, const struct keyring_subject *s, const char *token, struct ident *id)
{
	uint8_t h[HASH_LEN];

	keyring_reverse_find(k, token, id);
	id->kid = k->current;
	secret_random(id->generation, IDENT_GENERATION_LEN);
	reverse_subject(k, id, s, h);
	memcpy(id->generation + REVERSE_AT, h, REVERSE_LEN);
	ident_complete(id);
}

bool keyring_reverse_is_subject(const struct keyring *k, const struct ident *id, const struct keyring_subject *s)
{
	uint8_t h[HASH_LEN];

	reverse_subject(k, id, s, h);
	return sodium_memcmp(id->generation + REVERSE_AT, h, REVERSE_LEN) == 0;
}

void keyring_number(const struct keyring *k, const struct msisdn *number, struct ident *id)
{
	const struct part part = text_part(number->digits);
	uint8_t h[HASH_LEN];

	memset(id, 0, sizeof(*id));
	hash_parts(&k->number, &part, 1, h);
	memcpy(id->number_tag, h, IDENT_TAG_LEN);
	id->partition = (uint16_t)(get_le32(h + IDENT_TAG_LEN) % k->partitions);
}

bool keyring_is_number(const struct keyring *k, const struct ident *id, const struct msisdn *number)
{
	const struct part part = text_part(number->digits);
	uint8_t h[HASH_LEN];

	hash_parts(&k->number, &part, 1, h);
	return memcmp(id->number_tag, h, IDENT_TAG_LEN) == 0;
}

void keyring_tag(const struct keyring *k, const char *use, const void *data, size_t len, uint8_t out[KEYRING_TAG_LEN])
{
	const struct part parts[] = { text_part(use), { data, len } };
	uint8_t h[HASH_LEN];

	hash_parts(&k->tag, parts, 2, h);
	memcpy(out, h, KEYRING_TAG_LEN);
}

uint16_t keyring_receipt_partition(const struct keyring *k, uint16_t smsc_tag, const char *message_id)
{
	uint64_t h;

	crypto_shorthash((uint8_t *)&h, (const uint8_t *)message_id, strlen(message_id), k->receipt);
	return (uint16_t)((le64toh(h) + smsc_tag) % k->partitions);
}

/* Writes the octets that bind a MAC or a seal to one id. extra is chosen by the caller and fills the last 8 octets. */
static void bind_ident(const struct ident *id, uint64_t extra, uint8_t out[AAD_LEN])
{
	*out++ = id->kid;
	*out++ = (uint8_t)(id->partition >> 8);
	*out++ = (uint8_t)id->partition;
	memcpy(out, id->number_tag, IDENT_TAG_LEN);
	memcpy(out + IDENT_TAG_LEN, id->tuple_tag, IDENT_TAG_LEN);
	memcpy(out + 2 * IDENT_TAG_LEN, id->generation, IDENT_GENERATION_LEN);
	put_le64(out + 2 * IDENT_TAG_LEN + IDENT_GENERATION_LEN, extra);
}

enum err keyring_mac(const struct keyring *k, const struct ident *id, const char *code, size_t code_len,
                     uint8_t out[KEYRING_MAC_LEN])
{
	uint8_t bound[AAD_LEN], whole[HASH_LEN];
	const struct part parts[] = { { bound, sizeof(bound) }, { code, code_len } };

	if (!k->code[id->kid])
		return ERR_NOTFOUND;
	bind_ident(id, 0, bound);
	hash_parts(&k->code[id->kid]->mac, parts, 2, whole);
	memcpy(out, whole, KEYRING_MAC_LEN);
	return ERR_OK;
}

uint64_t keyring_mac_tag(const uint8_t mac[KEYRING_MAC_LEN])
{
	uint64_t le;

	memcpy(&le, mac, sizeof(le));
	return le64toh(le);
}

static bool is_payload_len(size_t len)
{
	return len > 0 && len <= KEYRING_PAYLOAD_CAP && len % KEYRING_PAYLOAD_STEP == 0;
}

static void payload_nonce(const struct ident *id, const uint8_t random[SEAL_RANDOM_LEN], uint8_t out[NONCE_LEN])
{
	memcpy(out, id->generation, NONCE_LEN - SEAL_RANDOM_LEN);
	memcpy(out + NONCE_LEN - SEAL_RANDOM_LEN, random, SEAL_RANDOM_LEN);
}

enum err keyring_seal(const struct keyring *k, const struct ident *id, int64_t hard_end_ms,
                      const struct keyring_payload *payload, struct keyring_sealed *sealed)
{
	uint8_t aad[AAD_LEN], nonce[NONCE_LEN];

	if (!k->code[id->kid])
		return ERR_NOTFOUND;
	if (!is_payload_len(payload->len))
		return ERR_INVALID;
	bind_ident(id, (uint64_t)hard_end_ms, aad);
	secret_random(sealed->octets, SEAL_RANDOM_LEN);
	payload_nonce(id, sealed->octets, nonce);
	sealed->len = (uint16_t)(payload->len + KEYRING_SEALED_EXTRA);
	crypto_aead_xchacha20poly1305_ietf_encrypt(sealed->octets + SEAL_RANDOM_LEN, NULL, payload->octets,
	                                           payload->len, aad, sizeof(aad), NULL, nonce, k->code[id->kid]->seal);
	return ERR_OK;
}

enum err keyring_unseal(const struct keyring *k, const struct ident *id, int64_t hard_end_ms,
                        const struct keyring_sealed *sealed, struct keyring_payload *payload)
{
	uint8_t aad[AAD_LEN], nonce[NONCE_LEN];

	if (!k->code[id->kid])
		return ERR_NOTFOUND;
	if (sealed->len < KEYRING_SEALED_EXTRA || !is_payload_len(sealed->len - (size_t)KEYRING_SEALED_EXTRA))
		return ERR_CORRUPT;
	bind_ident(id, (uint64_t)hard_end_ms, aad);
	payload_nonce(id, sealed->octets, nonce);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(payload->octets, NULL, NULL, sealed->octets + SEAL_RANDOM_LEN,
	                                               sealed->len - SEAL_RANDOM_LEN, aad, sizeof(aad), nonce,
	                                               k->code[id->kid]->seal) != 0)
		return ERR_CORRUPT;
	payload->len = (uint16_t)(sealed->len - KEYRING_SEALED_EXTRA);
	return ERR_OK;
}

/* --- the seal of a number --- */

static void number_nonce(const struct ident *id, uint8_t out[NONCE_LEN])
{
	memcpy(out, id->generation, IDENT_KEPT_LEN);
	memcpy(out + IDENT_KEPT_LEN, id->number_tag, IDENT_TAG_LEN);
	memcpy(out + IDENT_KEPT_LEN + IDENT_TAG_LEN, id->tuple_tag, NONCE_LEN - IDENT_KEPT_LEN - IDENT_TAG_LEN);
}

/* Writes two digits per octet, the first in the high half, and 0xF behind the last. False: not 0 to 15 digits. */
static bool pack_number(const struct msisdn *number, uint8_t out[NUMBER_LEN])
{
	size_t len = strnlen(number->digits, MSISDN_CAP);

	memset(out, 0xff, NUMBER_LEN);
	if (len == MSISDN_CAP || strspn(number->digits, "0123456789") != len)
		return false;
	for (size_t i = 0; i < len; i++) {
		uint8_t digit = (uint8_t)(number->digits[i] - '0');

		out[i / 2] = (uint8_t)(i % 2 ? (out[i / 2] & 0xf0) | digit : digit << 4 | NUMBER_END);
	}
	return true;
}

static bool unpack_number(const uint8_t in[NUMBER_LEN], struct msisdn *number)
{
	size_t len = 0;
	bool ended = false;

	memset(number, 0, sizeof(*number));
	for (size_t i = 0; i < 2 * (size_t)NUMBER_LEN; i++) {
		uint8_t digit = i % 2 ? in[i / 2] & 0xf : in[i / 2] >> 4;

		if (digit == NUMBER_END)
			ended = true;
		else if (ended || digit > 9 || len + 1 >= MSISDN_CAP)
			return false;
		else
			number->digits[len++] = (char)('0' + digit);
	}
	return ended;
}

enum err keyring_seal_number(const struct keyring *k, const struct ident *id, const struct msisdn *number,
                             uint8_t sealed[KEYRING_NUMBER_SEALED_LEN])
{
	uint8_t aad[AAD_LEN], nonce[NONCE_LEN], packed[NUMBER_LEN];

	if (!k->code[id->kid])
		return ERR_NOTFOUND;
	if (!pack_number(number, packed))
		return ERR_INVALID;
	bind_ident(id, 0, aad);
	number_nonce(id, nonce);
	crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, NULL, packed, sizeof(packed), aad, NUMBER_AAD_LEN, NULL,
	                                           nonce, k->code[id->kid]->number);
	sodium_memzero(packed, sizeof(packed));
	return ERR_OK;
}

enum err keyring_unseal_number(const struct keyring *k, const struct ident *id,
                               const uint8_t sealed[KEYRING_NUMBER_SEALED_LEN], struct msisdn *number)
{
	uint8_t aad[AAD_LEN], nonce[NONCE_LEN], packed[NUMBER_LEN];
	enum err err = ERR_OK;

	if (!k->code[id->kid])
		return ERR_NOTFOUND;
	bind_ident(id, 0, aad);
	number_nonce(id, nonce);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(packed, NULL, NULL, sealed, KEYRING_NUMBER_SEALED_LEN, aad,
	                                               NUMBER_AAD_LEN, nonce, k->code[id->kid]->number) != 0)
		return ERR_CORRUPT;
	if (!unpack_number(packed, number)) {
		msisdn_wipe(number);
		err = ERR_CORRUPT;
	}
	sodium_memzero(packed, sizeof(packed));
	return err;
}

static void id_nonce(const struct ident *id, const uint8_t random[SEAL_RANDOM_LEN], uint8_t out[NONCE_LEN])
{
	memcpy(out, id->generation, IDENT_KEPT_LEN);
	memcpy(out + IDENT_KEPT_LEN, id->tuple_tag, NONCE_LEN - IDENT_KEPT_LEN - SEAL_RANDOM_LEN);
	memcpy(out + NONCE_LEN - SEAL_RANDOM_LEN, random, SEAL_RANDOM_LEN);
}

enum err keyring_seal_id(const struct keyring *k, const struct ident *id, const struct ident *successor,
                         uint8_t sealed[KEYRING_ID_SEALED_LEN])
{
	uint8_t aad[AAD_LEN], nonce[NONCE_LEN], packed[IDENT_PACKED_LEN];

	if (!k->code[id->kid])
		return ERR_NOTFOUND;
	ident_pack(successor, packed);
	bind_ident(id, 0, aad);
	secret_random(sealed, SEAL_RANDOM_LEN);
	id_nonce(id, sealed, nonce);
	crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + SEAL_RANDOM_LEN, NULL, packed, sizeof(packed), aad,
	                                           NUMBER_AAD_LEN, NULL, nonce, k->code[id->kid]->id);
	return ERR_OK;
}

enum err keyring_unseal_id(const struct keyring *k, const struct ident *id, const uint8_t sealed[KEYRING_ID_SEALED_LEN],
                           struct ident *successor)
{
	uint8_t aad[AAD_LEN], nonce[NONCE_LEN], packed[IDENT_PACKED_LEN];

	if (!k->code[id->kid])
		return ERR_NOTFOUND;
	bind_ident(id, 0, aad);
	id_nonce(id, sealed, nonce);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(packed, NULL, NULL, sealed + SEAL_RANDOM_LEN,
	                                               KEYRING_ID_SEALED_LEN - SEAL_RANDOM_LEN, aad, NUMBER_AAD_LEN,
	                                               nonce, k->code[id->kid]->id) != 0)
		return ERR_CORRUPT;
	return ident_unpack(packed, successor) == ERR_OK && successor->partition < k->partitions ? ERR_OK : ERR_CORRUPT;
}
