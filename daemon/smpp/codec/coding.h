/*
 * coding: the octets of a delivered text -> characters, as data_coding and esm_class say. Pure. SMPP 3.4
 * sections 5.2.12 and 5.2.19. For receipts, whose fields are ASCII in whatever coding the SMSC writes them.
 */
#ifndef SMPP_CODEC_CODING_H
#define SMPP_CODEC_CODING_H

#include "smpp/codec/decode.h"

#define SMPP_CODING_CAP 1024 /* characters; no receipt's fields stand behind more */

/*
 * Writes the characters, one octet each and without a NUL at the end, and returns their number. What no octet can hold
 * becomes '?'. The user data header is left out. The caller wipes out: the text of a message may be part of it.
 */
size_t smpp_coding_text(const struct smpp_deliver *d, char out[SMPP_CODING_CAP]);

#endif
