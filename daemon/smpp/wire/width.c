/*
 * width: estimates how much each further submit in flight adds to the response time, from the shortest response of the
 * session and the present one. Pure.
 */
#include "smpp/wire/width.h"

#define START 10
#define GOAL 0.8 /* share of response_timeout within which a response should arrive */

void smpp_width_init(struct smpp_width *w)
{
	*w = (struct smpp_width){ .narrowed = START };
}

unsigned smpp_width(const struct smpp_width *w, unsigned window)
{
	return w->narrowed && w->narrowed < window ? w->narrowed : window;
}

/* Returns how many submits in flight would be answered within the goal, if the response time grows linearly. */
static double answered_in_time(const struct smpp_width *w, const struct smpp_width_answer *a)
{
	double goal_us = GOAL * (double)a->timeout_us;
	double each_us = a->place > 1 ? ((double)a->held_us - w->base_us) / (a->place - 1) : 0;

	if (each_us <= 0)
		return (double)a->held_us <= goal_us ? a->window : 0;
	return 1 + (goal_us - w->base_us) / each_us;
}

static enum smpp_width_news narrow(struct smpp_width *w, const struct smpp_width_answer *a)
{
	double answered = answered_in_time(w, a);

	if (w->base_us >= GOAL * (double)a->timeout_us || a->place < 2 || answered >= smpp_width(w, a->window))
		return SMPP_WIDTH_SAME;
	enum smpp_width_news news = w->late ? SMPP_WIDTH_SAME : SMPP_WIDTH_NARROWED;
	w->narrowed = answered < 1 ? 1 : (unsigned)answered;
	w->late = true;
	return news;
}

static enum smpp_width_news widen(struct smpp_width *w, const struct smpp_width_answer *a)
{
	bool told = w->late;

	if (!w->narrowed || answered_in_time(w, a) < w->narrowed + 1)
		return SMPP_WIDTH_SAME;
	if (++w->narrowed < a->window)
		return SMPP_WIDTH_SAME;
	w->narrowed = 0;
	w->late = false;
	return told ? SMPP_WIDTH_WHOLE : SMPP_WIDTH_SAME;
}

enum smpp_width_news smpp_width_note(struct smpp_width *w, const struct smpp_width_answer *a)
{
	if (w->base_us <= 0 || (double)a->held_us < w->base_us)
		w->base_us = a->held_us > 0 ? (double)a->held_us : 1;
	/* A response with few submits in flight says nothing about a full width. */
	if (a->place * 2 < smpp_width(w, a->window))
		return SMPP_WIDTH_SAME;
	return a->held_us > a->timeout_us ? narrow(w, a) : widen(w, a);
}
