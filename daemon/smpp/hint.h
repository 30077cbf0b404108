/*
 * hint: receipts that match no message as smsc.msgid_mode reads their ids, but would by another mode. One per SMSC, of
 * all its binds: counted each time, told in the log at the first and then once in ten minutes.
 */
#ifndef SMPP_HINT_H
#define SMPP_HINT_H

#include "base/stats.h"
#include "smpp.h"

struct smpp_hint {
	struct stats_family receipts; /* by the mode that would match */
	int64_t quiet_until_ms;       /* monotonic */
};

/* Registers the counters, which begin at zero. */
void smpp_hint_init(struct smpp_hint *h, const char *smsc);

/* would: below SMPP_MSGID_AUTO; others are ignored. */
void smpp_hint_note(struct smpp_hint *h, const char *smsc, enum smpp_msgid_mode is, enum smpp_msgid_mode would);

#endif
