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
#define KEYRING_MAC_LEN 16      /* MAC of a guess: 128 bits of a keyed hash */
#define KEYRING_TAG_LEN 15      /* request tag: 20 characters as base64url */
#define KEYRING_PAYLOAD_LEN 312 /* every payload is padded to this length, which fits the longest */
#define KEYRING_SEALED_LEN (24 + KEYRING_PAYLOAD_LEN + 16) /* nonce, ciphertext, tag */

struct keyring;

/*
 * index_key: 32 octets, copied. partitions: 1..4096, never changed during the life of a deployment. ERR_INVALID: wrong
 * key length or partitions. ERR_NOMEM: also if no more memory may be locked. The caller frees *out.
 */
enum err keyring_new(const struct secret *index_key, uint16_t partitions, struct keyring **out) ERR_CHECKED;
void keyring_free(struct keyring *k); /* NULL is fine */

/* Adds a code key (32 octets, copied) under kid (0..255). ERR_INVALID if the kid is taken or the length is wrong. */
enum err keyring_add(struct keyring *k, uint8_t kid, const struct secret *master) ERR_CHECKED;

/* Chooses the kid that new verifications use. ERR_NOTFOUND: no key was added under it. */
enum err keyring_use(struct keyring *k, uint8_t kid) ERR_CHECKED;
bool keyring_has(const struct keyring *k, uint8_t kid);

/*
 * Fills id for a new verification: the current kid, the partition and the tag of the number, the tag of the four parts,
 * and a random generation. Each part is hashed with its length, so that different parts never form the same hash input.
 */
struct keyring_subject {
	const char *tenant, *purpose, *subject;
	size_t subject_len;
	const struct msisdn *number;
};
void keyring_ident(const struct keyring *k, const struct keyring_subject *s, struct ident *id);

/* True if the verification was for this number. */
bool keyring_is_number(const struct keyring *k, const struct ident *id, const struct msisdn *number);

/*
 * Computes a keyed hash of any octets, for request ids and fingerprints. `use` separates the kinds of hashes ("reqid",
 * "args").
 */
void keyring_tag(const struct keyring *k, const char *use, const void *data, size_t len, uint8_t out[KEYRING_TAG_LEN]);

/*
 * Returns the partition of a receipt's key: keyed short hashes (SipHash) of SMSC and message id, modulo partitions.
 * They only spread the keys, so 64 bits are enough.
 */
uint16_t keyring_receipt_partition(const struct keyring *k, const char *smsc, const char *message_id);

/*
 * Computes the MAC of a guess or of the code itself, over kid, partition, tuple, generation and code. The MAC also
 * binds tenant, purpose, number and subject, because the tuple is a keyed hash of them. ERR_NOTFOUND: the kid is not
 * loaded.
 */
enum err keyring_mac(const struct keyring *k, const struct ident *id, const char *code, size_t code_len,
                     uint8_t out[KEYRING_MAC_LEN]) ERR_CHECKED;

/*
 * Seals KEYRING_PAYLOAD_LEN octets with XChaCha20-Poly1305 and a random nonce. The additional data are kid, partition,
 * tuple, generation and hard_end_ms, and unsealing checks them. ERR_NOTFOUND: the kid is not loaded. ERR_CORRUPT: the
 * octets do not belong to this id, or were changed.
 */
enum err keyring_seal(const struct keyring *k, const struct ident *id, int64_t hard_end_ms,
                      const uint8_t payload[KEYRING_PAYLOAD_LEN], uint8_t sealed[KEYRING_SEALED_LEN]) ERR_CHECKED;
enum err keyring_unseal(const struct keyring *k, const struct ident *id, int64_t hard_end_ms,
                        const uint8_t sealed[KEYRING_SEALED_LEN], uint8_t payload[KEYRING_PAYLOAD_LEN]) ERR_CHECKED;

/*
 * A key file has one line "otpgwd-key-1 <64 hex digits>". keyring_write_file writes a new random key to a new file of
 * mode 0600. ERR_BUSY: the file exists. ERR_IO: errno says why. keyring_parse_file reads the text of such a file, which
 * conf/credentials has loaded. The caller frees *out.
 */
enum err keyring_write_file(const char *path) ERR_CHECKED;
enum err keyring_parse_file(const char *text, size_t len, struct secret **out) ERR_CHECKED; /* ERR_INVALID, ERR_NOMEM */

#endif
