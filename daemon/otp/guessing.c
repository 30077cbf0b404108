/*
 * guessing: compares the recent share of wrong codes with the usual share, which it computes from the past. While the
 * share is unusual, the past is not updated, because otherwise an attack would become the usual share. Owns no memory
 * and no clock.
 */
#include "otp/guessing.h"

#define TIMES 3.0              /* more than this many times the usual share is unusual */
#define SHARE_MOST 0.9         /* a share above this is always unusual */
#define CALM_TIMES 2.0         /* below this many times the usual share the attack is over */
#define KEPT (3599.0 / 3600.0) /* weight kept per second; after an hour about a third is left */
#define FORGOTTEN_S 28800      /* after this long without a call the past is dropped */
#define PRIOR_RIGHT 85.0       /* assumed before anything is known: 15 of 100 codes are wrong */
#define PRIOR_WRONG 15.0

void guessing_init(struct guessing *g, int64_t now_ms)
{
	*g = (struct guessing){ .second = now_ms / 1000 };
}

double guessing_usual(const struct guessing *g)
{
	return (g->old_wrong + PRIOR_WRONG) / (g->old_right + g->old_wrong + PRIOR_RIGHT + PRIOR_WRONG);
}

static void total(const struct guessing *g, uint32_t *right, uint32_t *wrong)
{
	*right = *wrong = 0;
	for (size_t i = 0; i < GUESSING_WINDOW_S; i++) {
		*right += g->right[i];
		*wrong += g->wrong[i];
	}
}

/* Moves the oldest second of the window into the decayed sums of the past, unless the share is unusual now. */
static void pass_second(struct guessing *g)
{
	size_t i = (size_t)(++g->second % GUESSING_WINDOW_S);

	if (!g->unusual) {
		g->old_right = g->old_right * KEPT + g->right[i];
		g->old_wrong = g->old_wrong * KEPT + g->wrong[i];
	}
	g->right[i] = g->wrong[i] = 0;
}

static void advance(struct guessing *g, int64_t now_ms)
{
	int64_t now = now_ms / 1000;

	if (now - g->second > FORGOTTEN_S)
		*g = (struct guessing){ .second = now, .unusual = g->unusual };
	while (g->second < now)
		pass_second(g);
}

enum guessing_change guessing_look(struct guessing *g, int64_t now_ms, uint32_t floor)
{
	uint32_t right, wrong;

	advance(g, now_ms);
	total(g, &right, &wrong);
	double share = right + wrong ? (double)wrong / (right + wrong) : 0, usual = guessing_usual(g);
	double limit = TIMES * usual < SHARE_MOST ? TIMES * usual : SHARE_MOST;

	if (!g->unusual && wrong >= floor && share > limit) {
		g->unusual = true;
		return GUESSING_BEGAN;
	}
	if (g->unusual && (wrong < floor / 2 || share < limit * CALM_TIMES / TIMES)) {
		g->unusual = false;
		return GUESSING_ENDED;
	}
	return GUESSING_SAME;
}

void guessing_note(struct guessing *g, bool wrong, int64_t now_ms)
{
	advance(g, now_ms);
	size_t i = (size_t)(g->second % GUESSING_WINDOW_S);

	if (wrong)
		g->wrong[i]++;
	else
		g->right[i]++;
}

void guessing_lately(const struct guessing *g, uint32_t *right, uint32_t *wrong)
{
	total(g, right, wrong);
}
