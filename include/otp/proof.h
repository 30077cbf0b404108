/*
 * proof: signs what a verification has shown, as a JSON Web Token (RFC 7519) that another service can check by itself.
 * The signature is EdDSA with Ed25519 (RFC 8037). Several keys may be loaded: one signs, and the public halves of all
 * are served, so that a key can be changed while tokens of the one before are still good.
 */
#ifndef OTP_PROOF_H
#define OTP_PROOF_H

#include "base/buf.h"
#include "base/json.h"
#include "base/secret.h"
#include "otp/msisdn.h"

#include <stdint.h>

#define PROOF_KEYS_MAX 8
#define PROOF_SEED_LEN 32
#define PROOF_SUBJECT_MAX 128 /* octets */
#define PROOF_TOKEN_CAP 4096  /* characters of a token */

struct proof_keys;

/* An empty set of keys, in guarded memory. ERR_NOMEM: also if no more memory may be locked. The caller frees *out. */
enum err proof_keys_new(struct proof_keys **out) ERR_CHECKED;
void proof_keys_free(struct proof_keys *k); /* NULL is fine */

/*
 * Adds the key of this seed of PROOF_SEED_LEN octets. kid: its name in tokens, 1-32 of a-z 0-9 _ -; copied.
 * ERR_INVALID: another length, or a kid that is there. ERR_TOOBIG: PROOF_KEYS_MAX are there.
 */
enum err proof_keys_add(struct proof_keys *k, const char *kid, const struct secret *seed) ERR_CHECKED;
/* Chooses the key that signs. ERR_NOTFOUND: no key has this kid. */
enum err proof_keys_use(struct proof_keys *k, const char *kid) ERR_CHECKED;

/* Adds the member "keys" of a JWK Set (RFC 7517): the public half of each key. k may be NULL: there is none. */
void proof_keys_public(const struct proof_keys *k, struct json *j);

/* What a token says. Times are Unix seconds. Texts are printable ASCII, but for the subject. */
struct proof_claims {
	const char *issuer, *audience, *purpose;
	const char *subject; /* UTF-8, proof_subject_fits */
	size_t subject_len;
	const struct msisdn *number;
	int64_t verified_at, issued_at, expires_at;
};

/* True for 1 to PROOF_SUBJECT_MAX octets of UTF-8 without a NUL, which a token can hold as they are. */
bool proof_subject_fits(const char *subject, size_t len);

/* Appends a token, signed by the key in use. Errors as of buf_append. ERR_NOTFOUND: no key is in use. */
enum err proof_sign(const struct proof_keys *k, const struct proof_claims *c, struct buf *out) ERR_CHECKED;

#endif
