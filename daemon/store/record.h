/*
 * record: the packed record of a verification: 592 octets, little-endian, the layout that lua/lib/layout.lua reads too.
 *
 *   0 version  1 kid  2 state  3 delivery  4 reason  5 wrong  6 guesses  7 sends  8 sends_max  9 claims  10 flags
 *  11 how the generation before ended (255 none)  12 fails_short  13 fails_long  16 tenant tag  20 ttl_ms  24
 * wait_ms[8] 56 created  64 expires  72 hard_end  80 deadline  88 sent  96 accepted  104 ended (unix ms)  112 owner[8]
 * 120 smsc[32]  152 error[8]  160 args tag[15]  176 generation[18]  194 former generation[8]  208 MAC[32]  240 sealed
 */
#ifndef STORE_RECORD_H
#define STORE_RECORD_H

#include "store.h"

#define RECORD_LEN 592
#define RECORD_LIMITS_LEN 32

struct record_extra {
	const uint8_t *args_tag; /* KEYRING_TAG_LEN */
	uint8_t fails_short, fails_long;
};

void record_pack(const struct store_record *r, const struct record_extra *extra, uint8_t out[RECORD_LEN]);

/* Fills all but id's partition and tags, which the key tells. ERR_CORRUPT: length, version or a state out of range. */
enum err record_unpack(const void *data, size_t len, struct store_record *r) ERR_CHECKED;

/* How the generation before the packed record's own ended, if it is asked's: EXPIRED, USED ...; else UNKNOWN. */
enum store_gone record_former(const void *packed, const struct ident *asked);

/* Limits as the scripts take them. */
void record_pack_limits(const struct store_limits *l, uint8_t out[RECORD_LIMITS_LEN]);

#endif
