/*
 * store: begins and ends the store, and answers questions about its state. Owns the nodes.
 */
#include "door.h"

#include "base/clock.h"
#include "base/stats.h"
#include "conn_io.h"
#include "redis_error.h"

#include <stdlib.h>
#include <string.h>

enum err store_new(struct loop *loop, struct resolver *resolver, const struct store_opts *opts,
                   const struct store_hooks *hooks, struct store **out)
{
	struct store *s = calloc(1, sizeof(*s));

	if (!s)
		return ERR_NOMEM;
	s->opts = *opts;
	memcpy(s->owner, opts->owner, strnlen(opts->owner, sizeof(s->owner)));
	mark_batch_init(&s->marks, s, loop);
	redis_error_start();
	conn_io_start();
	s->gone =
	    stats_counter("otpgwd_journal_gone_total", "Leases that ran out on a verification past its end.", NULL);
	s->unreadable = stats_counter("otpgwd_redis_unreadable_total",
	                              "Values in Redis that another version wrote, or that were changed.", NULL);
	enum err err = nodes_new(loop, resolver, &s->opts, hooks, &s->nodes);
	if (err)
		free(s);
	else
		*out = s;
	return err;
}

void store_start(struct store *s)
{
	nodes_start(s->nodes);
}

void store_free(struct store *s)
{
	if (!s)
		return;
	mark_batch_end(&s->marks);
	nodes_free(s->nodes);
	free(s);
}

void store_versions(uint32_t *oldest, uint32_t *newest)
{
	*oldest = RECORD_OLDEST;
	*newest = RECORD_NEWEST;
}

void store_configure(struct store *s, const struct store_numbers *numbers)
{
	s->numbers = *numbers;
	s->write_version = numbers->write_version ? numbers->write_version : RECORD_OLDEST;
}

bool store_up(const struct store *s)
{
	return node_set_up(nodes_set(s->nodes));
}

bool store_whole(const struct store *s)
{
	return node_set_whole(nodes_set(s->nodes));
}

int64_t store_now_ms(const struct store *s)
{
	return clock_mono_ms() + node_set_offset_ms(nodes_set(s->nodes));
}

int64_t store_retry_ms(const struct store *s)
{
	return node_set_retry_ms(nodes_set(s->nodes));
}

enum store_durability store_durability(const struct store *s)
{
	return node_set_durability(nodes_set(s->nodes));
}

const char *store_warning(const struct store *s)
{
	return node_set_warning(nodes_set(s->nodes));
}

const char *store_reason(const struct store *s)
{
	return node_set_reason(nodes_set(s->nodes));
}

const char *store_refusing(const struct store *s)
{
	return node_set_refusing(nodes_set(s->nodes));
}

const char *store_lacks(const struct store *s)
{
	return node_set_lacks(nodes_set(s->nodes));
}

void store_status(const struct store *s, struct json *j)
{
	json_bool(j, "up", store_up(s));
	json_str(j, "reason", node_set_reason(nodes_set(s->nodes)));
	json_str(j, "refusing", node_set_refusing(nodes_set(s->nodes)));
	json_str(j, "lacks", store_lacks(s));
	json_int(j, "retry_ms", store_retry_ms(s));
	json_str(j, "durability", store_durability_name(store_durability(s)));
	json_str(j, "ack", s->opts.ack_replica ? "replica" : "local");
	json_str(j, "warning", store_warning(s));
	json_str(j, "library", library_name());
	json_int(j, "write_version", s->write_version);
	node_set_status(nodes_set(s->nodes), j);
}

void store_unreadable(struct store *s, const char *what, const struct ident *id)
{
	(void)!door_unreadable(s, what, id);
}
