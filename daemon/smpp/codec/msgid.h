/*
 * msgid: finds the submit of a receipt when the SMSC writes the id in the receipt in another base than in the response.
 * Pure. Ids are stored in the form of the response; the id of a receipt is converted to it as smsc.msgid_mode says.
 * With "auto" each form is tried until 18 of 20 receipts matched under the same one.
 */
#ifndef SMPP_CODEC_MSGID_H
#define SMPP_CODEC_MSGID_H

#include "smpp.h"

/* There is one per SMSC, for all its binds. It is not stored, so a restart learns again. */
struct smpp_msgid {
	enum smpp_msgid_mode mode;   /* as configured */
	enum smpp_msgid_mode locked; /* the mode in use; AUTO: not learned yet */
	unsigned seen, matched[SMPP_MSGID_AUTO];
};

/* To be called at start, with a zeroed *m, and on reload. Another mode discards what was learned. */
void smpp_msgid_set(struct smpp_msgid *m, enum smpp_msgid_mode mode);

/*
 * The normal forms to look for, in this order. There is only one unless the mode is AUTO and nothing was learned yet.
 */
struct smpp_msgid_forms {
	char id[SMPP_MSGID_AUTO][SMPP_MESSAGE_ID_CAP];
	enum smpp_msgid_mode mode[SMPP_MSGID_AUTO];
	size_t count;
};
void smpp_msgid_forms(const struct smpp_msgid *m, const char *receipt_id, struct smpp_msgid_forms *out);

/*
 * Gives the forms of the modes that are not configured, and none with AUTO. If a message has such an id, the configured
 * mode is wrong.
 */
void smpp_msgid_hints(const struct smpp_msgid *m, const char *receipt_id, struct smpp_hints *out);

/* Records that a receipt matched its message under this mode. True: the mode is now learned. */
bool smpp_msgid_matched(struct smpp_msgid *m, enum smpp_msgid_mode mode);
const char *smpp_msgid_mode_name(enum smpp_msgid_mode mode); /* "exact" ...; static */

#endif
