/*
 * record: packs and reads the record of a verification, whose layout is layout.h. Private to store.
 */
#ifndef STORE_RECORD_H
#define STORE_RECORD_H

#include "layout.h"
#include "store.h"

/* args_tag: KEYRING_TAG_LEN octets, what an equal request has too. */
void record_pack(const struct store_record *r, const uint8_t *args_tag, uint8_t out[RECORD_LEN]);

/* Fills all but id's partition and tags, which the key tells. ERR_CORRUPT: length, version or a state out of range. */
enum err record_unpack(const void *data, size_t len, struct store_record *r) ERR_CHECKED;

/* How the generation before the packed record's own ended, if it is asked's: EXPIRED, USED (then *ago_ms is the time
 * since, at now_ms) ...; else UNKNOWN. */
enum store_gone record_former(const void *packed, const struct ident *asked, int64_t now_ms, int64_t *ago_ms);

/* A message's error as it stands in the record: a command_status ("0x0000000B") or the first 8 octets of text. */
void record_pack_error(const char *error, uint8_t out[LEN_ERROR]);

/* Limits as they stand in the record. */
void record_pack_limits(const struct store_limits *l, uint8_t out[LEN_LIMITS]);

#endif
