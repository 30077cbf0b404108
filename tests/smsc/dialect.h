/*
 * dialect: the words and the texts of receipts, as real SMSCs write them. Pure.
 */
#ifndef SMSC_DIALECT_H
#define SMSC_DIALECT_H

#include <stddef.h>
#include <stdint.h>

const char *dialect_name(uint32_t dialect); /* NULL beyond the last */
const char *state_word(uint32_t state);     /* likewise; 0 is DELIVRD */
uint8_t state_code(uint32_t state);         /* the value of message_state */
uint32_t state_opposite(uint32_t state);

/* Writes a text without NUL; its length, 0 if it does not fit. */
size_t dialect_text(uint32_t dialect, uint32_t state, const char *id, char *out, size_t cap);

#endif
