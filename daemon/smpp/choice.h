/*
 * choice: selects the SMSC of a route for one message. Uses the order and weights of the route, and for each SMSC
 * whether it is bound, fit or paused and how long a message would wait there.
 */
#ifndef SMPP_CHOICE_H
#define SMPP_CHOICE_H

#include "smpp/binds.h"
#include "smpp/routes.h"

struct smpp_candidates {
	struct smpp_binds *const *binds; /* by SMSC index; NULL: no SMSC has this index */
	const struct smpp_route *route;
	int64_t now_ms;
};

/* Fills smsc, alike and fit of *out. ERR_OK: this SMSC can take a message now. ERR_BUSY: the message should wait for
 * this SMSC. ERR_UNAVAILABLE: no SMSC of the route is bound; *out is unchanged. */
enum err smpp_choice_make(const struct smpp_candidates *c, const struct smpp_ask *ask,
                          struct smpp_choice *out) ERR_CHECKED;

/* The pace of the first `most` bound and fit SMSCs of the route together; the first one's configured rate if there is
 * none. */
struct smpp_pace smpp_choice_pace(const struct smpp_candidates *c, size_t most);

#endif
