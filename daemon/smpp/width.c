/*
 * width: a line through two points tells what one more submit in flight costs: the shortest answer, and this one.
 */
#include "smpp/width.h"

#define START 10
#define GOAL 0.8 /* of the response timeout */

void smpp_width_init(struct smpp_width *w)
{
	*w = (struct smpp_width){ .narrowed = START };
}

unsigned smpp_width(const struct smpp_width *w, unsigned window)
{
	return w->narrowed && w->narrowed < window ? w->narrowed : window;
}

/* A late answer says nothing of the width unless about as many were in flight. */
static enum smpp_width_news narrow(struct smpp_width *w, const struct smpp_width_answer *a)
{
	unsigned now = smpp_width(w, a->window);
	double goal_us = GOAL * (double)a->timeout_us;

	if (w->base_us >= goal_us || a->place < 2 || a->place * 2 < now)
		return SMPP_WIDTH_SAME;
	double each_us = ((double)a->held_us - w->base_us) / (a->place - 1);
	double answered = 1 + (goal_us - w->base_us) / each_us;
	if (answered >= now)
		return SMPP_WIDTH_SAME;
	enum smpp_width_news news = w->late ? SMPP_WIDTH_SAME : SMPP_WIDTH_NARROWED;
	w->narrowed = (unsigned)answered;
	w->late = true;
	return news;
}

static enum smpp_width_news widen(struct smpp_width *w, unsigned window)
{
	bool told = w->late;

	if (++w->narrowed < window)
		return SMPP_WIDTH_SAME;
	w->narrowed = 0;
	w->late = false;
	return told ? SMPP_WIDTH_WHOLE : SMPP_WIDTH_SAME;
}

enum smpp_width_news smpp_width_note(struct smpp_width *w, const struct smpp_width_answer *a)
{
	if (w->base_us <= 0 || (double)a->held_us < w->base_us)
		w->base_us = a->held_us > 0 ? (double)a->held_us : 1;
	if (a->held_us > a->timeout_us)
		return narrow(w, a);
	bool full = w->narrowed && a->place >= smpp_width(w, a->window);
	return full && (double)a->held_us <= GOAL * (double)a->timeout_us ? widen(w, a->window) : SMPP_WIDTH_SAME;
}
