/*
 * check: warns of what does not fit between a valid configuration and the machine it is for. "otpgwd --check" prints
 * these warnings. Reads no secret and changes nothing.
 */
#ifndef DAEMON_CHECK_H
#define DAEMON_CHECK_H

#include "conf.h"

/*
 * Appends a line "warning: ..." for each file of the credentials folder that no key names, for each tenant's user who
 * cannot connect to the request socket, and for each address of an SMSC or of Redis that the unit does not let the
 * daemon reach. root: folder in front of the paths of unit files; "" for this machine, another in tests. ERR_NOMEM. A
 * full buffer is no error.
 */
enum err check_machine(const struct conf *c, const char *root, struct buf *out) ERR_CHECKED;

#endif
