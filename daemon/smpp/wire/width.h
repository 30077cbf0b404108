/*
 * width: decides how many submits of the window may be in flight, so that the SMSC answers each in time. Pure. A
 * session begins with ten. The width grows by one per response in time while half of it or more is in flight. An SMSC
 * that serves submits one after the other never gets more than it answers within four fifths of response_timeout. If
 * responses become late, the width falls to the number that is answered in time. If even the shortest response takes
 * that long, a smaller width would not help and the width stays.
 */
#ifndef SMPP_WIRE_WIDTH_H
#define SMPP_WIRE_WIDTH_H

#include <stdbool.h>
#include <stdint.h>

struct smpp_width {
	unsigned narrowed; /* number of submits; 0: the whole window */
	double base_us;    /* the shortest response time of the session; 0: no response yet */
	bool late;         /* narrowed by a late response */
};

/* Starts a new session. */
void smpp_width_init(struct smpp_width *w);

/* Returns how many submits may be in flight: at least 1, at most window. */
unsigned smpp_width(const struct smpp_width *w, unsigned window);

struct smpp_width_answer {
	unsigned window, place;      /* configured window; submits in flight when this one was written, including it */
	int64_t held_us, timeout_us; /* from write to response; response_timeout */
};
enum smpp_width_news { SMPP_WIDTH_SAME, SMPP_WIDTH_NARROWED, SMPP_WIDTH_WHOLE };

/* Takes one response. NARROWED: the first late response since the window was whole. WHOLE: the window is whole again
 * after that. */
enum smpp_width_news smpp_width_note(struct smpp_width *w, const struct smpp_width_answer *a);

#endif
