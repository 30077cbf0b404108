/*
 * tag: two octets that stand in Redis for the name of an SMSC or of a purpose. Pure.
 */
#ifndef OTP_TAG_H
#define OTP_TAG_H

#include <stdint.h>

/*
 * Returns the tag of a name for which the configuration gives none: the first two octets of its BLAKE2b of 32 octets,
 * as a number with the high octet first, and 1 instead of 0. Records outlive the process, so this must never change.
 */
uint16_t tag_of_name(const char *name);

/* Writes "#1234", which is shown instead of a name if the configuration has no such tag. */
#define TAG_TEXT_CAP 7
void tag_text(uint16_t tag, char out[TAG_TEXT_CAP]);

#endif
