/*
 * coding: turns the octets of a delivered text into characters, by data_coding and esm_class. Pure. SMPP 3.4
 * sections 5.2.12 and 5.2.19. Made for receipts, whose fields are ASCII characters in any coding.
 */
#ifndef SMPP_CODEC_CODING_H
#define SMPP_CODEC_CODING_H

#include "smpp/codec/decode.h"

#define SMPP_CODING_CAP 1024 /* characters; the fields of a receipt are within these */

/*
 * Writes the characters, one octet each and without a NUL at the end, and returns their number. A character that does
 * not fit an octet becomes '?'. The user data header is left out. The caller wipes out, because it may contain the text
 * of a message.
 */
size_t smpp_coding_text(const struct smpp_deliver *d, char out[SMPP_CODING_CAP]);

/* The same for a message of a phone. packed: an SMSC's septets of the default alphabet are eight in seven octets. */
size_t smpp_coding_mo(const struct smpp_deliver *d, bool packed, char out[SMPP_CODING_CAP]);

#endif
