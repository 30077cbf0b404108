/*
 * reply_bounds: limits the size and the type of a reply of Redis. hiredis itself allocates whatever size a server
 * announces. Private to store.
 */
#ifndef STORE_REPLY_BOUNDS_H
#define STORE_REPLY_BOUNDS_H

#include "command.h"

struct redisReader;

/* Octets of one string or line. INFO replication with 254 replicas has 40 KiB; a record has less than 1 KiB. */
#define REPLY_STRING_MAX 65536U
/*
 * Depth of nested arrays. The metadata of a node in CLUSTER SLOTS are at depth four, the flags of a function in
 * FUNCTION LIST at depth five.
 */
#define REPLY_DEPTH_MAX 4U
#define REPLY_LIBRARIES_DEPTH_MAX 5U
/* Elements and octets of one reply. The largest is that of a claim, with 32 records and their tuples. */
#define REPLY_ELEMENTS_MAX 8192U
#define REPLY_OCTETS_MAX (1024U * 1024)
/*
 * The same for CLUSTER SLOTS: 16,384 ranges of 24 elements, with a master and two replicas, each of which has name,
 * port, id and metadata.
 */
#define REPLY_MAP_ELEMENTS_MAX (16384U * 24)
#define REPLY_MAP_OCTETS_MAX (8U * 1024 * 1024)
/* Elements of FUNCTION LIST: 1,024 libraries of 16 functions with seven elements each. The octets are the usual. */
#define REPLY_LIBRARIES_ELEMENTS_MAX (1024U * (16 * 7 + 7))

enum reply_refusal {
	REPLY_GOOD,
	REPLY_UNASKED, /* no command is in flight */
	REPLY_TYPE,    /* it has a type of RESP3, which the daemon never asks for */
	REPLY_DEPTH,
	REPLY_ELEMENTS,
	REPLY_OCTETS
};

struct reply_bounds {
	const struct command_list *flight; /* commands in flight; a reply answers the first */
	size_t elements, octets;           /* of the reply that is being read: elements announced, octets read */
	enum reply_refusal refused;        /* why the reader was stopped; it is not reset */
};

/*
 * From now on the reader fails with REDIS_ERR_OOM, before it allocates, if a reply is beyond the bounds; b->refused is
 * the reason. b and flight must outlive the reader. Each reader needs its own b.
 */
void reply_bounds_guard(struct reply_bounds *b, const struct command_list *flight, struct redisReader *reader);

/*
 * Must be called after each read, when the reader has returned every complete reply. What is left in its buffer is then
 * a part of one string or line. Returns false if that is or will be beyond the bounds; the reader must get no more
 * input.
 */
bool reply_bounds_hold(struct reply_bounds *b, const struct redisReader *reader);

/* A text for the log, and a name for the label of a metric. */
const char *reply_refusal_text(enum reply_refusal why);
const char *reply_refusal_name(enum reply_refusal why);

#endif
