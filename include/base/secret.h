/*
 * secret: bytes that must never be printed. They are in guarded, locked memory (sodium_malloc) and are wiped on free.
 * There is no function that formats a secret.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct secret;

/*
 * Initialises the crypto library. Call it once, before any other function of this file. ERR_INTERNAL: it does not
 * start.
 */
enum err secret_setup(void) ERR_CHECKED;

/*
 * Copies len bytes (1..4096) into guarded memory. The caller owns *out. ERR_INVALID: len is not allowed. ERR_NOMEM: no
 * memory, or the limit of locked memory is reached.
 */
enum err secret_new(const void *bytes, size_t len, struct secret **out) ERR_CHECKED;

/* Wipes and frees; NULL is fine. */
void secret_free(struct secret *s);

const uint8_t *secret_bytes(const struct secret *s);
size_t secret_len(const struct secret *s);

/* True if both hold the same bytes; NULL holds none. The time taken does not depend on which byte differs. */
bool secret_same(const struct secret *a, const struct secret *b);

/* Overwrites n bytes with zeros. The compiler cannot optimise it away. */
void secret_wipe(void *p, size_t n);

/* Fills p with n random bytes. */
void secret_random(void *p, size_t n);

/* A uniform 32-bit random value. */
uint32_t secret_random_u32(void);

#endif
