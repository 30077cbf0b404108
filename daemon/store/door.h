/*
 * door: what the files of the door share: the store itself and the words that commands are made of. Private to store.
 */
#ifndef STORE_DOOR_H
#define STORE_DOOR_H

#include "conn.h"
#include "record.h"

struct store {
	struct conn *conn;
	const struct store_opts *opts; /* conn's copy */
	char owner[8];                 /* NUL-padded */
	struct stats_counter *gone;    /* claimed entries that were past their end */
};

/* "<prefix><kind>{<partition>}:<rest>" as one word. */
void door_key(struct conn_op *op, char kind, uint16_t partition, const char *rest);
void door_record_key(struct conn_op *op, const struct ident *id);
void door_number_key(struct conn_op *op, const struct ident *id);
void door_journal_key(struct conn_op *op, uint16_t partition);
/* The key of a REQID: present only if the request has one. */
void door_once_key(struct conn_op *op, const struct ident *id, const struct store_once *once);
void door_prefix(struct conn_op *op, uint16_t partition); /* of record keys, for claim */
void door_tuple(struct conn_op *op, const struct ident *id);
void door_tenant(struct conn_op *op, uint32_t tenant_tag);
void door_limits(struct conn_op *op, const struct store_limits *l);

/* A script op of the door, with who is to be called. */
struct conn_op *door_script(struct store *s, enum script script, unsigned keys, unsigned args, enum err *err);

/* Who is called with the answer: decode casts fn back to what it is. */
void door_answer(struct conn_op *op, conn_decode_fn decode, void (*fn)(void), void *arg);

/* Reads a record that belongs under id's key. */
enum err door_record(const void *data, size_t len, const struct ident *id, struct store_record *out) ERR_CHECKED;

/* Lease arithmetic: the Redis time of a lease that begins now, and its monotonic end. */
int64_t door_lease(const struct store *s, int64_t *end_ms);

#endif
