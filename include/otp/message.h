/*
 * message: packs the payload of one SMS and seals it for its record, so that any instance can send it. The payload
 * names its text by the hash of its template and has the VARs. Where the filled text is shorter, it has that instead.
 * Pure.
 */
#ifndef OTP_MESSAGE_H
#define OTP_MESSAGE_H

#include "base/err.h"
#include "otp/code.h"
#include "otp/ident.h"
#include "otp/keyring.h"
#include "otp/msisdn.h"
#include "otp/testnumber.h"
#include "otp/text.h"
#include "otp/texts.h"

#include <stdint.h>

#define MESSAGE_SENDER_CAP 21 /* 20 characters of an SMPP address and NUL */

/* The template that a text was filled from. */
struct message_origin {
	bool known;      /* false: the text is sealed as it is */
	bool own_sender; /* the sender is not that of the template's text; see otp/texts.h */
	uint8_t hash[TEXTS_HASH_LEN];
	struct text_vars vars; /* where the VARs stand in the text */
};

/* The content of a sealed payload. The caller wipes it after use. */
struct message_payload {
	struct code code;
	struct msisdn number;
	char sender[MESSAGE_SENDER_CAP]; /* "": the default sender of the SMSC */
	char text[TEXT_FILLED_CAP];      /* filled text, with its holes; see message_open */
	struct message_origin origin;
	struct testnumber_play play; /* outcome not NONE: the SMS is played and must never reach an SMSC */
	/* The number of the verification was corrected, and root is the id that its SEND gave. */
	bool redirected;
	struct ident root;
};

/*
 * Packs and seals number and payload of a record under the key of its id. hard_end_ms is the record's and is bound into
 * the seal of the payload. ERR_TOOBIG: the strings are too long together. ERR_NOTFOUND: the key of the id is not
 * loaded. ERR_INVALID: the number is none.
 */
enum err message_seal(const struct keyring *keys, const struct ident *id, int64_t hard_end_ms,
                      const struct message_payload *payload, struct keyring_sealed *out) ERR_CHECKED;

/*
 * Seals the payload alone, for a resend of the same verification. The number in *out stays. Errors as of message_seal.
 */
enum err message_seal_again(const struct keyring *keys, const struct ident *id, int64_t hard_end_ms,
                            const struct message_payload *payload, struct keyring_sealed *out) ERR_CHECKED;

/*
 * Opens what message_seal sealed. If origin is known then, the payload lacks its text, and its sender unless that is
 * its own, until message_fill has filled it. ERR_NOTFOUND: the key of the id is not loaded. ERR_CORRUPT: the payload
 * was changed, or belongs to another id, hard_end_ms or version. On an error *out is zeros.
 */
enum err message_open(const struct keyring *keys, const struct ident *id, int64_t hard_end_ms,
                      const struct keyring_sealed *sealed, struct message_payload *out) ERR_CHECKED;

/*
 * Fills text and sender of an opened payload, once, if they must be. now_ms: monotonic. ERR_NOTFOUND: the text is not
 * here, and another instance may have it. ERR_CORRUPT, ERR_TOOBIG: the VARs are not those of the text.
 */
enum err message_fill(struct message_payload *payload, const struct texts *texts, int64_t now_ms) ERR_CHECKED;

/* Opens the number alone. Errors as of message_open. The caller wipes it after use. */
enum err message_number(const struct keyring *keys, const struct ident *id, const struct keyring_sealed *sealed,
                        struct msisdn *out) ERR_CHECKED;

void message_wipe(struct message_payload *p);

#endif
