/*
 * unit: what the service manager's unit files say, as far as a check of the configuration needs it.
 */
#ifndef DAEMON_UNIT_H
#define DAEMON_UNIT_H

#include "base/buf.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

/*
 * Appends to values, one space before each, the words that a unit file's text gives to key in section; a line "KEY="
 * without a value takes back what came before. Continued lines and comments are as systemd reads them. ERR_NOMEM,
 * ERR_TOOBIG.
 */
enum err unit_read(const char *text, const char *section, const char *key, struct buf *values) ERR_CHECKED;

/*
 * The same of a unit with all its drop-ins, looked for under root ("" for the machine's own) where systemd looks.
 * ERR_NOTFOUND: there is no such unit.
 */
enum err unit_value(const char *root, const char *unit, const char *section, const char *key,
                    struct buf *values) ERR_CHECKED;

/*
 * True if a service with these values of IPAddressAllow= and IPAddressDeny= may talk to the address, of AF_INET or
 * AF_INET6 (address: struct in_addr or in6_addr): what is allowed, and what is not denied.
 */
bool unit_reaches(const char *allow, const char *deny, int family, const void *address);

#endif
