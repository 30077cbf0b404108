/*
 * door: what the files with the operations share: the store itself, the keys and arguments of commands, and the reading
 * of stored values. Private to store.
 */
#ifndef STORE_DOOR_H
#define STORE_DOOR_H

#include "mark_batch.h"
#include "nodes.h"
#include "record.h"

struct store {
	struct nodes *nodes;
	struct mark_batch marks;
	struct store_opts opts;
	char owner[8]; /* NUL-padded */
	struct store_numbers numbers;
	uint8_t write_version;            /* of new records; RECORD_OLDEST to RECORD_NEWEST */
	struct stats_counter *gone;       /* entries that a claim removed */
	struct stats_counter *unreadable; /* values that another version wrote, or that were changed */
	int64_t quiet_ms;                 /* until then unreadable values are logged at level debug */
};

/* Adds the key "<prefix><kind>{<partition>}<rest>". The functions below add keys and arguments too. */
void door_key(struct command *command, char kind, uint16_t partition, const char *rest);
void door_record_key(struct command *command, const struct ident *id);
/* "r{<partition>}<number>": the key of the number's counters without its last part, the tenant. */
void door_number_base(struct command *command, const struct ident *id);
/* known: the counters of known devices. */
void door_number_key(struct command *command, const struct ident *id, uint32_t tenant_tag, bool known);
/* "w{<partition>}<number>": the key of the tokens that a number sent. */
void door_source_key(struct command *command, const struct ident *source);
/* The limit over all tenants: its key, or its key, count and window. Add nothing if there is no such limit. */
void door_cap_key(struct command *command, const struct ident *id);
void door_cap(struct command *command, const struct ident *id);
/* "m{<partition>}<tag of the SMSC>:<message id>": the key of a receipt map. */
void door_receipt_key(struct command *command, uint16_t partition, uint16_t smsc_tag, const char *message_id);
/* The value of a receipt map: partition, tuple, and the first octets of the generation. */
void door_receipt_word(struct command *command, const struct ident *id);
/* Reads it. False: it is none, or names a partition that there is not. */
bool door_receipt_id(const struct store *s, const void *data, size_t len, struct ident *out);
/* "j{<partition>}": the key of the leases of a partition. */
void door_journal_key(struct command *command, uint16_t partition);
/* The key of a REQID. Adds nothing if the request has none. */
void door_once_key(struct command *command, const struct ident *id, const struct store_once *once);
/* "<prefix><kind>{<partition>}", to which a function appends the rest of the key. */
void door_prefix(struct command *command, char kind, uint16_t partition);
void door_tuple(struct command *command, const struct ident *id);

/* Begins a command that calls a function on the node of a partition. The caller adds keys, command_keys_end, and
 * arguments. */
struct command *door_function(struct store *s, uint16_t partition, enum library_function f, enum err *err);

/*
 * Counts and logs a stored value that cannot be read, and returns ERR_INVALID. The reply that contains it has the right
 * shape, so its request is answered and the connection stays.
 */
enum err door_unreadable(struct store *s, const char *what, const struct ident *id) ERR_CHECKED;

/* Reads a record into out; out->id, which must be set, names it in the log. ERR_INVALID. */
enum err door_record(struct store *s, const void *data, size_t len, struct store_record *out) ERR_CHECKED;

/* Reads why an id cannot be used from element i of a reply, and gone_ms from element i + 1. ERR_CORRUPT. */
enum err door_gone(const struct command *command, const struct redisReply *reply, size_t i, enum store_gone *gone,
                   int64_t *gone_ms) ERR_CHECKED;

/* Returns the end of a lease that begins now, in Redis time; *end_ms is the same end in monotonic time. */
int64_t door_lease(const struct store *s, int64_t *end_ms);

#endif
