/*
 * message: converts the payload of a record between strings and octets, and seals it. Owns the layout: version and
 * flags, number of VARs and length of the code, code, the id that SEND gave, the sender, and outcome and seconds of a
 * test number if flags say so, then hash and VARs or the text, then zeros. Strings but the code are preceded by their
 * length. The number is sealed by itself. It must never keep a copy, because a payload holds the code and the number in
 * clear text.
 */
#include "otp/message.h"

#include "base/secret.h"

#include <stdio.h>
#include <string.h>

#define MESSAGE_VERSION 0x10 /* in the first octet, with these flags */
#define FLAG_TEMPLATE 1
#define FLAG_SENDER 2
#define FLAG_TEST 4
#define FLAG_REDIRECTED 8
#define FLAGS (FLAG_TEMPLATE | FLAG_SENDER | FLAG_TEST | FLAG_REDIRECTED)
#define VARS_SHIFT 4 /* the second octet: number of VARs, and in its low half the length of the code */
#define CODE_MASK 0xf

static bool put(struct keyring_payload *out, const void *octets, size_t len)
{
	if (len > (size_t)(KEYRING_PAYLOAD_CAP - out->len))
		return false;
	memcpy(out->octets + out->len, octets, len);
	out->len = (uint16_t)(out->len + len);
	return true;
}

static bool put_text(struct keyring_payload *out, const char *text, size_t len, size_t cap)
{
	const uint8_t octet = (uint8_t)len;

	return len < cap && put(out, &octet, 1) && put(out, text, len);
}

static const uint8_t *get(const struct keyring_payload *in, size_t *at, size_t len)
{
	const uint8_t *octets = in->octets + *at;

	if (len > in->len - *at)
		return NULL;
	*at += len;
	return octets;
}

static bool get_octets(const struct keyring_payload *in, size_t *at, char *text, size_t len)
{
	const uint8_t *octets = get(in, at, len);

	if (!octets || memchr(octets, 0, len))
		return false;
	memcpy(text, octets, len);
	text[len] = '\0';
	return true;
}

static bool get_text(const struct keyring_payload *in, size_t *at, char *text, size_t cap)
{
	const uint8_t *len = get(in, at, 1);

	return len && *len < cap && get_octets(in, at, text, *len);
}

/* --- the text: by its template, or as it is --- */

/* True if hash and VARs are no longer than the text itself. */
static bool by_template(const struct message_payload *p)
{
	size_t len = TEXTS_HASH_LEN;

	for (size_t i = 0; i < p->origin.vars.count; i++)
		len += 1 + (size_t)p->origin.vars.len[i];
	return p->origin.known && len <= 1 + strnlen(p->text, TEXT_FILLED_CAP);
}

static bool put_vars(struct keyring_payload *out, const struct message_payload *p)
{
	const struct text_vars *vars = &p->origin.vars;
	bool good = put(out, p->origin.hash, TEXTS_HASH_LEN);

	for (size_t i = 0; good && i < vars->count; i++)
		good = put_text(out, p->text + vars->at[i], vars->len[i], TEXT_FILLED_CAP);
	return good;
}

/* Reads the hash, and the values one behind the other into the text. */
static bool get_vars(const struct keyring_payload *in, size_t *at, size_t count, struct message_payload *out)
{
	struct text_vars *vars = &out->origin.vars;
	const uint8_t *name = get(in, at, TEXTS_HASH_LEN);
	size_t len = 0;

	if (!name || count > TEXT_VARS_MAX)
		return false;
	memcpy(out->origin.hash, name, TEXTS_HASH_LEN);
	for (vars->count = 0; vars->count < count; vars->count++) {
		if (!get_text(in, at, out->text + len, TEXT_FILLED_CAP - len))
			return false;
		vars->at[vars->count] = (uint8_t)len;
		vars->len[vars->count] = (uint8_t)strlen(out->text + len);
		len += vars->len[vars->count];
	}
	return true;
}

/* --- what is played for a test number: its outcome, and late_s in two octets --- */

static bool put_play(struct keyring_payload *out, const struct testnumber_play *play)
{
	const uint8_t octets[3] = { (uint8_t)play->outcome, (uint8_t)(play->late_s & 0xff),
		                    (uint8_t)(play->late_s >> 8) };

	return put(out, octets, sizeof(octets));
}

static bool get_play(const struct keyring_payload *in, size_t *at, struct testnumber_play *play)
{
	const uint8_t *octets = get(in, at, 3);

	if (!octets || octets[0] == TESTNUMBER_NONE || octets[0] >= TESTNUMBER_OUTCOMES)
		return false;
	play->outcome = (enum testnumber_outcome)octets[0];
	play->late_s = (uint16_t)(octets[1] | octets[2] << 8);
	return true;
}

static void pad(struct keyring_payload *out)
{
	out->len = (uint16_t)((out->len + KEYRING_PAYLOAD_STEP - 1) / KEYRING_PAYLOAD_STEP * KEYRING_PAYLOAD_STEP);
}

static enum err pack(const struct message_payload *p, struct keyring_payload *out)
{
	const bool template = by_template(p), sender = template ? p->origin.own_sender : p->sender[0] != '\0';
	const size_t code_len = strnlen(p->code.text, sizeof(p->code.text));
	const bool test = p->play.outcome != TESTNUMBER_NONE;
	const uint8_t head[2] = { (uint8_t)(MESSAGE_VERSION | (template ? FLAG_TEMPLATE : 0) |
		                            (sender ? FLAG_SENDER : 0) | (test ? FLAG_TEST : 0) |
		                            (p->redirected ? FLAG_REDIRECTED : 0)),
		                  (uint8_t)((template ? (size_t)p->origin.vars.count << VARS_SHIFT : 0) | code_len) };
	bool good;

	uint8_t root[IDENT_PACKED_LEN];

	memset(out, 0, sizeof(*out));
	ident_pack(&p->root, root);
	good = code_len < sizeof(p->code.text) && put(out, head, sizeof(head)) && put(out, p->code.text, code_len);
	if (good && p->redirected)
		good = put(out, root, sizeof(root));
	if (good && sender)
		good = put_text(out, p->sender, strnlen(p->sender, MESSAGE_SENDER_CAP), MESSAGE_SENDER_CAP);
	if (good && test)
		good = put_play(out, &p->play);
	if (good)
		good = template ? put_vars(out, p)
		                : put_text(out, p->text, strnlen(p->text, TEXT_FILLED_CAP), TEXT_FILLED_CAP);
	if (!good) {
		secret_wipe(out, sizeof(*out));
		return ERR_TOOBIG;
	}
	pad(out);
	return ERR_OK;
}

static bool get_root(const struct keyring_payload *in, size_t *at, struct message_payload *out)
{
	const uint8_t *root = get(in, at, IDENT_PACKED_LEN);

	return root && ident_unpack(root, &out->root) == ERR_OK;
}

static enum err unpack(const struct keyring_payload *in, struct message_payload *out)
{
	const size_t code_len = in->octets[1] & CODE_MASK, vars = in->octets[1] >> VARS_SHIFT;
	size_t at = 2;

	memset(out, 0, sizeof(*out));
	const bool sender = in->octets[0] & FLAG_SENDER;
	out->origin.known = in->octets[0] & FLAG_TEMPLATE;
	out->origin.own_sender = out->origin.known && sender;
	out->redirected = in->octets[0] & FLAG_REDIRECTED;
	bool good = (in->octets[0] & ~FLAGS) == MESSAGE_VERSION && code_len < sizeof(out->code.text) &&
	            get_octets(in, &at, out->code.text, code_len);
	if (good && out->redirected)
		good = get_root(in, &at, out);
	if (good && sender)
		good = get_text(in, &at, out->sender, MESSAGE_SENDER_CAP);
	if (good && in->octets[0] & FLAG_TEST)
		good = get_play(in, &at, &out->play);
	if (good)
		good = out->origin.known ? get_vars(in, &at, vars, out)
		                         : !vars && get_text(in, &at, out->text, TEXT_FILLED_CAP);
	while (good && at < in->len)
		good = in->octets[at++] == 0;
	return good ? ERR_OK : ERR_CORRUPT;
}

enum err message_fill(struct message_payload *payload, const struct texts *texts, int64_t now_ms)
{
	const struct texts_text *x;
	char filled[TEXT_FILLED_CAP];

	if (!payload->origin.known)
		return ERR_OK;
	x = texts_find(texts, payload->origin.hash, now_ms);
	if (!x)
		return ERR_NOTFOUND;
	enum err err = text_refill(x->text, x->brand, payload->text, &payload->origin.vars, filled);
	if (err)
		return err;
	memcpy(payload->text, filled, sizeof(filled));
	secret_wipe(filled, sizeof(filled));
	if (!payload->origin.own_sender)
		snprintf(payload->sender, sizeof(payload->sender), "%s", x->sender);
	return ERR_OK;
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
