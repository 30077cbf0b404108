/*
 * secret: guarded memory for keys and passwords, wiping, and random numbers. Owns a block of random bytes, each of
 * which is wiped when it is used. Must never return bytes that are not random; it aborts if the kernel gives none.
 */
#include "base/secret.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define SECRET_MAX 4096
#define RANDOM_BLOCK 4096

struct secret {
	size_t len;
	uint8_t *bytes; /* sodium_malloc */
};

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
	/* sodium_malloc returns unlocked memory without an error when the limit of locked memory is reached. */
	if (sodium_mlock(s->bytes, len) != 0) {
		sodium_free(s->bytes);
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

bool secret_same(const struct secret *a, const struct secret *b)
{
	size_t a_len = a ? a->len : 0, b_len = b ? b->len : 0;

	return a_len == b_len && (a_len == 0 || sodium_memcmp(a->bytes, b->bytes, a_len) == 0);
}

void secret_wipe(void *p, size_t n)
{
	if (n)
		sodium_memzero(p, n);
}

static void fill(void *p, size_t n)
{
	uint8_t *at = p;

	while (n) {
		ssize_t got = getrandom(at, n, 0);

		if (got < 0 && errno != EINTR)
			abort();
		if (got > 0) {
			at += got;
			n -= (size_t)got;
		}
	}
}

void secret_random(void *p, size_t n)
{
	static uint8_t block[RANDOM_BLOCK];
	static size_t left;

	if (n > RANDOM_BLOCK / 4) {
		fill(p, n);
		return;
	}
	if (left < n) {
		fill(block, sizeof(block));
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

static const char *random_name(void)
{
	return "getrandom in blocks";
}

enum err secret_setup(void)
{
	/*
	 * The crypto library takes its random numbers from the same block. A system call per digit would cost more than
	 * all other work for a code.
	 */
	static randombytes_implementation blocks = { .implementation_name = random_name,
		                                     .random = secret_random_u32,
		                                     .buf = secret_random };

	randombytes_set_implementation(&blocks);
	return sodium_init() < 0 ? ERR_INTERNAL : ERR_OK;
}
