/*
 * hint: counts receipts that match no message under the configured smsc.msgid_mode but would match under another mode.
 * One per SMSC, for all its binds. Logs the first such receipt, then at most one per ten minutes.
 */
#ifndef SMPP_HINT_H
#define SMPP_HINT_H

#include "base/stats.h"
#include "smpp.h"

struct smpp_hint {
	struct stats_family receipts; /* one counter per mode that would match */
	int64_t quiet_until_ms;       /* monotonic */
};

/* Registers the counters, which begin at zero. */
void smpp_hint_init(struct smpp_hint *h, const char *smsc);

/* A value of would that is not below SMPP_MSGID_AUTO is ignored. */
void smpp_hint_note(struct smpp_hint *h, const char *smsc, enum smpp_msgid_mode is, enum smpp_msgid_mode would);

#endif
