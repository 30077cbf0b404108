/*
 * configure: smpp_configure, smpp_revert and smpp_check of the door.
 */
#ifndef SMPP_CONFIGURE_H
#define SMPP_CONFIGURE_H

#include "smpp/smscs.h"

/* The change stands: an SMSC that is configured no more answers what is in flight and unbinds. */
void smpp_configure_finish(struct smpp *p);

#endif
