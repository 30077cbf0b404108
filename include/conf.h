/*
 * conf: reads the configuration file, checks it against the table of keys, and fills one immutable struct.
 */
#ifndef CONF_H
#define CONF_H

#include "api.h"
#include "base/buf.h"
#include "base/log.h"
#include "flow.h"
#include "ops.h"
#include "smpp.h"
#include "store.h"

/* A file that the configuration names. */
struct conf_file {
	const char *name; /* an absolute path, or a name in the credentials directory; "": none */
	const char *at;   /* where the configuration names it, for error texts: "FILE:LINE: KEY" */
};

/* The number and the file of a code key. */
struct conf_key_file {
	uint8_t kid;
	struct conf_file file;
};

/* The name and the file of a key that signs proofs. */
struct conf_proof_key {
	const char *kid;
	struct conf_file file;
};

/* All settings, checked, with defaults filled in. Strings and arrays live as long as the conf. */
struct conf {
	const char *path;     /* path of the file, as it was given */
	const char *instance; /* 1 to 8 characters of a-z 0-9 */
	const char *lock;     /* file whose lock is held by the one process of this instance */
	enum log_level log_level;
	struct api_opts api;
	struct statsock_opts stats;
	struct store_opts store; /* credentials fills in the passwords; app fills in the owner, from the lock */
	struct conf_file redis_password_file, sentinel_password_file;
	struct smpp_opts smpp;
	struct smpp_smsc_opts *smscs; /* the array behind smpp.smscs, where credentials fills in passwords and keys */
	struct conf_file *smsc_password_files, *smsc_key_files; /* one per SMSC */
	struct flow_opts flow;
	struct conf_file index_key_file;
	struct conf_key_file *code_keys;
	size_t code_key_count;
	uint8_t current_kid;
	struct conf_proof_key *proof_keys;
	size_t proof_key_count;
	const char *proof_current; /* kid of the key that signs */
	uint32_t drain_s;          /* most seconds a clean stop may take */
	void *owned;               /* all memory that the fields point to */
};

/*
 * Reads and checks the file at path. The caller owns *out. ERR_INVALID: errors has one line per fault, "FILE:LINE: KEY:
 * found ..., allowed ...". ERR_IO: the same file may be readable later. ERR_NOMEM.
 */
enum err conf_load(const char *path, struct conf **out, struct buf *errors) ERR_CHECKED;
void conf_free(struct conf *c); /* NULL is fine */

/*
 * True if all keys that cannot change while running are the same in a and b. Otherwise names gets the names of those
 * that differ, separated by commas.
 */
bool conf_same_fixed(const struct conf *a, const struct conf *b, struct buf *names);

#endif
