/*
 * secret: guarded memory for keys and passwords, wiping, randomness. Owns a block of random bytes, wiped as it is
 * spent.
 */
#include "base/secret.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define SECRET_MAX 4096
#define RANDOM_BLOCK 4096

struct secret {
	size_t len;
	uint8_t *bytes; /* sodium_malloc */
};

enum err secret_setup(void)
{
	return sodium_init() < 0 ? ERR_INTERNAL : ERR_OK;
}

enum err secret_new(const void *bytes, size_t len, struct secret **out)
{
	if (len == 0 || len > SECRET_MAX)
		return ERR_INVALID;
	struct secret *s = malloc(sizeof(*s));
	if (!s)
		return ERR_NOMEM;
	s->len = len;
	s->bytes = sodium_malloc(len);
	if (!s->bytes) {
		free(s);
		return ERR_NOMEM;
	}
	memcpy(s->bytes, bytes, len);
	sodium_mprotect_readonly(s->bytes);
	*out = s;
	return ERR_OK;
}

void secret_free(struct secret *s)
{
	if (!s)
		return;
	sodium_free(s->bytes);
	free(s);
}

const uint8_t *secret_bytes(const struct secret *s)
{
	return s->bytes;
}

size_t secret_len(const struct secret *s)
{
	return s->len;
}

void secret_wipe(void *p, size_t n)
{
	if (n)
		sodium_memzero(p, n);
}

void secret_random(void *p, size_t n)
{
	static uint8_t block[RANDOM_BLOCK];
	static size_t left;

	if (n > RANDOM_BLOCK / 4) {
		randombytes_buf(p, n);
		return;
	}
	if (left < n) {
		randombytes_buf(block, sizeof(block));
		left = sizeof(block);
	}
	uint8_t *from = block + sizeof(block) - left;
	memcpy(p, from, n);
	sodium_memzero(from, n);
	left -= n;
}

uint32_t secret_random_u32(void)
{
	uint32_t v;

	secret_random(&v, sizeof(v));
	return v;
}
