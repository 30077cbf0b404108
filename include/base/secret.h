/*
 * secret: bytes that must never be printed. Guarded, locked memory (sodium_malloc), wiped on free.
 * There is no formatter and no accessor that log accepts.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct secret;

/* Initialises the crypto library. Call once, before all else here. ERR_INTERNAL. */
enum err secret_setup(void) ERR_CHECKED;

/* A copy of len bytes (1..4096) into guarded memory; *out owned by the caller. ERR_INVALID, ERR_NOMEM (mlock limit
 * too). */
enum err secret_new(const void *bytes, size_t len, struct secret **out) ERR_CHECKED;

/* Wipes and frees; NULL is fine. */
void secret_free(struct secret *s);

const uint8_t *secret_bytes(const struct secret *s);
size_t secret_len(const struct secret *s);

/* True if both hold the same bytes; NULL holds none. Which byte differs does not show in the time it takes. */
bool secret_same(const struct secret *a, const struct secret *b);

/* Overwrites n bytes so that no compiler removes it. */
void secret_wipe(void *p, size_t n);

/* Fills p with n random bytes, drawn in blocks. */
void secret_random(void *p, size_t n);

/* A uniform 32-bit random value, for jitter and the like. */
uint32_t secret_random_u32(void);

#endif
