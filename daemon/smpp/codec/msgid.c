/*
 * msgid: converts message ids between decimal and hexadecimal, and learns the mode of an SMSC. An id that is not a
 * number of a base has no form in it. Only a reload with another mode discards what was learned. Pure.
 */
#include "smpp/codec/msgid.h"
#include "base/hex.h"

#include <string.h>

#define LOCK_AFTER 20
#define LOCK_SHARE 18 /* matches needed among LOCK_AFTER receipts; a few odd receipts do not prevent learning */
#define DIGITS_MAX 80 /* decimal digits of the longest hexadecimal id */

/*
 * Converts a number of base `from` to digits of base `to`. Returns false if it is not such a number, or is too long for
 * an id.
 */
static bool rebase(const char *number, unsigned from, unsigned to, char out[SMPP_MESSAGE_ID_CAP])
{
	static const char names[] = "0123456789abcdef";
	uint8_t digits[DIGITS_MAX] = { 0 }; /* digits of base `to`, least significant first */
	size_t used = 1;
	if (!number[0])
		return false;
	for (; *number; number++) {
		int d = hex_digit(*number);
		if (d < 0 || (unsigned)d >= from)
			return false;
		unsigned carry = (unsigned)d;
		for (size_t i = 0; i < used || carry; i++) {
			if (i == DIGITS_MAX)
				return false;
			used = i < used ? used : i + 1;
			carry += digits[i] * from;
			digits[i] = (uint8_t)(carry % to);
			carry /= to;
		}
	}
	if (used >= SMPP_MESSAGE_ID_CAP)
		return false;
	memset(out, 0, SMPP_MESSAGE_ID_CAP);
	for (size_t i = 0; i < used; i++)
		out[i] = names[digits[used - 1 - i]];
	return true;
}

void smpp_msgid_set(struct smpp_msgid *m, enum smpp_msgid_mode mode)
{
	if (mode != m->mode)
		*m = (struct smpp_msgid){ .mode = mode, .locked = mode };
}

static bool form_of(enum smpp_msgid_mode mode, const char *normal, char out[SMPP_MESSAGE_ID_CAP])
{
	if (mode == SMPP_MSGID_HEX_RESP_DEC_DLR)
		return rebase(normal, 10, 16, out);
	if (mode == SMPP_MSGID_DEC_RESP_HEX_DLR)
		return rebase(normal, 16, 10, out);
	memcpy(out, normal, SMPP_MESSAGE_ID_CAP);
	return true;
}

/* True if id is among the first count ids. */
static bool already(char (*ids)[SMPP_MESSAGE_ID_CAP], size_t count, const char *id)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(ids[i], id) == 0)
			return true;
	return false;
}

void smpp_msgid_forms(const struct smpp_msgid *m, const char *receipt_id, struct smpp_msgid_forms *out)
{
	char normal[SMPP_MESSAGE_ID_CAP];
	bool open = m->locked == SMPP_MSGID_AUTO;
	out->count = 0;
	smpp_normalise_id(receipt_id, normal);
	for (unsigned mode = 0; mode < SMPP_MSGID_AUTO; mode++) {
		char *id = out->id[out->count];
		if (!open && mode != (unsigned)m->locked)
			continue;
		if (!form_of((enum smpp_msgid_mode)mode, normal, id) || already(out->id, out->count, id))
			continue;
		out->mode[out->count++] = (enum smpp_msgid_mode)mode;
	}
	if (out->count ==
	    0) { /* the id is no number of the expected base; another platform of the telco may have made it */
		memcpy(out->id[0], normal, sizeof normal);
		out->mode[0] = SMPP_MSGID_EXACT;
		out->count = 1;
	}
}

void smpp_msgid_hints(const struct smpp_msgid *m, const char *receipt_id, struct smpp_hints *out)
{
	char normal[SMPP_MESSAGE_ID_CAP];
	struct smpp_msgid_forms in_force;
	out->count = 0;
	if (m->mode == SMPP_MSGID_AUTO)
		return;
	smpp_normalise_id(receipt_id, normal);
	smpp_msgid_forms(m, receipt_id, &in_force);
	for (unsigned mode = 0; mode < SMPP_MSGID_AUTO; mode++) {
		char *id = out->id[out->count];
		if (!form_of((enum smpp_msgid_mode)mode, normal, id) || already(in_force.id, in_force.count, id) ||
		    already(out->id, out->count, id))
			continue;
		out->mode[out->count++] = (enum smpp_msgid_mode)mode;
	}
}

bool smpp_msgid_matched(struct smpp_msgid *m, enum smpp_msgid_mode mode)
{
	if (m->locked != SMPP_MSGID_AUTO || (unsigned)mode >= SMPP_MSGID_AUTO)
		return false;
	m->seen++;
	m->matched[mode]++;
	if (m->seen < LOCK_AFTER)
		return false;
	for (unsigned i = 0; i < SMPP_MSGID_AUTO; i++)
		if (m->matched[i] >= LOCK_SHARE) {
			m->locked = (enum smpp_msgid_mode)i;
			return true;
		}
	*m = (struct smpp_msgid){ .mode = m->mode, .locked = SMPP_MSGID_AUTO };
	return false;
}

const char *smpp_msgid_mode_name(enum smpp_msgid_mode mode)
{
	static const char *const names[] = { "exact", "hex_resp_dec_dlr", "dec_resp_hex_dlr", "auto" };
	return (unsigned)mode < sizeof names / sizeof names[0] ? names[mode] : "unknown";
}
