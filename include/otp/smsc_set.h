/*
 * smsc_set: a set of SMSCs, by their indices. Pure. A zeroed set is empty.
 */
#ifndef OTP_SMSC_SET_H
#define OTP_SMSC_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SMSC_SET_MAX 256 /* an index is below */
#define SMSC_SET_WORDS (SMSC_SET_MAX / 64)

struct smsc_set {
	uint64_t words[SMSC_SET_WORDS];
};

static inline bool smsc_set_has(const struct smsc_set *s, unsigned smsc)
{
	return s->words[smsc / 64] >> smsc % 64 & 1;
}

static inline void smsc_set_add(struct smsc_set *s, unsigned smsc)
{
	s->words[smsc / 64] |= UINT64_C(1) << smsc % 64;
}

static inline void smsc_set_remove(struct smsc_set *s, unsigned smsc)
{
	s->words[smsc / 64] &= ~(UINT64_C(1) << smsc % 64);
}

/* Adds every SMSC of other. */
static inline void smsc_set_join(struct smsc_set *s, const struct smsc_set *other)
{
	for (size_t i = 0; i < SMSC_SET_WORDS; i++)
		s->words[i] |= other->words[i];
}

/* Adds every index that other has not. */
static inline void smsc_set_join_others(struct smsc_set *s, const struct smsc_set *other)
{
	for (size_t i = 0; i < SMSC_SET_WORDS; i++)
		s->words[i] |= ~other->words[i];
}

static inline bool smsc_set_is_empty(const struct smsc_set *s)
{
	uint64_t any = 0;

	for (size_t i = 0; i < SMSC_SET_WORDS; i++)
		any |= s->words[i];
	return any == 0;
}

static inline bool smsc_set_same(const struct smsc_set *a, const struct smsc_set *b)
{
	uint64_t differ = 0;

	for (size_t i = 0; i < SMSC_SET_WORDS; i++)
		differ |= a->words[i] ^ b->words[i];
	return differ == 0;
}

/* True if every SMSC of s is in other. */
static inline bool smsc_set_within(const struct smsc_set *s, const struct smsc_set *other)
{
	uint64_t beyond = 0;

	for (size_t i = 0; i < SMSC_SET_WORDS; i++)
		beyond |= s->words[i] & ~other->words[i];
	return beyond == 0;
}

static inline unsigned smsc_set_count(const struct smsc_set *s)
{
	unsigned n = 0;

	for (size_t i = 0; i < SMSC_SET_WORDS; i++)
		n += (unsigned)__builtin_popcountll(s->words[i]);
	return n;
}

/* Returns the lowest index of the set that is at least from. SMSC_SET_MAX: there is none. */
static inline unsigned smsc_set_next(const struct smsc_set *s, unsigned from)
{
	while (from < SMSC_SET_MAX) {
		uint64_t rest = s->words[from / 64] >> from % 64;

		if (rest)
			return from + (unsigned)__builtin_ctzll(rest);
		from = (from / 64 + 1) * 64;
	}
	return SMSC_SET_MAX;
}

#endif
