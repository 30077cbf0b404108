/*
 * door: what the files of the door share: the store itself and the words that commands are made of. Private to store.
 */
#ifndef STORE_DOOR_H
#define STORE_DOOR_H

#include "nodes.h"
#include "record.h"

struct store {
	struct nodes *nodes;
	struct store_opts opts;
	char owner[8]; /* NUL-padded */
	struct store_numbers numbers;
	struct stats_counter *gone;       /* claimed entries that were past their end */
	struct stats_counter *unreadable; /* values that another version wrote, or that were changed */
	int64_t quiet_ms;                 /* until then they are no news */
};

/* "<prefix><kind>{<partition>}:<rest>" as one word. */
void door_key(struct op *op, char kind, uint16_t partition, const char *rest);
void door_record_key(struct op *op, const struct ident *id);
/* "r{<partition>}:<number>": of the number's counters, less the tenant. */
void door_number_base(struct op *op, const struct ident *id);
void door_number_key(struct op *op, const struct ident *id, uint32_t tenant_tag);
/* The key, or key, count and window of the limit over all tenants; nothing without one. */
void door_cap_key(struct op *op, const struct ident *id);
void door_cap(struct op *op, const struct ident *id);
/* "m{<partition>}:<SMSC>:<message id>": of the receipt map. */
void door_receipt_key(struct op *op, uint16_t partition, const char *smsc, const char *message_id);
void door_journal_key(struct op *op, uint16_t partition);
/* The key of a REQID; nothing if the request has none. */
void door_once_key(struct op *op, const struct ident *id, const struct store_once *once);
void door_prefix(struct op *op, char kind, uint16_t partition); /* of a kind of keys, for claim */
void door_tuple(struct op *op, const struct ident *id);
void door_tenant(struct op *op, uint32_t tenant_tag);
void door_limits(struct op *op, const struct store_limits *l); /* NULL: "" */

/* A script op for the node of a partition: add its keys, op_keys_end, and its arguments. */
struct op *door_script(struct store *s, uint16_t partition, enum script script, enum err *err);

/*
 * A value that cannot be read is content, not shape: its request is answered, it is counted and logged, and the
 * connection stays. The readers here return ERR_INVALID for it.
 */
enum err door_unreadable(struct store *s, const char *what, const struct ident *id) ERR_CHECKED;

/* Reads a record that belongs under id's key. ERR_INVALID. */
enum err door_record(struct store *s, const void *data, size_t len, struct store_record *out) ERR_CHECKED;

/* Reads why an id cannot be used at element i, and its time behind it. */
enum err door_gone(const struct op *op, const struct redisReply *reply, size_t i, enum store_gone *gone,
                   int64_t *gone_ms) ERR_CHECKED;

/* Lease arithmetic: the Redis time of a lease that begins now, and its monotonic end. */
int64_t door_lease(const struct store *s, int64_t *end_ms);

#endif
