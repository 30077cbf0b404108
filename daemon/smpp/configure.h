/*
 * configure: implements smpp_configure, smpp_revert and smpp_check of smpp.h.
 */
#ifndef SMPP_CONFIGURE_H
#define SMPP_CONFIGURE_H

#include "smpp/smscs.h"

/* Makes the last change final. An SMSC that is no longer configured waits for its submits in flight and unbinds. */
void smpp_configure_finish(struct smpp *p);

#endif
