/*
 * keyring: all functions that need a key: hashes for lookups, MACs to check guesses, and the seal of a payload. Keys
 * are in guarded memory. Sub-keys are derived from the master keys by crypto_kdf, one per use.
 *
 *   index key   (one, never rotates)  -> partition, number tag, tuple tag, request tags, receipt partition
 *   code keys   (by key id, rotate)   -> guess MAC, payload seal, number seal, successor seal
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
#define KEYRING_PAYLOAD_STEP 32 /* a payload is padded to a multiple of this, so that its length tells little */
#define KEYRING_PAYLOAD_CAP 320 /* the longest payload, padded */
#define KEYRING_SEALED_EXTRA 24 /* what a seal adds to a payload: 8 octets of its nonce, and a tag of 16 */
#define KEYRING_SEALED_CAP (KEYRING_PAYLOAD_CAP + KEYRING_SEALED_EXTRA)
#define KEYRING_ID_SEALED_LEN 60     /* an id in 36 octets, 8 of its nonce, and a tag of 16 */
#define KEYRING_NUMBER_SEALED_LEN 24 /* a number in 8 octets, and a tag of 16 */

struct keyring;

/*
 * index_key: 32 octets, copied. partitions: 1..4096, never changed during the life of a deployment. ERR_INVALID: wrong
 * key length or partitions. ERR_NOMEM: also if no more memory may be locked. The caller frees *out.
 */
enum err keyring_new(const struct secret *index_key, uint16_t partitions, struct keyring **out) ERR_CHECKED;
void keyring_free(struct keyring *k); /* NULL is fine */

/*
 * Adds a code key (32 octets, copied) under kid (0..255). ERR_INVALID: the kid is taken, or the length is wrong.
 * ERR_NOMEM: also if no more memory may be locked.
 */
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

/* True if the verification was for these four parts. */
bool keyring_is_subject(const struct keyring *k, const struct ident *id, const struct keyring_subject *s);

/* The same for a reverse verification, whose id has no hash of a number: true if it was opened for the others. */
bool keyring_reverse_is_subject(const struct keyring *k, const struct ident *id, const struct keyring_subject *s);

/* True if the verification was for this number. */
bool keyring_is_number(const struct keyring *k, const struct ident *id, const struct msisdn *number);

/*
 * Fills id for a new reverse verification: partition and both tags are hashes of the token alone, so that a message
 * that brings the token leads to the record. Seven octets of the generation are a hash of tenant, purpose and subject.
 */
void keyring_reverse(const struct keyring *k, const struct keyring_subject *s, const char *token, struct ident *id);
/* Fills in what the token alone tells: partition and tags. The rest of id is zeros. */
void keyring_reverse_find(const struct keyring *k, const char *token, struct ident *id);

/* Fills in the partition and the tag of a number. The rest of id is zeros. */
void keyring_number(const struct keyring *k, const struct msisdn *number, struct ident *id);

/*
 * Computes a keyed hash of any octets, for request ids and fingerprints. `use` separates the kinds of hashes ("reqid",
 * "args").
 */
void keyring_tag(const struct keyring *k, const char *use, const void *data, size_t len, uint8_t out[KEYRING_TAG_LEN]);

/*
 * Returns the partition of a receipt's key: a keyed short hash (SipHash) of the message id and the tag of the SMSC,
 * modulo partitions. It only spreads the keys, so 64 bits are enough.
 */
uint16_t keyring_receipt_partition(const struct keyring *k, uint16_t smsc_tag, const char *message_id);

/*
 * Computes the MAC of a guess or of the code itself, over kid, partition, tuple, generation and code. The MAC also
 * binds tenant, purpose, number and subject, because the tuple is a keyed hash of them. ERR_NOTFOUND: the kid is not
 * loaded.
 */
enum err keyring_mac(const struct keyring *k, const struct ident *id, const char *code, size_t code_len,
                     uint8_t out[KEYRING_MAC_LEN]) ERR_CHECKED;

/* The first 8 octets of a MAC as a number. It names one of the codes of a verification. */
uint64_t keyring_mac_tag(const uint8_t mac[KEYRING_MAC_LEN]);

/* What a record keeps sealed: the number by itself, and the payload. Both need the key of the record's id. */
struct keyring_sealed {
	uint8_t number[KEYRING_NUMBER_SEALED_LEN];
	uint16_t len; /* octets of the sealed payload */
	uint8_t octets[KEYRING_SEALED_CAP];
};

/* A payload in clear. The caller wipes it after use. */
struct keyring_payload {
	uint16_t len; /* a multiple of KEYRING_PAYLOAD_STEP, at least one and at most KEYRING_PAYLOAD_CAP */
	uint8_t octets[KEYRING_PAYLOAD_CAP];
};

/*
 * Seals a payload with XChaCha20-Poly1305 into len and octets of *sealed, and leaves its number. The nonce is the first
 * 16 octets of the generation and 8 random octets, which are the first of the sealed payload. The additional data are
 * kid, partition, tuple, generation and hard_end_ms, and unsealing checks them. ERR_NOTFOUND: the kid is not loaded.
 * ERR_INVALID: not a length of a payload. ERR_CORRUPT: the octets do not belong to this id, or were changed.
 */
enum err keyring_seal(const struct keyring *k, const struct ident *id, int64_t hard_end_ms,
                      const struct keyring_payload *payload, struct keyring_sealed *sealed) ERR_CHECKED;
enum err keyring_unseal(const struct keyring *k, const struct ident *id, int64_t hard_end_ms,
                        const struct keyring_sealed *sealed, struct keyring_payload *payload) ERR_CHECKED;

/*
 * Seals the number of an id, two digits per octet, with XChaCha20-Poly1305 under a key of this use alone. The
 * additional data are kid, partition, tuple and the first IDENT_KEPT_LEN octets of the generation. The nonce is not
 * stored: it is those octets of the generation, the tag of the number, and the first octets of the tag of the tuple. So
 * a nonce belongs to one number, and if it ever came twice, it would seal the same digits. In a reverse verification
 * the tags are of its token, and the record keeps one number. ERR_NOTFOUND: the kid is not loaded. ERR_INVALID: not 0
 * to 15 digits. ERR_CORRUPT: the octets do not belong to this id, or were changed.
 */
enum err keyring_seal_number(const struct keyring *k, const struct ident *id, const struct msisdn *number,
                             uint8_t sealed[KEYRING_NUMBER_SEALED_LEN]) ERR_CHECKED;
enum err keyring_unseal_number(const struct keyring *k, const struct ident *id,
                               const uint8_t sealed[KEYRING_NUMBER_SEALED_LEN], struct msisdn *number) ERR_CHECKED;

/*
 * Seals the id of a successor for the record of id, with XChaCha20-Poly1305 under a key of this use alone. The
 * additional data are as of a number's seal. The nonce is the first IDENT_KEPT_LEN octets of id's generation, the first
 * 8 of its tuple tag, and 8 random octets, which are the first of the seal. Errors as of a number's seal.
 */
enum err keyring_seal_id(const struct keyring *k, const struct ident *id, const struct ident *successor,
                         uint8_t sealed[KEYRING_ID_SEALED_LEN]) ERR_CHECKED;
enum err keyring_unseal_id(const struct keyring *k, const struct ident *id, const uint8_t sealed[KEYRING_ID_SEALED_LEN],
                           struct ident *successor) ERR_CHECKED;

/*
 * A key file has one line "otpgwd-key-1 <64 hex digits>". keyring_write_file writes a new random key to a new file of
 * mode 0600. ERR_BUSY: the file exists. ERR_IO: errno says why. keyring_parse_file reads the text of such a file, which
 * conf/credentials has loaded. The caller frees *out.
 */
enum err keyring_write_file(const char *path) ERR_CHECKED;
enum err keyring_parse_file(const char *text, size_t len, struct secret **out) ERR_CHECKED; /* ERR_INVALID, ERR_NOMEM */

#endif
