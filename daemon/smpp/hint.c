/*
 * hint: receipts that match no message as smsc.msgid_mode reads their ids, but would by another mode.
 */
#include "smpp/hint.h"
#include "base/clock.h"
#include "base/log.h"
#include "smpp/msgid.h"

#include <stdio.h>

#define TOPIC "smpp"
#define QUIET_MS 600000

void smpp_hint_init(struct smpp_hint *h, const char *smsc)
{
	char labels[160], name[66];

	stats_escape(smsc, name, sizeof name);
	for (unsigned i = 0; i < SMPP_MSGID_AUTO; i++) {
		snprintf(labels, sizeof labels, "smsc=\"%s\",mode=\"%s\"", name,
		         smpp_msgid_mode_name((enum smpp_msgid_mode)i));
		h->receipts[i] =
		    stats_counter("otpgwd_smpp_msgid_hints_total",
		                  "Receipts of no message that another msgid_mode would have matched.", labels);
	}
	h->quiet_until_ms = 0;
}

void smpp_hint_note(struct smpp_hint *h, const char *smsc, enum smpp_msgid_mode is, enum smpp_msgid_mode would)
{
	int64_t now_ms = clock_mono_ms();

	if ((unsigned)would >= SMPP_MSGID_AUTO)
		return;
	stats_inc(h->receipts[would]);
	if (now_ms < h->quiet_until_ms)
		return;
	h->quiet_until_ms = now_ms + QUIET_MS;
	log_warn(TOPIC, "receipts would match with another msgid_mode smsc=%s msgid_mode=%s would_match=%s", smsc,
	         smpp_msgid_mode_name(is), smpp_msgid_mode_name(would));
}
