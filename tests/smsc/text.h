/*
 * text: what a phone would show of a short message: GSM 03.38 (unpacked) and UCS-2 as UTF-8, on one line.
 */
#ifndef SMSC_TEXT_H
#define SMSC_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* Writes a NUL-terminated line; control characters become spaces. Returns its length. */
size_t text_decode(unsigned data_coding, const uint8_t *data, size_t len, char *out, size_t cap);

#endif
