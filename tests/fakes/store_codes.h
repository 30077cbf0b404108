/*
 * The codes of one verification in the fake store, as daemon/store/lua/lib/codes.lua keeps them. Private to the fake
 * store.
 */
#ifndef TESTS_FAKES_STORE_CODES_H
#define TESTS_FAKES_STORE_CODES_H

#include "store.h"

#define FAKE_CODES_MAX 16

/* MACs of the valid codes, newest first, and which were accepted. */
struct fake_codes {
	uint8_t macs[FAKE_CODES_MAX][KEYRING_MAC_LEN];
	bool taken[FAKE_CODES_MAX];
	size_t count;
};

void fake_codes_add(struct fake_codes *c, const uint8_t mac[KEYRING_MAC_LEN]);
/* A resend was granted: what it adds to codes and record; NULL: the same code. */
void fake_codes_resend(struct fake_codes *c, struct store_record *r, const struct store_added *added);

bool fake_codes_have(const struct fake_codes *c, const uint8_t mac[KEYRING_MAC_LEN]);

/* code: keyring_mac_tag of the code whose SMS was accepted; 0: of a verification whose SMS bring the same code. */
void fake_codes_accept(struct fake_codes *c, enum policy_resend resend, uint64_t code);

/* Certainly no SMS brought it. current: its send is the last one. */
void fake_codes_drop(struct fake_codes *c, uint64_t code, bool current);

#endif
