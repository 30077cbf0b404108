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
	char owner[8];                 /* NUL-padded */
	struct stats_counter *gone;    /* claimed entries that were past their end */
};

/* "<prefix><kind>{<partition>}:<rest>" as one word. */
void door_key(struct op *op, char kind, uint16_t partition, const char *rest);
void door_record_key(struct op *op, const struct ident *id);
void door_number_key(struct op *op, const struct ident *id);
void door_journal_key(struct op *op, uint16_t partition);
/* The key of a REQID: present only if the request has one. */
void door_once_key(struct op *op, const struct ident *id, const struct store_once *once);
void door_prefix(struct op *op, uint16_t partition); /* of record keys, for claim */
void door_tuple(struct op *op, const struct ident *id);
void door_tenant(struct op *op, uint32_t tenant_tag);
void door_limits(struct op *op, const struct store_limits *l);

/* A script op for the node of a partition. */
struct door_shape {
	enum script script;
	unsigned keys, args;
};
struct op *door_script(struct store *s, uint16_t partition, struct door_shape shape, enum err *err);

/* Who is called with the answer: decode casts fn back to what it is. */
void door_answer(struct op *op, op_decode_fn decode, void (*fn)(void), void *arg);

/* Reads a record that belongs under id's key. */
enum err door_record(const void *data, size_t len, const struct ident *id, struct store_record *out) ERR_CHECKED;

/* Lease arithmetic: the Redis time of a lease that begins now, and its monotonic end. */
int64_t door_lease(const struct store *s, int64_t *end_ms);

#endif
