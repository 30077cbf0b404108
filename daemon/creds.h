/*
 * creds: keys and passwords from files into secrets. A path without "/" is looked for in $CREDENTIALS_DIRECTORY.
 * Refuses files that group or others may read, except inside $CREDENTIALS_DIRECTORY, which the service manager guards.
 */
#ifndef DAEMON_CREDS_H
#define DAEMON_CREDS_H

#include "base/buf.h"
#include "conf.h"
#include "otp/keyring.h"

struct creds {
	struct secret *redis_password, *sentinel_password;
	struct secret **smsc_passwords;
	size_t smsc_count;
	struct keyring *keys;
};

/* Loads everything c names and fills the passwords into c's options. Errors name the file and what is allowed, never
 * the content; all at once. ERR_INVALID, ERR_DENIED, ERR_NOMEM. */
enum err creds_load(struct conf *c, struct creds *out, struct buf *errors) ERR_CHECKED;

/* Gives the passwords loaded before to another configuration with the same SMSCs, in the same order (a reload). */
void creds_attach(const struct creds *creds, struct conf *c);
void creds_clear(struct creds *c);

#endif
