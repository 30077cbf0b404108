/*
 * ident: the public id of a verification, which also names the key of its record. Pure.
 *
 * Text: 52 characters A-Z a-z 0-9 _ - (base64url of 39 octets, aligned so that the key of the record is a piece of it):
 *   characters  0-3   version (4 bit, 1), partition (12 bit), key id (8 bit)
 *   characters  4-27  tuple: 12 of the number's keyed hash, 12 of the keyed hash of tenant|purpose|number|subject
 *   characters 28-51  generation: 120 random bits, and 24 bits that check all before them
 */
#ifndef OTP_IDENT_H
#define OTP_IDENT_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IDENT_TEXT_LEN 52
#define IDENT_TUPLE_LEN 24  /* text */
#define IDENT_NUMBER_LEN 12 /* text: the first half of the tuple */
#define IDENT_TAG_LEN 9     /* octets: number tag, tuple tag */
#define IDENT_GENERATION_LEN 18
#define IDENT_KEPT_LEN                                                                                                 \
	8 /* octets of the generation that are kept where 64 random bits are enough to tell it from others */
#define IDENT_SHORT_LEN 8 /* text */
#define IDENT_PARTITIONS_MAX 4096

struct ident {
	uint8_t kid;
	uint16_t partition;
	uint8_t number_tag[IDENT_TAG_LEN];
	uint8_t tuple_tag[IDENT_TAG_LEN];
	uint8_t generation[IDENT_GENERATION_LEN];
};

/* Writes 52 characters and NUL. */
void ident_format(const struct ident *id, char out[IDENT_TEXT_LEN + 1]);

/*
 * Writes the first 8 characters of the generation and NUL, for id= in the log. They are enough to find the log lines of
 * a verification, and not enough to ask the daemon for it.
 */
void ident_short(const struct ident *id, char out[IDENT_SHORT_LEN + 1]);

/* Writes the 24 characters of the tuple and NUL. */
void ident_tuple(const struct ident *id, char out[IDENT_TUPLE_LEN + 1]);

/*
 * Completes the id of a new verification: sets the last 3 octets of the generation to the check of all octets before
 * them.
 */
void ident_complete(struct ident *id);

/* Returns false if no daemon issued this id, e.g. because a character of an issued id was lost or changed. */
bool ident_is_complete(const struct ident *id);

/* Reads an id from text. ERR_INVALID: wrong length, alphabet or version. The check is not tested here. */
enum err ident_parse(const char *text, size_t len, struct ident *out) ERR_CHECKED;

/* Sets both tags from 24 characters of tuple text, as the list of leases holds it. ERR_INVALID. */
enum err ident_parse_tuple(const char *text, size_t len, struct ident *out) ERR_CHECKED;

/*
 * Packs an id into IDENT_PACKED_LEN octets: its text without the check, which unpacking computes again. Unpacking
 * returns ERR_INVALID for another version.
 */
#define IDENT_PACKED_LEN 36
void ident_pack(const struct ident *id, uint8_t out[IDENT_PACKED_LEN]);
enum err ident_unpack(const uint8_t packed[IDENT_PACKED_LEN], struct ident *out) ERR_CHECKED;

bool ident_same(const struct ident *a, const struct ident *b);

/* Encodes octets as base64url without padding. len is a multiple of 3. out gets len / 3 * 4 characters and NUL. */
void ident_base64url(const uint8_t *octets, size_t len, char *out);

#endif
