/*
 * store_codes: which codes of a verification are valid. Owns nothing.
 */
#include "store_codes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEPT 3 /* accepted codes that overlap keeps */

void fake_codes_add(struct fake_codes *c, const uint8_t mac[KEYRING_MAC_LEN])
{
	if (c->count == FAKE_CODES_MAX) {
		fprintf(stderr, "fake store: too many codes\n");
		abort();
	}
	memmove(c->macs[1], c->macs[0], c->count * sizeof(c->macs[0]));
	memmove(c->taken + 1, c->taken, c->count * sizeof(c->taken[0]));
	c->taken[0] = false;
	memcpy(c->macs[0], mac, sizeof(c->macs[0]));
	c->count++;
}

/* The next after this one: any other will do here. */
static void next_ref(char ref[CODE_REF_CAP])
{
	for (size_t i = 0; ref[0] && i < CODE_REF_CAP - 1; i++) {
		const char *at = strchr(CODE_LETTERS_SET, ref[i]);

		ref[i] = at[1] ? at[1] : CODE_LETTERS_SET[0];
	}
}

void fake_codes_resend(struct fake_codes *c, struct store_record *r, const struct store_added *added)
{
	if (!added) {
		next_ref(r->ref);
		return;
	}
	if (r->ref[0] && added->ref[0])
		next_ref(r->ref);
	else
		memcpy(r->ref, added->ref, sizeof(r->ref));
	if (!added->has_code)
		return;
	fake_codes_add(c, added->mac);
	memcpy(r->mac, added->mac, KEYRING_MAC_LEN);
	if (added->own_code) {
		r->own_code = true;
		r->resend = POLICY_RESEND_REPLACE;
	}
}

bool fake_codes_have(const struct fake_codes *c, const uint8_t mac[KEYRING_MAC_LEN])
{
	for (size_t i = 0; i < c->count; i++)
		if (memcmp(c->macs[i], mac, sizeof(c->macs[i])) == 0)
			return true;
	return false;
}

/* The place of the code; c->count: it is not there. */
static size_t place_of(const struct fake_codes *c, uint64_t code)
{
	size_t i = 0;

	while (i < c->count && keyring_mac_tag(c->macs[i]) != code)
		i++;
	return code ? i : c->count;
}

void fake_codes_accept(struct fake_codes *c, enum policy_resend resend, uint64_t code)
{
	size_t left = resend == POLICY_RESEND_OVERLAP ? KEPT : 1, i = place_of(c, code);

	if (i == c->count)
		return;
	c->taken[i] = true;
	for (i = 0; i < c->count && left; i++)
		left -= c->taken[i];
	c->count = i;
}

void fake_codes_drop(struct fake_codes *c, uint64_t code, bool current)
{
	size_t i = place_of(c, code);

	if (i == c->count || c->count == 1 || (i == 0 && !current))
		return;
	c->count--;
	memmove(c->macs[i], c->macs[i + 1], (c->count - i) * sizeof(c->macs[0]));
	memmove(c->taken + i, c->taken + i + 1, (c->count - i) * sizeof(c->taken[0]));
}
