/*
 * durability: reads the replies about durability and judges the class. Owns nothing, sends nothing.
 */
#include "durability.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LAG_MAX_S 2  /* a replica acknowledges once per second */
#define NEED_MS 3000 /* a failover takes less; a replica that is away for longer is not waited for */

/* The number in a line "name:number" of INFO; 0: there is no such line. */
static uint64_t field(const char *info, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = info; at; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (strncmp(at, name, len) == 0 && at[len] == ':')
			return strtoull(at + len + 1, NULL, 10);
	}
	return 0;
}

/* Counts lines "slave0:ip=...,state=online,offset=...,lag=1" whose lag is not above LAG_MAX_S. */
static unsigned online(const char *info)
{
	unsigned n = 0;

	for (const char *at = info; (at = strstr(at, ",state=online,")); at++) {
		const char *lag = strstr(at, ",lag="), *end = strchr(at, '\n');

		n += lag && (!end || lag < end) && strtol(lag + 5, NULL, 10) <= LAG_MAX_S;
	}
	return n;
}

void durability_begin(struct durability *d)
{
	struct durability before = *d;

	*d = (struct durability){ .needed = before.needed, .needed_ms = before.needed_ms };
	memcpy(d->policy, before.policy, sizeof(d->policy));
}

void durability_read_config(struct durability *d, const char *name, const char *value)
{
	if (strcmp(name, "appendonly") == 0)
		d->aof = strcmp(value, "yes") == 0;
	else if (strcmp(name, "appendfsync") == 0)
		d->always = strcmp(value, "always") == 0;
	else if (strcmp(name, "min-replicas-to-write") == 0)
		d->min_replicas = (unsigned)strtoul(value, NULL, 10);
	else if (strcmp(name, "maxmemory-policy") == 0)
		snprintf(d->policy, sizeof(d->policy), "%s", value);
}

void durability_read_replication(struct durability *d, const char *info)
{
	d->replicas = online(info);
}

void durability_read_persistence(struct durability *d, const char *info)
{
	uint64_t delayed = field(info, "aof_delayed_fsync");
	bool slow = field(info, "aof_pending_bio_fsync") > 0 || (d->has_delayed && delayed > d->delayed);

	d->write_failed = strstr(info, "aof_last_write_status:err") != NULL;
	d->has_delayed = true;
	d->delayed = delayed;
	d->slow_looks = d->slow_looks << 1 | slow;
}

unsigned durability_need(struct durability *d, int64_t now_ms)
{
	if (d->replicas >= d->needed || now_ms - d->needed_ms > NEED_MS) {
		d->needed = d->replicas ? d->replicas : 1;
		d->needed_ms = now_ms;
	}
	return d->needed;
}

/* Even on a fast disk an fsync is pending at one probe now and then. On a slow one it is so at most of them. */
bool durability_lagging(const struct durability *d)
{
	unsigned slow = 0;

	for (unsigned bit = 0; bit < 5; bit++)
		slow += d->slow_looks >> bit & 1;
	return slow >= 2;
}

enum store_durability durability_judge(const struct durability *d, bool ack)
{
	enum store_durability alone = STORE_DUR_POWER;

	if (d->unknown)
		return STORE_DUR_UNKNOWN;
	if (!d->aof || d->write_failed || (!d->always && durability_lagging(d)))
		alone = STORE_DUR_NONE;
	else if (!d->always)
		alone = STORE_DUR_PROCESS;
	if (!ack || d->replicas == 0)
		return alone;
	return d->min_replicas ? STORE_DUR_FAILOVER : STORE_DUR_POWER;
}

void durability_warn(const struct durability *d, bool ack, char *out, size_t cap)
{
	const char *what = "";

	if (d->unknown)
		what = "CONFIG GET or INFO is refused: what Redis may lose is not known";
	else if (d->write_failed)
		what = "Redis cannot write its append-only file";
	else if (d->aof && !d->always && durability_lagging(d))
		what = "the disk of Redis does not keep up with fsync";
	else if (ack && d->replicas == 0)
		what = "redis.ack is replica, and no replica is connected";
	snprintf(out, cap, "%s", what);
	if (d->policy[0] && strcmp(d->policy, "noeviction") != 0)
		snprintf(out, cap, "maxmemory-policy is %s, must be noeviction: Redis may drop live verifications",
		         d->policy);
}

const char *store_durability_name(enum store_durability d)
{
	static const char *const names[] = { "unknown", "none", "process", "power", "failover" };

	return names[d];
}
