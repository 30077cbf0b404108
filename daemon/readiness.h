/*
 * readiness: tells whether an SMS could be sent now, for /readyz, for STATUS= of the unit, and for the log. It only
 * reads the state of the store and of smpp. Private to the files at the top of daemon/.
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
	enum store_durability require; /* UNKNOWN: any durability is enough */
	bool draining, reload_refused;
};

/*
 * True if an SMS could be sent now. Appends a line for each cause why not, then lines for the durability and for
 * warnings. A line that does not fit is left out.
 */
bool readiness_tell(const struct readiness *r, struct buf *lines);

/* Sets STATUS= of the unit to one line about Redis, the SMSCs and the causes. */
void readiness_status(const struct readiness *r, struct notify *notify);

/* What readiness_log has logged. Begin with a zeroed one. */
struct readiness_told {
	char causes[READINESS_TOLD_CAP]; /* "": ready */
	struct told told;
};

/* Logs a line when the daemon becomes ready or not ready, or the causes change. Logs nothing during a stop. */
void readiness_log(const struct readiness *r, struct readiness_told *t);

#endif
