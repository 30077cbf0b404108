/*
 * record: packs and reads the record of a verification, whose layout is layout.h. Private to store.
 */
#ifndef STORE_RECORD_H
#define STORE_RECORD_H

#include "layout.h"
#include "store.h"

/* Octets of the longest record that this build writes. */
#define RECORD_CAP (AT_SEALED + KEYRING_SEALED_CAP)

/*
 * Packs the record of a new verification. args_tag: KEYRING_TAG_LEN octets, the hash of the arguments by which an equal
 * request is recognised. waits_s: POLICY_WAITS_MAX waits, one after each send. Returns its length.
 */
size_t record_pack(const struct store_record *r, const uint8_t *args_tag, const uint16_t *waits_s,
                   uint8_t out[RECORD_CAP]);

/*
 * Fills all fields but those of id that are part of the key. Of an ended verification's generation only the first
 * IDENT_KEPT_LEN octets are filled. ERR_CORRUPT: wrong length, version, or enum value.
 */
enum err record_unpack(const void *data, size_t len, struct store_record *r) ERR_CHECKED;

/*
 * If asked is of the generation before that of the packed record, returns how it ended: EXPIRED, USED (*ago_ms is then
 * the time since it was used), EXHAUSTED or CANCELLED. Otherwise UNKNOWN.
 */
enum store_gone record_former(const void *packed, const struct ident *asked, int64_t now_ms, int64_t *ago_ms);

/* Packs an error as in the record: a command_status ("0x0000000B"), or the first 8 octets of any other text. */
void record_pack_error(const char *error, uint8_t out[LEN_ERROR]);

/* Packs limits as in the record. */
void record_pack_limits(const struct store_limits *l, uint8_t out[LEN_LIMITS]);

#endif
