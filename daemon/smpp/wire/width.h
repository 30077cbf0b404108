/*
 * width: how much of the window is of use: as many submits as the SMSC answers in time. Pure.
 * A session begins with ten and has one more for each answer in time while half of them or more are in flight: an SMSC
 * that serves one submit after the other is never given more than it answers within four fifths of
 * response_timeout. Where answers come late nevertheless, since it became slower, the width falls to that measure.
 * Where the shortest answer alone takes so long a smaller width would help nobody: it stays as it is.
 */
#ifndef SMPP_WIRE_WIDTH_H
#define SMPP_WIRE_WIDTH_H

#include <stdbool.h>
#include <stdint.h>

struct smpp_width {
	unsigned narrowed; /* submits; 0: the whole window */
	double base_us;    /* the shortest answer of the session; 0: none came yet */
	bool late;         /* narrowed by a late answer */
};

/* A new session. */
void smpp_width_init(struct smpp_width *w);

/* Submits that may be in flight: at least 1, at most window. */
unsigned smpp_width(const struct smpp_width *w, unsigned window);

struct smpp_width_answer {
	unsigned window, place;      /* as configured; submits in flight when this one was written, itself among them */
	int64_t held_us, timeout_us; /* from write to response; response_timeout */
};
enum smpp_width_news { SMPP_WIDTH_SAME, SMPP_WIDTH_NARROWED, SMPP_WIDTH_WHOLE };

/* NARROWED: by a late answer, the first since the window was whole; WHOLE: it is whole again after that. */
enum smpp_width_news smpp_width_note(struct smpp_width *w, const struct smpp_width_answer *a);

#endif
