/*
 * away: the line in the log about a server that cannot be reached: at once when it goes and when the reason becomes
 * another, seldom while it stays the same. Private to store.
 */
#ifndef STORE_AWAY_H
#define STORE_AWAY_H

#include "address.h"

#include <stdint.h>

#define AWAY_REASON_CAP 128

/* Begin with a zeroed one. */
struct away {
	int64_t quiet_ms;           /* until then the same is no news; 0: it is */
	char told[AWAY_REASON_CAP]; /* the reason in the last line */
};

void away_say(struct away *a, const struct address *address, const char *reason, uint32_t next_try_ms);

#endif
