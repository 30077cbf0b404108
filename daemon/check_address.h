/*
 * check_address: warns if the unit does not let the daemon reach the SMSCs or Redis. Used only by check.c.
 */
#ifndef DAEMON_CHECK_ADDRESS_H
#define DAEMON_CHECK_ADDRESS_H

#include "conf.h"

/*
 * Appends a line "warning: ..." for each host that has no address, or none that otpgwd.service may reach. Without the
 * unit there are no warnings. root as in check_machine. ERR_NOMEM, ERR_TOOBIG.
 */
enum err check_addresses(const struct conf *c, const char *root, struct buf *out) ERR_CHECKED;

#endif
