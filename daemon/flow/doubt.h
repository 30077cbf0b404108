/*
 * doubt: otpgwd_doubtful_total{event=...}: what became of submits without an answer. One place, so that names stay one.
 */
#ifndef FLOW_DOUBT_H
#define FLOW_DOUBT_H

#include "base/json.h"

enum doubt_event {
	DOUBT_RESENT,     /* queued once more: a possible duplicate */
	DOUBT_CANCELLED,  /* that was taken back, for a late answer came before it was written */
	DOUBT_LATE_OK,    /* accepted after all */
	DOUBT_LATE_ERROR, /* refused after all: no news for a message that is sent again or given up */
	DOUBT_UNKNOWN,    /* nothing more is tried */
	DOUBT_EVENTS
};

void doubt_start(void); /* all of its series are there, at zero */
void doubt_count(enum doubt_event event);
void doubt_status(struct json *j); /* an object "doubtful" */

#endif
