/*
 * hint: counts and logs receipts that would match a message under another smsc.msgid_mode.
 */
#include "smpp/hint.h"
#include "base/clock.h"
#include "base/log.h"
#include "smpp/codec/msgid.h"

#define TOPIC "smpp"
#define QUIET_MS 600000

void smpp_hint_init(struct smpp_hint *h, const char *smsc)
{
	const struct stats_labels of_smsc = stats_label(NULL, "smsc", smsc);
	const struct stats_labels mode = stats_label(&of_smsc, "mode", NULL);
	const char *names[SMPP_MSGID_AUTO];

	for (unsigned i = 0; i < SMPP_MSGID_AUTO; i++)
		names[i] = smpp_msgid_mode_name((enum smpp_msgid_mode)i);
	h->receipts = stats_family("otpgwd_smpp_msgid_hints_total",
	                           "Receipts of no message that another msgid_mode would have matched.", mode.text,
	                           names, SMPP_MSGID_AUTO);
	h->quiet_until_ms = 0;
}

void smpp_hint_note(struct smpp_hint *h, const char *smsc, enum smpp_msgid_mode is, enum smpp_msgid_mode would)
{
	int64_t now_ms = clock_mono_ms();

	if ((unsigned)would >= SMPP_MSGID_AUTO)
		return;
	stats_inc(h->receipts.of[would]);
	if (now_ms < h->quiet_until_ms)
		return;
	h->quiet_until_ms = now_ms + QUIET_MS;
	log_warn(TOPIC, "receipts would match with another msgid_mode smsc=%s msgid_mode=%s would_match=%s", smsc,
	         smpp_msgid_mode_name(is), smpp_msgid_mode_name(would));
}
