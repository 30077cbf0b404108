/*
 * durability: what a Redis may lose, judged from what it says of itself. Pure. Private to store.
 * See otpgwd(8), "Durability".
 */
#ifndef STORE_DURABILITY_H
#define STORE_DURABILITY_H

#include "store.h"

struct durability {
	/* Said by CONFIG GET; unknown when an ACL forbids it. */
	bool unknown, aof, always;
	unsigned min_replicas; /* min-replicas-to-write */
	char policy[41];       /* maxmemory-policy; "": unknown */
	/* Said by INFO. */
	unsigned replicas;   /* connected, in step, and heard of a moment ago */
	bool write_failed;   /* the last write of the AOF */
	bool looked;         /* at delayed before */
	uint64_t delayed;    /* aof_delayed_fsync: writes that an fsync held up */
	unsigned needed;     /* replicas, for an acknowledgement */
	int64_t needed_ms;   /* when there were so many last; monotonic */
	unsigned slow_looks; /* one bit a look, newest lowest: an fsync was pending, or had held up a write */
};

/* A new connection to the same server: all is asked anew, but how many replicas are needed is remembered. */
void durability_begin(struct durability *d);

/* Takes what CONFIG GET says of maxmemory-policy, appendonly, appendfsync, min-replicas-to-write. */
void durability_read_config(struct durability *d, const char *name, const char *value);

/* Takes what INFO says (sections replication and persistence, in one text or two). */
void durability_read_replication(struct durability *d, const char *info);
void durability_read_persistence(struct durability *d, const char *info);

/*
 * How many replicas must have what is acknowledged: all there were a moment ago, at least 1. In a failover that is
 * ordered, the replica that is promoted leaves first, and its former master goes on for a second or two: were one of
 * two enough, the other's word for what the new master never saw would count.
 */
unsigned durability_need(struct durability *d, int64_t now_ms);

/* Whether the disk keeps up with appendfsync everysec: if not, a dead process loses what waited. */
bool durability_lagging(const struct durability *d);

/* ack: whether answers wait for a replica. */
enum store_durability durability_judge(const struct durability *d, bool ack);

/* What an operator should mend, as store_warning; "" if there is nothing. */
void durability_warn(const struct durability *d, bool ack, char *out, size_t cap);

#endif
