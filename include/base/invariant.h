/*
 * invariant: run-time checks of conditions that must hold, for example before a counter is decremented or in a branch
 * that must never be reached.
 */
#ifndef BASE_INVARIANT_H
#define BASE_INVARIANT_H

#include <stdbool.h>
#include <stdint.h>

/* Test builds (debug, asan, chaos, cov, fuzz) abort on a broken invariant. A release build continues. */
#ifdef OTPGWD_INVARIANTS_ABORT
#define INVARIANT_ABORTS true
#else
#define INVARIANT_ABORTS false
#endif

/*
 * Evaluates x once, in every build, and returns whether it is true. If x is false, a build with INVARIANT_ABORTS
 * aborts. Other builds count it and log it once per place, and the caller continues in a way that is safe without x:
 *
 *	q->len -= invariant(q->len > 0);
 *	if (!invariant(found))
 *		return;
 *
 * The log shows the source text of x and no value, so x must contain no secret as a literal.
 */
#define invariant(x) invariant_check(!!(x), __FILE__, __LINE__, #x)

/*
 * Called by the macro only. Counts, and logs at level error, once per place. Aborts if aborts is true, else returns
 * false.
 */
bool invariant_broken(const char *file, int line, const char *expression, bool aborts) __attribute__((cold));

static inline bool invariant_check(bool holds, const char *file, int line, const char *expression)
{
	return __builtin_expect(holds, true) || invariant_broken(file, line, expression, INVARIANT_ABORTS);
}

/* Number of broken invariants since the start of the process. */
uint64_t invariant_count(void);

#endif
