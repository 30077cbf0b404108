/*
 * message: one SMS to send, and the packed payload that a record seals so that any instance can send it. Pure.
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

/* What the seal holds. Wipe after use. */
struct message_payload {
	struct code code;
	struct msisdn number;
	char sender[MESSAGE_SENDER_CAP]; /* "": the SMSC's default */
	char purpose[TEXT_NAME_CAP];
	char text[TEXT_FILLED_CAP]; /* filled, with holes */
};

/* Packs into exactly KEYRING_PAYLOAD_LEN octets, padded with zeros. ERR_TOOBIG: the strings are too long together. */
enum err message_pack(const struct message_payload *p, uint8_t out[KEYRING_PAYLOAD_LEN]) ERR_CHECKED;
enum err message_unpack(const uint8_t in[KEYRING_PAYLOAD_LEN],
                        struct message_payload *out) ERR_CHECKED; /* ERR_CORRUPT */
void message_wipe(struct message_payload *p);

#endif
