/*
 * tag: makes the tag of a name, and the text of a tag without a name. Owns nothing.
 */
#include "otp/tag.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define HASH_LEN 32

uint16_t tag_of_name(const char *name)
{
	uint8_t hash[HASH_LEN];

	crypto_generichash(hash, sizeof(hash), (const uint8_t *)name, strlen(name), NULL, 0);
	const uint16_t tag = (uint16_t)(hash[0] << 8 | hash[1]);
	return tag ? tag : 1;
}

void tag_text(uint16_t tag, char out[TAG_TEXT_CAP])
{
	snprintf(out, TAG_TEXT_CAP, "#%u", (unsigned)tag);
}
