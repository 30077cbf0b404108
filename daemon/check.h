/*
 * check: a good configuration beside the machine it is for: what "otpgwd --check" warns of.
 */
#ifndef DAEMON_CHECK_H
#define DAEMON_CHECK_H

#include "conf.h"

/*
 * Appends a line "warning: ..." for each file of the credentials folder that no key names, each tenant's user who
 * cannot connect to the request socket, and each address of an SMSC or Redis that the unit does not let the daemon
 * reach. root: "" for this machine; a test's folder. ERR_NOMEM.
 */
enum err check_machine(const struct conf *c, const char *root, struct buf *out) ERR_CHECKED;

#endif
