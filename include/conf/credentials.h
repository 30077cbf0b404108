/*
 * credentials: keys and passwords from files into secrets. A path without "/" is looked for in $CREDENTIALS_DIRECTORY.
 * Refuses files that group or others may read, except inside $CREDENTIALS_DIRECTORY, which the service manager guards.
 */
#ifndef CONF_CREDENTIALS_H
#define CONF_CREDENTIALS_H

#include "base/buf.h"
#include "conf.h"
#include "otp/keyring.h"

struct creds {
	struct secret *redis_password, *sentinel_password;
	struct creds_smscs {
		struct secret **passwords, **keys; /* one per SMSC; NULL: none */
		size_t count;
	} smscs;
	struct keyring *keys;
};

/* Loads everything c names and fills the passwords into c's options. Errors name the file and what is allowed, never
 * the content; all at once. ERR_INVALID, ERR_DENIED, ERR_NOMEM. */
enum err creds_load(struct conf *c, struct creds *out, struct buf *errors) ERR_CHECKED;

/* Gives the passwords of Redis to another configuration (a reload). */
void creds_attach(const struct creds *creds, struct conf *c);

/* For a reload: loads only the secrets of the SMSCs and puts them into c's options. Errors as creds_load. */
enum err creds_load_smscs(struct conf *c, struct creds_smscs *out, struct buf *errors) ERR_CHECKED;
void creds_clear_smscs(struct creds_smscs *s);
void creds_clear(struct creds *c);

#endif
