/*
 * record: the packed record of a verification: 616 octets, little-endian, the layout that lua/lib/layout.lua reads too.
 *
 *   0 version  1 kid  2 state  3 delivery  4 reason  5 wrong  6 guesses  7 sends  8 sends_max  9 claims  10 flags
 *  11 how the generation before ended (255 none)  12 known  13 shape of the code: length, alphabet * 16
 *  14 wrong guesses that were answered again  15 the last send was given back  16 tenant tag  20 ttl_ms  24 wait_ms[8]
 *  56 created  64 expires  72 hard_end  80 deadline  88 sent  96 accepted  104 ended (unix ms)  112 owner[8] (NULs:
 * handed back)  120 smsc[32]  152 error[8] (text, or 1 and a command_status)  160 args tag[15]
 * 175 taken over from an owner that may have submitted it  176 generation[18]  194 former generation[8]
 * 202 when that ended (unix s, 4)  208 MAC[16]  224 limits[20]
 * 244 tags of wrong guesses[18]  264 sealed
 *
 * limits: count (1) and window in s (4) of sends short and long, wrong guesses short and long.
 */
#ifndef STORE_RECORD_H
#define STORE_RECORD_H

#include "store.h"

#define RECORD_LEN 616
#define RECORD_LIMITS_LEN 20
#define RECORD_ERROR_LEN 8

/* args_tag: KEYRING_TAG_LEN octets, what an equal request has too. */
void record_pack(const struct store_record *r, const uint8_t *args_tag, uint8_t out[RECORD_LEN]);

/* Fills all but id's partition and tags, which the key tells. ERR_CORRUPT: length, version or a state out of range. */
enum err record_unpack(const void *data, size_t len, struct store_record *r) ERR_CHECKED;

/* How the generation before the packed record's own ended, if it is asked's: EXPIRED, USED (then *ago_ms is the time
 * since, at now_ms) ...; else UNKNOWN. */
enum store_gone record_former(const void *packed, const struct ident *asked, int64_t now_ms, int64_t *ago_ms);

/* A message's error as it stands in the record: a command_status ("0x0000000B") or the first 8 octets of text. */
void record_pack_error(const char *error, uint8_t out[RECORD_ERROR_LEN]);

/* Limits as they stand in the record. */
void record_pack_limits(const struct store_limits *l, uint8_t out[RECORD_LIMITS_LEN]);

#endif
