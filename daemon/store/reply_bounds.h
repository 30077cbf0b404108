/*
 * reply_bounds: how large one reply of Redis may be, and what kind of reply it may be. hiredis itself believes what a
 * server announces. Private to store.
 */
#ifndef STORE_REPLY_BOUNDS_H
#define STORE_REPLY_BOUNDS_H

#include "op.h"

struct redisReader;

/* Of one bulk string or one line. INFO replication with 254 replicas has 40 KiB; a record has less than 1 KiB. */
#define REPLY_STRING_MAX 65536U
/* Arrays inside arrays: the metadata of a node in CLUSTER SLOTS are the fourth. */
#define REPLY_DEPTH_MAX 4U
/* A claim has 32 records and their tuples. */
#define REPLY_ELEMENTS_MAX 8192U
#define REPLY_OCTETS_MAX (1024U * 1024)
/* CLUSTER SLOTS: 16,384 ranges of 24 elements, a master and two replicas each with name, port, id and metadata. */
#define REPLY_MAP_ELEMENTS_MAX (16384U * 24)
#define REPLY_MAP_OCTETS_MAX (8U * 1024 * 1024)

enum reply_refusal {
	REPLY_GOOD,
	REPLY_UNASKED, /* no command waits for it */
	REPLY_TYPE,    /* RESP3 was not asked for */
	REPLY_DEPTH,
	REPLY_ELEMENTS,
	REPLY_OCTETS
};

struct reply_bounds {
	const struct op_list *flight; /* commands without an answer; a reply answers the first */
	size_t elements, octets;      /* of the reply that is being read: announced, read */
	enum reply_refusal refused;   /* why the reader was ended; it stays */
};

/*
 * From now on the reader refuses, before it allocates, what is beyond the bounds: it fails with REDIS_ERR_OOM, and
 * b->refused says why. b and flight outlive the reader; one b for one reader.
 */
void reply_bounds_guard(struct reply_bounds *b, const struct op_list *flight, struct redisReader *reader);

/*
 * After each read, and after the reader has given every whole reply: what waits in its buffer is part of one string or
 * line. False: that is, or will be, beyond the bounds, and the reader must not be fed again.
 */
bool reply_bounds_hold(struct reply_bounds *b, const struct redisReader *reader);

/* For the log; and for a label of a metric. */
const char *reply_refusal_text(enum reply_refusal why);
const char *reply_refusal_name(enum reply_refusal why);

#endif
