/*
 * invariant: what the code relies on, checked where it relies on it: a counter that is counted down, a pointer that is
 * taken for a struct, a branch that is never to be reached.
 */
#ifndef BASE_INVARIANT_H
#define BASE_INVARIANT_H

#include <stdbool.h>
#include <stdint.h>

/* Set by the builds that are for finding faults (debug, asan, chaos, cov, fuzz); a release goes on. */
#ifdef OTPGWD_INVARIANTS_ABORT
#define INVARIANT_ABORTS true
#else
#define INVARIANT_ABORTS false
#endif

/*
 * Evaluates x once, in every build, and gives whether it is true. If it is not, the process aborts (INVARIANT_ABORTS),
 * or it counts that, logs the first time at this place, and the caller goes on with what is safe without x:
 *
 *	q->len -= invariant(q->len > 0);
 *	if (!invariant(found))
 *		return;
 *
 * The log shows the text of x as it is in the source, and no value: write no secret in a literal of it.
 */
#define invariant(x) invariant_check(!!(x), __FILE__, __LINE__, #x)

/* For the macro. Logs at ERROR, aborts if so told, else counts and returns false. */
bool invariant_broken(const char *file, int line, const char *expression, bool aborts) __attribute__((cold));

static inline bool invariant_check(bool holds, const char *file, int line, const char *expression)
{
	return __builtin_expect(holds, true) || invariant_broken(file, line, expression, INVARIANT_ABORTS);
}

/* How many were found broken since the start of the process. */
uint64_t invariant_count(void);

#endif
