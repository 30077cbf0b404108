/*
 * message: converts the payload of a record between strings and octets, and seals it. Owns the layout: a version octet,
 * then four strings, each preceded by its length, then zeros. The number is sealed by itself. It must never keep a
 * copy, because a payload holds the code and the number in clear text.
 */
#include "otp/message.h"

#include "base/secret.h"

#include <string.h>

#define MESSAGE_VERSION 1

static bool put_text(struct keyring_payload *out, const char *text, size_t cap)
{
	size_t len = strnlen(text, cap);

	if (len == cap || len + 1 > (size_t)(KEYRING_PAYLOAD_CAP - out->len))
		return false;
	out->octets[out->len++] = (uint8_t)len;
	memcpy(out->octets + out->len, text, len);
	out->len = (uint16_t)(out->len + len);
	return true;
}

static bool get_text(const struct keyring_payload *in, size_t *at, char *text, size_t cap)
{
	size_t len;

	if (*at >= in->len)
		return false;
	len = in->octets[(*at)++];
	if (len >= cap || len > in->len - *at || memchr(in->octets + *at, 0, len))
		return false;
	memcpy(text, in->octets + *at, len);
	text[len] = '\0';
	*at += len;
	return true;
}

static enum err pack(const struct message_payload *p, struct keyring_payload *out)
{
	memset(out, 0, sizeof(*out));
	out->octets[out->len++] = MESSAGE_VERSION;
	if (put_text(out, p->code.text, sizeof(p->code.text)) && put_text(out, p->sender, MESSAGE_SENDER_CAP) &&
	    put_text(out, p->purpose, TEXT_NAME_CAP) && put_text(out, p->text, TEXT_FILLED_CAP)) {
		out->len =
		    (uint16_t)((out->len + KEYRING_PAYLOAD_STEP - 1) / KEYRING_PAYLOAD_STEP * KEYRING_PAYLOAD_STEP);
		return ERR_OK;
	}
	secret_wipe(out, sizeof(*out));
	return ERR_TOOBIG;
}

static enum err unpack(const struct keyring_payload *in, struct message_payload *out)
{
	size_t at = 1;
	bool good;

	memset(out, 0, sizeof(*out));
	good = in->octets[0] == MESSAGE_VERSION && get_text(in, &at, out->code.text, sizeof(out->code.text)) &&
	       get_text(in, &at, out->sender, MESSAGE_SENDER_CAP) && get_text(in, &at, out->purpose, TEXT_NAME_CAP) &&
	       get_text(in, &at, out->text, TEXT_FILLED_CAP);
	while (good && at < in->len)
		good = in->octets[at++] == 0;
	return good ? ERR_OK : ERR_CORRUPT;
}

enum err message_seal_again(const struct keyring *keys, const struct ident *id, int64_t hard_end_ms,
                            const struct message_payload *payload, struct keyring_sealed *out)
{
	struct keyring_payload packed;
	enum err err = pack(payload, &packed);

	if (!err)
		err = keyring_seal(keys, id, hard_end_ms, &packed, out);
	secret_wipe(&packed, sizeof(packed));
	return err;
}

enum err message_seal(const struct keyring *keys, const struct ident *id, int64_t hard_end_ms,
                      const struct message_payload *payload, struct keyring_sealed *out)
{
	enum err err = keyring_seal_number(keys, id, &payload->number, out->number);

	return err ? err : message_seal_again(keys, id, hard_end_ms, payload, out);
}

enum err message_open(const struct keyring *keys, const struct ident *id, int64_t hard_end_ms,
                      const struct keyring_sealed *sealed, struct message_payload *out)
{
	struct keyring_payload packed;
	enum err err = keyring_unseal(keys, id, hard_end_ms, sealed, &packed);

	if (!err)
		err = unpack(&packed, out);
	if (!err)
		err = keyring_unseal_number(keys, id, sealed->number, &out->number);
	if (err)
		message_wipe(out);
	secret_wipe(&packed, sizeof(packed));
	return err;
}

enum err message_number(const struct keyring *keys, const struct ident *id, const struct keyring_sealed *sealed,
                        struct msisdn *out)
{
	return keyring_unseal_number(keys, id, sealed->number, out);
}

void message_wipe(struct message_payload *p)
{
	secret_wipe(p, sizeof(*p));
}
