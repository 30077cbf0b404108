/*
 * unit: reads unit files of the service manager, as far as a check of the configuration needs their values. It reads
 * files only, and never asks the service manager.
 */
#ifndef DAEMON_UNIT_H
#define DAEMON_UNIT_H

#include "base/buf.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

/*
 * Appends to values the words that the text of a unit file gives to key in section, with one space before each. A line
 * "KEY=" without a value removes all words before it. Continued lines and comments are read as systemd reads them.
 * ERR_NOMEM, ERR_TOOBIG.
 */
enum err unit_read(const char *text, const char *section, const char *key, struct buf *values) ERR_CHECKED;

/*
 * Reads a key of a unit with all its drop-ins, in the folders where systemd looks for them, under root ("" for this
 * machine). ERR_NOTFOUND: there is no such unit. Otherwise as unit_read.
 */
enum err unit_value(const char *root, const char *unit, const char *section, const char *key,
                    struct buf *values) ERR_CHECKED;

/*
 * True if a service with these values of IPAddressAllow= and IPAddressDeny= may reach the address: if it is allowed, or
 * not denied. family: AF_INET or AF_INET6; address: a struct in_addr or in6_addr.
 */
bool unit_reaches(const char *allow, const char *deny, int family, const void *address);

#endif
