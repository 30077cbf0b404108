/*
 * choice: which SMSC of a route a message goes to now: order and weights of the route, and of each SMSC whether it is
 * bound, fit, paused, how long a message would wait there.
 */
#ifndef SMPP_CHOICE_H
#define SMPP_CHOICE_H

#include "smpp/binds.h"
#include "smpp/routes.h"

struct smpp_candidates {
	struct smpp_binds *const *binds; /* by index; NULL: none */
	const struct smpp_route *route;
	int64_t now_ms;
};

/*
 * Fills smsc, alike and fit of *out. ERR_OK: it can take a message now. ERR_BUSY: it is the one to wait for.
 * ERR_UNAVAILABLE: none is bound; *out is unchanged.
 */
enum err smpp_choice_make(const struct smpp_candidates *c, const struct smpp_ask *ask,
                          struct smpp_choice *out) ERR_CHECKED;

/* What all SMSCs of the route that are bound and fit take together. */
struct smpp_pace smpp_choice_pace(const struct smpp_candidates *c);

#endif
