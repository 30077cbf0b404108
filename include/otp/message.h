/*
 * message: the payload of one SMS, packed and sealed in its record, so that any instance can send it. Pure.
 */
#ifndef OTP_MESSAGE_H
#define OTP_MESSAGE_H

#include "base/err.h"
#include "otp/code.h"
#include "otp/ident.h"
#include "otp/keyring.h"
#include "otp/msisdn.h"
#include "otp/text.h"

#include <stdint.h>

#define MESSAGE_SENDER_CAP 21 /* 20 characters of an SMPP address and NUL */

/* The content of a sealed payload. Wipe after use. */
struct message_payload {
	struct code code;
	struct msisdn number;
	char sender[MESSAGE_SENDER_CAP]; /* "": the SMSC's default */
	char purpose[TEXT_NAME_CAP];
	char text[TEXT_FILLED_CAP]; /* filled, with holes */
};

/*
 * Packs and seals the payload of a record under its id's key; hard_end_ms is the record's, and bound into the seal.
 * ERR_TOOBIG: the strings are too long together. ERR_NOTFOUND: the key of the id is not loaded.
 */
enum err message_seal(const struct keyring *keys, const struct ident *id, int64_t hard_end_ms,
                      const struct message_payload *payload, uint8_t out[KEYRING_SEALED_LEN]) ERR_CHECKED;

/*
 * Opens what message_seal sealed. ERR_NOTFOUND: the key of the id is not loaded. ERR_CORRUPT: it was changed, or is of
 * another id, time or version. On an error *out is zeros.
 */
enum err message_open(const struct keyring *keys, const struct ident *id, int64_t hard_end_ms,
                      const uint8_t sealed[KEYRING_SEALED_LEN], struct message_payload *out) ERR_CHECKED;

void message_wipe(struct message_payload *p);

#endif
