/*
 * readiness: whether an SMS would go out now, for /readyz, STATUS= and the log. Private to the top floor.
 */
#ifndef DAEMON_READINESS_H
#define DAEMON_READINESS_H

#include "base/buf.h"
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

/* A line in the log when it is another than told, or its first cause is. Begin with "". */
void readiness_log(const struct readiness *r, char told[READINESS_TOLD_CAP]);

#endif
