/*
 * message: converts the payload of a record between strings and octets, and seals it. Owns the layout: a version octet,
 * then five strings, each preceded by its length, then zeros. It must never keep a copy, because a payload holds the
 * code and the number in clear text.
 */
#include "otp/message.h"

#include "base/secret.h"

#include <string.h>

#define MESSAGE_VERSION 1

static bool put_text(uint8_t *out, size_t *at, const char *text, size_t cap)
{
	size_t len = strnlen(text, cap);

	if (len == cap || len + 1 > KEYRING_PAYLOAD_LEN - *at)
		return false;
	out[(*at)++] = (uint8_t)len;
	memcpy(out + *at, text, len);
	*at += len;
	return true;
}

static bool get_text(const uint8_t *in, size_t *at, char *text, size_t cap)
{
	size_t len;

	if (*at >= KEYRING_PAYLOAD_LEN)
		return false;
	len = in[(*at)++];
	if (len >= cap || len > KEYRING_PAYLOAD_LEN - *at || memchr(in + *at, 0, len))
		return false;
	memcpy(text, in + *at, len);
	text[len] = '\0';
	*at += len;
	return true;
}

static enum err pack(const struct message_payload *p, uint8_t out[KEYRING_PAYLOAD_LEN])
{
	size_t at = 0;

	memset(out, 0, KEYRING_PAYLOAD_LEN);
	out[at++] = MESSAGE_VERSION;
	if (put_text(out, &at, p->code.text, sizeof(p->code.text)) &&
	    put_text(out, &at, p->number.digits, MSISDN_CAP) && put_text(out, &at, p->sender, MESSAGE_SENDER_CAP) &&
	    put_text(out, &at, p->purpose, TEXT_NAME_CAP) && put_text(out, &at, p->text, TEXT_FILLED_CAP))
		return ERR_OK;
	secret_wipe(out, KEYRING_PAYLOAD_LEN);
	return ERR_TOOBIG;
}

static enum err unpack(const uint8_t in[KEYRING_PAYLOAD_LEN], struct message_payload *out)
{
	size_t at = 1;
	bool good;

	memset(out, 0, sizeof(*out));
	good = in[0] == MESSAGE_VERSION && get_text(in, &at, out->code.text, sizeof(out->code.text)) &&
	       get_text(in, &at, out->number.digits, MSISDN_CAP) &&
	       get_text(in, &at, out->sender, MESSAGE_SENDER_CAP) && get_text(in, &at, out->purpose, TEXT_NAME_CAP) &&
	       get_text(in, &at, out->text, TEXT_FILLED_CAP);
	while (good && at < KEYRING_PAYLOAD_LEN)
		good = in[at++] == 0;
	if (good)
		return ERR_OK;
	message_wipe(out);
	return ERR_CORRUPT;
}

enum err message_seal(const struct keyring *keys, const struct ident *id, int64_t hard_end_ms,
                      const struct message_payload *payload, uint8_t out[KEYRING_SEALED_LEN])
{
	uint8_t packed[KEYRING_PAYLOAD_LEN];
	enum err err = pack(payload, packed);

	if (!err)
		err = keyring_seal(keys, id, hard_end_ms, packed, out);
	secret_wipe(packed, sizeof(packed));
	return err;
}

enum err message_open(const struct keyring *keys, const struct ident *id, int64_t hard_end_ms,
                      const uint8_t sealed[KEYRING_SEALED_LEN], struct message_payload *out)
{
	uint8_t packed[KEYRING_PAYLOAD_LEN];
	enum err err = keyring_unseal(keys, id, hard_end_ms, sealed, packed);

	if (!err)
		err = unpack(packed, out);
	else
		message_wipe(out);
	secret_wipe(packed, sizeof(packed));
	return err;
}

void message_wipe(struct message_payload *p)
{
	secret_wipe(p, sizeof(*p));
}
