/*
 * guessing: detects an unusual share of wrong codes. An attack on many numbers at once shows here, although each number
 * stays below its own limits. Pure; the caller passes the time and acts on the result.
 */
#ifndef OTP_GUESSING_H
#define OTP_GUESSING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GUESSING_WINDOW_S 10 /* length of "lately" in guessing_lately */

/*
 * The verdicts of the last GUESSING_WINDOW_S seconds, one element per second, and the decayed sums of the verdicts
 * before them.
 */
struct guessing {
	uint32_t right[GUESSING_WINDOW_S], wrong[GUESSING_WINDOW_S];
	double old_right, old_wrong;
	int64_t second;
	bool unusual;
};

/* In all functions now_ms is monotonic. */
void guessing_init(struct guessing *g, int64_t now_ms);

/* Records one judged code. */
void guessing_note(struct guessing *g, bool wrong, int64_t now_ms);

/*
 * Decides whether the share of wrong codes is unusual now. It becomes unusual if at least `floor` codes were wrong in
 * the last GUESSING_WINDOW_S seconds and their share is more than three times the usual share, or above 90 %. The usual
 * share is that of about the last hour (15 % before anything is known). It stops being unusual if the share falls below
 * two thirds of that limit, or if fewer than half of `floor` codes were wrong. Returns GUESSING_BEGAN and
 * GUESSING_ENDED once, at the change.
 */
enum guessing_change { GUESSING_SAME, GUESSING_BEGAN, GUESSING_ENDED };
enum guessing_change guessing_look(struct guessing *g, int64_t now_ms, uint32_t floor);

double guessing_usual(const struct guessing *g); /* the usual share, 0..1 */
void guessing_lately(const struct guessing *g, uint32_t *right, uint32_t *wrong);

#endif
