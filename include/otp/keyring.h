/*
 * keyring: all functions that need a key: hashes for lookups, MACs to check guesses, and the seal of a payload. Keys
 * are in guarded memory. Sub-keys are derived from the master keys by crypto_kdf, one per use.
 *
 *   index key   (one, never rotates)  -> partition, number tag, tuple tag, request tags, receipt partition
 *   code keys   (by key id, rotate)   -> guess MAC, payload seal
 */
#ifndef OTP_KEYRING_H
#define OTP_KEYRING_H

#include "base/err.h"
#include "base/secret.h"
#include "otp/ident.h"
#include "otp/msisdn.h"

#define KEYRING_KEY_LEN 32
#define KEYRING_MAC_LEN 16      /* of a guess: 128 bits of a keyed hash */
#define KEYRING_TAG_LEN 15      /* a request tag: 20 characters of base64url */
#define KEYRING_PAYLOAD_LEN 312 /* the one length every payload is padded to before sealing; fits the longest */
#define KEYRING_SEALED_LEN (24 + KEYRING_PAYLOAD_LEN + 16) /* nonce, ciphertext, tag */

struct keyring;

/* partitions: 1..4096, fixed for the life of a deployment. index_key: 32 octets, copied. */
enum err keyring_new(const struct secret *index_key, uint16_t partitions, struct keyring **out) ERR_CHECKED;
void keyring_free(struct keyring *k); /* NULL is fine */

/* Adds a code key (32 octets, copied) under kid (0..255). ERR_INVALID if the kid is taken or the length is wrong. */
enum err keyring_add(struct keyring *k, uint8_t kid, const struct secret *master) ERR_CHECKED;

/* Chooses the kid new verifications use. ERR_NOTFOUND. */
enum err keyring_use(struct keyring *k, uint8_t kid) ERR_CHECKED;
bool keyring_has(const struct keyring *k, uint8_t kid);

/*
 * Fills id for a new verification: current kid, partition and tags from the four parts, a random generation.
 * The parts are hashed with their lengths, so that no two different parts give the same tag.
 */
struct keyring_subject {
	const char *tenant, *purpose, *subject;
	size_t subject_len;
	const struct msisdn *number;
};
void keyring_ident(const struct keyring *k, const struct keyring_subject *s, struct ident *id);

/* True if the verification was for this number. */
bool keyring_is_number(const struct keyring *k, const struct ident *id, const struct msisdn *number);

/* A keyed hash of any bytes for request ids and fingerprints; `use` separates the kinds of hashes ("reqid", "args"). */
void keyring_tag(const struct keyring *k, const char *use, const void *data, size_t len, uint8_t out[KEYRING_TAG_LEN]);

/* The partition of a receipt's key: keyed hash of smsc and message id, mod partitions. */
uint16_t keyring_receipt_partition(const struct keyring *k, const char *smsc, const char *message_id);

/*
 * MAC of a guess or of the code itself: over kid, partition, tuple, generation and code. The tuple is a keyed hash of
 * tenant, purpose, number and subject, so the MAC binds them too. ERR_NOTFOUND: kid is not loaded.
 */
enum err keyring_mac(const struct keyring *k, const struct ident *id, const char *code, size_t code_len,
                     uint8_t out[KEYRING_MAC_LEN]) ERR_CHECKED;

/*
 * Seals KEYRING_PAYLOAD_LEN octets (XChaCha20-Poly1305, random nonce; additional data: kid, partition, tuple,
 * generation, hard_end_ms). Unsealing checks the same. ERR_NOTFOUND (kid), ERR_CORRUPT (does not belong to this id, or
 * changed).
 */
enum err keyring_seal(const struct keyring *k, const struct ident *id, int64_t hard_end_ms,
                      const uint8_t payload[KEYRING_PAYLOAD_LEN], uint8_t sealed[KEYRING_SEALED_LEN]) ERR_CHECKED;
enum err keyring_unseal(const struct keyring *k, const struct ident *id, int64_t hard_end_ms,
                        const uint8_t sealed[KEYRING_SEALED_LEN], uint8_t payload[KEYRING_PAYLOAD_LEN]) ERR_CHECKED;

/*
 * A key file: one line "otpgwd-key-1 <64 hex digits>". keyring_write_file makes a new random key in a new file of mode
 * 0600 (ERR_BUSY: the file exists). Reading is the work of conf/credentials.
 */
enum err keyring_write_file(const char *path) ERR_CHECKED;
enum err keyring_parse_file(const char *text, size_t len, struct secret **out) ERR_CHECKED; /* ERR_INVALID */

#endif
