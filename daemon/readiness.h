/*
 * readiness: whether an SMS would go out now, for /readyz, STATUS= and the log. Private to the top floor.
 */
#ifndef DAEMON_READINESS_H
#define DAEMON_READINESS_H

#include "base/buf.h"
#include "base/told.h"
#include "ops.h"
#include "smpp.h"
#include "store.h"

#define READINESS_TOLD_CAP 256

struct readiness {
	const struct store *store;
	const struct smpp *smpp;
	enum store_durability require; /* UNKNOWN: whatever is found */
	bool draining, reload_refused;
};

/* Appends why not, one line each, then the class of durability and warnings. */
bool readiness_tell(const struct readiness *r, struct buf *lines);

/* One line for STATUS=. */
void readiness_status(const struct readiness *r, struct notify *notify);

/* What the log knows. Begin with a zeroed one. */
struct readiness_told {
	char causes[READINESS_TOLD_CAP]; /* "": ready */
	struct told told;
};

/* A line in the log when it is ready no more or again, or for another cause. */
void readiness_log(const struct readiness *r, struct readiness_told *t);

#endif
