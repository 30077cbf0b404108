/*
 * choice: which SMSC of a route a message goes to now: order and weights of the route, and of each SMSC whether it is
 * bound, fit, paused, how long a message would wait there.
 */
#ifndef SMPP_CHOICE_H
#define SMPP_CHOICE_H

#include "smpp/group.h"
#include "smpp/routes.h"

#define SMPP_NO_DESTINATION 0 /* of no message in particular */

struct smpp_choice {
	struct smpp_group *const *groups; /* by index; NULL: none */
	const struct smpp_route *route;
	uint32_t avoid;       /* as smpp_message.avoid */
	uint32_t destination; /* smpp_queue_full_hash() */
	int64_t now_ms;
};

/* The index to use, or to wait for; -1: none is bound. *usable: a mask of those that were as good. */
int smpp_choice_make(const struct smpp_choice *c, uint32_t *usable);

/* True if one outside avoid is bound and fit. */
bool smpp_choice_any(const struct smpp_choice *c);

struct smpp_pace smpp_choice_pace(const struct smpp_choice *c);

#endif
