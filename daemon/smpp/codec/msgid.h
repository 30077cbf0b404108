/*
 * msgid: which submit a receipt's id means, when a telco writes it in another base than in its response. Pure.
 * Ids are kept as the response had them; the receipt's is turned into that form. By smsc.msgid_mode; with "auto" each
 * form is tried until 20 receipts agreed on one.
 */
#ifndef SMPP_CODEC_MSGID_H
#define SMPP_CODEC_MSGID_H

#include "smpp.h"

/* One an SMSC, of all its binds; lost on restart: it learns again. */
struct smpp_msgid {
	enum smpp_msgid_mode mode;   /* as configured */
	enum smpp_msgid_mode locked; /* what AUTO learned; AUTO: nothing yet */
	unsigned seen, matched[SMPP_MSGID_AUTO];
};

/* At start (of a zeroed one) and on reload: another mode forgets what was learned. */
void smpp_msgid_set(struct smpp_msgid *m, enum smpp_msgid_mode mode);

/* Normal forms to look for, in this order; "" where the id cannot be read so. One form unless AUTO and unlocked. */
struct smpp_msgid_forms {
	char id[SMPP_MSGID_AUTO][SMPP_MESSAGE_ID_CAP];
	enum smpp_msgid_mode mode[SMPP_MSGID_AUTO];
	size_t count;
};
void smpp_msgid_forms(const struct smpp_msgid *m, const char *receipt_id, struct smpp_msgid_forms *out);

/* The forms of the modes that are not in force; none with AUTO. A message of such an id shows that the mode is wrong.
 */
void smpp_msgid_hints(const struct smpp_msgid *m, const char *receipt_id, struct smpp_hints *out);

/* A receipt found its message under this form. True: that locked the mode in. */
bool smpp_msgid_matched(struct smpp_msgid *m, enum smpp_msgid_mode mode);
const char *smpp_msgid_mode_name(enum smpp_msgid_mode mode); /* "exact" ...; static */

#endif
