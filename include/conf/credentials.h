/*
 * credentials: loads keys and passwords from files into secrets. A name without "/" is looked for as credentials_find
 * says. Refuses files that group or others may read, or that belong to another user than root and the daemon's own,
 * except inside $CREDENTIALS_DIRECTORY, which the service manager protects.
 */
#ifndef CONF_CREDENTIALS_H
#define CONF_CREDENTIALS_H

#include "base/buf.h"
#include "conf.h"
#include "otp/keyring.h"
#include "otp/proof.h"

struct creds {
	struct secret *redis_password, *sentinel_password;
	struct creds_smscs {
		struct secret **passwords, **keys; /* one per SMSC; NULL: the SMSC has none */
		size_t count;
	} smscs;
	struct keyring *keys;
	struct proof_keys *proofs; /* NULL: none are configured */
};

/*
 * Loads all secrets that c names, and puts the passwords into c's options. The caller calls creds_clear. errors gets
 * one line per fault, with the file and what is allowed, but never the content. Returns the error of the first fault:
 * ERR_INVALID, ERR_DENIED, ERR_IO (a later attempt may succeed), ERR_NOMEM.
 */
enum err creds_load(struct conf *c, struct creds *out, struct buf *errors) ERR_CHECKED;

/* Puts the passwords of Redis into another configuration, at a reload. creds still owns them. */
void creds_attach(const struct creds *creds, struct conf *c);

/*
 * For a reload: loads only the secrets of the SMSCs and puts them into c's options. The caller calls creds_clear_smscs.
 * Errors as creds_load.
 */
enum err creds_load_smscs(struct conf *c, struct creds_smscs *out, struct buf *errors) ERR_CHECKED;
void creds_clear_smscs(struct creds_smscs *s);

/* The same for the keys that sign proofs. *out is NULL if c has none. The caller calls proof_keys_free. */
enum err creds_load_proofs(struct conf *c, struct proof_keys **out, struct buf *errors) ERR_CHECKED;
void creds_clear(struct creds *c);

#endif
