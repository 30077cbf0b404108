/*
 * conf: the configuration file against the table of keys, into one immutable struct.
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

/* A file that the configuration names, and where it does. */
struct conf_file {
	const char *name; /* an absolute path, or a name in the credentials directory; "" none */
	const char *at;   /* "FILE:LINE: KEY", for faults */
};

/* One code key: kid and file. */
struct conf_key_file {
	uint8_t kid;
	struct conf_file file;
};

/* Everything the file says, checked, with defaults filled in. Strings and arrays live as long as the conf. */
struct conf {
	const char *path;     /* of the file, as it was given */
	const char *instance; /* 1-8 of a-z 0-9 */
	const char *lock;     /* file that proves which process is the instance */
	enum log_level log_level;
	struct api_opts api;
	struct statsock_opts stats;
	struct store_opts store; /* password: filled by credentials; owner: by app, of the lock */
	struct conf_file redis_password_file, sentinel_password_file;
	struct smpp_opts smpp;        /* passwords: filled by credentials */
	struct smpp_smsc_opts *smscs; /* the array that smpp.smscs shows: credentials writes the passwords */
	struct conf_file *smsc_password_files, *smsc_key_files; /* one per SMSC */
	struct flow_opts flow;
	struct conf_file index_key_file;
	struct conf_key_file *code_keys;
	size_t code_key_count;
	uint8_t current_kid;
	uint32_t drain_s; /* most seconds a clean stop may take */
	void *owned;      /* all memory behind it */
};

/*
 * Reads and checks path. All errors at once, appended to errors as lines "FILE:LINE: KEY: found ..., allowed ...".
 * ERR_INVALID with at least one line; ERR_NOMEM. *out owned by the caller.
 */
enum err conf_load(const char *path, struct conf **out, struct buf *errors) ERR_CHECKED;
void conf_free(struct conf *c); /* NULL is fine */

/* Which keys that cannot change while running differ between two configurations: names, comma-separated, into out. */
bool conf_same_fixed(const struct conf *a, const struct conf *b, struct buf *names);

#endif
