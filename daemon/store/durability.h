/*
 * durability: judges what a Redis may lose, from its configuration and its INFO. Pure. Private to store.
 * See otpgwd(8), "Durability".
 */
#ifndef STORE_DURABILITY_H
#define STORE_DURABILITY_H

#include "store.h"

struct durability {
	/* CONFIG GET or INFO was refused or not understood; appendonly is yes; appendfsync is always. */
	bool unknown, aof, always;
	unsigned min_replicas; /* min-replicas-to-write */
	char policy[41];       /* maxmemory-policy; "": unknown */
	/* From INFO. */
	unsigned replicas;   /* replicas that are online and were heard of within the last 2 seconds */
	bool write_failed;   /* the last write of the append-only file failed */
	bool has_delayed;    /* delayed has a value */
	uint64_t delayed;    /* aof_delayed_fsync: how many writes an fsync has delayed */
	unsigned needed;     /* how many replicas must acknowledge a write */
	int64_t needed_ms;   /* when so many replicas were last there; monotonic */
	unsigned slow_looks; /* one bit per INFO, newest lowest: an fsync was pending, or had delayed a write */
};

/* For a new connection to the same server. Forgets all but maxmemory-policy and how many replicas are needed. */
void durability_begin(struct durability *d);

/* Takes the value of one of maxmemory-policy, appendonly, appendfsync, min-replicas-to-write from CONFIG GET. */
void durability_read_config(struct durability *d, const char *name, const char *value);

/* Take a section of INFO: replication, and persistence. */
void durability_read_replication(struct durability *d, const char *info);
void durability_read_persistence(struct durability *d, const char *info);

/*
 * How many replicas must acknowledge a write: as many as there were within the last three seconds, at least 1. In an
 * ordered failover the replica that becomes master leaves first, while the old master takes writes for another second
 * or two. If the acknowledgement of one of two replicas were enough, the one that stays could acknowledge a write that
 * the new master never got.
 */
unsigned durability_need(struct durability *d, int64_t now_ms);

/* True if the disk does not keep up with appendfsync everysec. If Redis dies then, writes that waited are lost. */
bool durability_lagging(const struct durability *d);

/* ack: writes are answered only after replicas have acknowledged them. */
enum store_durability durability_judge(const struct durability *d, bool ack);

/* Writes what an operator should mend, for store_warning; "" if there is nothing. */
void durability_warn(const struct durability *d, bool ack, char *out, size_t cap);

#endif
