/*
 * check_address: are the SMSCs and Redis within the addresses that the unit allows? Private to check.
 */
#ifndef DAEMON_CHECK_ADDRESS_H
#define DAEMON_CHECK_ADDRESS_H

#include "conf.h"

/* Appends a line "warning: ..." for each host without an address that otpgwd.service may reach; none without the unit.
 */
enum err check_addresses(const struct conf *c, const char *root, struct buf *out) ERR_CHECKED;

#endif
