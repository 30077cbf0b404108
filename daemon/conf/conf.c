/*
 * conf: the configuration file against the table of keys, into one immutable struct, or all its faults at once.
 * Owns the parser. Never opens a file that the configuration names: that is the work of credentials and of the rooms.
 */
#include "get.h"
#include "groups.h"

#include <errno.h>
#include <libconfig.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX ((size_t)1 << 20)

static void fill_log(struct conf_tree *t, struct conf *c)
{
	static const enum log_level levels[] = { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

	c->log_level = levels[conf_choice(t->root, "log_level")];
}

static void fill_instance(struct conf_tree *t, struct conf *c)
{
	c->instance = conf_str(t, t->root, "instance");
	if (strpbrk(c->instance, "_-"))
		conf_fault(t, t->root, "instance", "found \"%s\", allowed 1-8 of a-z 0-9", c->instance);
	c->lock = conf_str(t, t->root, "lock");
	c->drain_s = conf_u32(t->root, "drain_s");
}

static void fill_api(struct conf_tree *t, struct conf *c)
{
	const config_setting_t *g = conf_group(t, "api");

	c->api = (struct api_opts){
		.socket_path = conf_str(t, g, "api.socket"),
		.socket_group = conf_str(t, g, "api.group"),
		.socket_name = "api",
		.socket_mode = (mode_t)conf_mode(g, "api.mode"),
		.backlog = (int)conf_int(g, "api.backlog"),
		.max_clients = conf_u32(g, "api.max_clients"),
		.max_clients_per_uid = conf_u32(g, "api.max_clients_per_uid"),
		.max_pending = conf_u32(g, "api.max_pending"),
		.request_timeout_ms = conf_u32(g, "api.request_timeout_ms"),
		.idle_timeout_ms = conf_u32(g, "api.idle_timeout_ms"),
		.max_output = conf_u32(g, "api.max_output_bytes"),
		.max_buffered = conf_u32(g, "api.max_buffered_bytes"),
	};
}

static void fill_stats(struct conf_tree *t, struct conf *c)
{
	const config_setting_t *g = conf_group(t, "stats");

	c->stats = (struct statsock_opts){
		.socket_path = conf_str(t, g, "stats.socket"),
		.socket_group = conf_str(t, g, "stats.group"),
		.socket_name = "stats",
		.socket_mode = (mode_t)conf_mode(g, "stats.mode"),
	};
	if (strcmp(c->stats.socket_path, c->api.socket_path) == 0)
		conf_fault(t, g ? g : t->root, g ? "socket" : "stats",
		           "found \"%s\", allowed another path than api.socket's", c->stats.socket_path);
}

static void fill_store(struct conf_tree *t, struct conf *c)
{
	const config_setting_t *g = conf_group(t, "store");

	c->store.partitions = (uint16_t)conf_int(g, "store.partitions");
	c->store.lease_ms = conf_u32(g, "store.lease_ms");
	c->flow.partitions = c->store.partitions;
	c->flow.lease_ms = c->store.lease_ms;
}

static void fill_keys(struct conf_tree *t, struct conf *c)
{
	const config_setting_t *g = conf_group(t, "keys");
	size_t n = conf_items(g, "codes");
	bool found = n == 0; /* then the list itself is the fault */

	c->index_key_file = conf_named_file(t, g, "keys.index");
	c->code_keys = conf_alloc(t, n, sizeof(*c->code_keys));
	c->code_key_count = c->code_keys ? n : 0;
	c->current_kid = (uint8_t)conf_int(g, "keys.current");
	for (size_t i = 0; i < c->code_key_count; i++) {
		const config_setting_t *k = conf_item(g, "codes", i);

		c->code_keys[i].kid = (uint8_t)conf_int(k, "keys.codes.kid");
		c->code_keys[i].file = conf_named_file(t, k, "keys.codes.file");
		found = found || c->code_keys[i].kid == c->current_kid;
		for (size_t j = 0; j < i && conf_given(k, "keys.codes.kid"); j++)
			if (c->code_keys[j].kid == c->code_keys[i].kid)
				conf_fault(t, k, "kid", "found %u a second time, allowed once",
				           (unsigned)c->code_keys[i].kid);
		if (c->code_keys[i].file.name[0] && strcmp(c->code_keys[i].file.name, c->index_key_file.name) == 0)
			conf_fault(t, k, "file", "found the file of keys.index, allowed one of its own");
	}
	if (!found && conf_given(g, "keys.current"))
		conf_fault(t, g, "current", "found %u, allowed a kid of keys.codes", (unsigned)c->current_kid);
}

static void fill_flow(struct conf_tree *t, struct conf *c)
{
	const config_setting_t *delivery = conf_group(t, "delivery");

	c->flow.queue_max = conf_u32(conf_group(t, "queue"), "queue.max");
	c->flow.redis_in_flight = conf_u32(conf_group(t, "redis"), "redis.max_in_flight");
	c->flow.send_target_ms = conf_u32(conf_group(t, "redis"), "redis.send_target_ms");
	c->flow.reroute = conf_bool(delivery, "delivery.reroute_on_failed_receipt");
	c->flow.ambiguous = (enum flow_ambiguous)conf_choice(delivery, "delivery.ambiguous");
	c->flow.receipt_memory_s = conf_u32(delivery, "delivery.receipt_memory_s");
}

static void fill(struct conf_tree *t, struct conf *c)
{
	fill_log(t, c);
	fill_instance(t, c);
	fill_api(t, c);
	fill_stats(t, c);
	conf_fill_redis(t, c);
	fill_store(t, c);
	fill_keys(t, c);
	fill_flow(t, c);
	conf_fill_smscs(t, c);
	conf_fill_routes(t, c);
	conf_fill_numbering(t, c);
	conf_fill_purposes(t, c);
	conf_fill_templates(t, c);
	conf_fill_tenants(t, c);
	c->path = conf_copy(t, t->file);
	conf_tree_keep_fixed(t);
}

/* One file, so that "all or nothing" at a reload is true: the parser's own @include is refused. */
static bool has_include(const char *text, unsigned *line)
{
	*line = 1;
	for (const char *p = text; p; p = strchr(p, '\n')) {
		if (*p == '\n') {
			p++;
			++*line;
		}
		p += strspn(p, " \t");
		if (strncmp(p, "@include", 8) == 0)
			return true;
	}
	return false;
}

static void parse(struct conf_tree *t, config_t *parser, const char *text, size_t len, struct conf *c)
{
	unsigned line;

	if (memchr(text, '\0', len)) {
		conf_fault_line(t, 1, "", "found a NUL octet, allowed text");
		return;
	}
	if (has_include(text, &line)) {
		conf_fault_line(t, line, "@include", "found an include, allowed one file that holds everything");
		return;
	}
	if (!config_read_string(parser, text)) {
		char words[160];
		int at = config_error_line(parser);

		snprintf(words, sizeof(words), "found a %s, allowed libconfig's syntax: key = value;",
		         config_error_text(parser) ? config_error_text(parser) : "syntax error");
		conf_fault_line(t, at > 0 ? (unsigned)at : 1, "", words);
		return;
	}
	t->root = config_root_setting(parser);
	conf_tree_check(t);
	fill(t, c);
}

enum err conf_load_text(const char *file, const char *text, size_t len, struct conf **out, struct buf *errors)
{
	struct conf *c = calloc(1, sizeof(*c));
	struct conf_tree t = { .file = file, .owned = conf_owned_new() };
	char *copy = calloc(1, len + 1);
	enum err err = ERR_NOMEM;
	config_t parser;

	if (c)
		c->owned = t.owned;
	if (c && t.owned && copy) {
		memcpy(copy, text, len);
		config_init(&parser);
		parse(&t, &parser, copy, len, c);
		config_destroy(&parser);
		err = t.fault_count > 0 ? ERR_INVALID : ERR_OK;
		if (conf_faults_print(&t, errors) || t.nomem)
			err = ERR_NOMEM;
	}
	free(copy);
	if (!err) {
		*out = c;
		return ERR_OK;
	}
	conf_owned_free(t.owned);
	free(c);
	return err;
}

/* Whether another file would help, or the same one later. */
static enum err of_errno(int why)
{
	switch (why) {
	case ENOMEM:
		return ERR_NOMEM;
	case EMFILE:
	case ENFILE:
	case EIO:
	case EINTR:
		return ERR_IO;
	default:
		return ERR_INVALID;
	}
}

static enum err refuse_file(const char *path, const char *why, struct buf *errors)
{
	enum err err =
	    buf_printf(errors, "%s:0: found %s, allowed a readable file of at most %zu octets\n", path, why, FILE_MAX);

	return err == ERR_NOMEM ? err : ERR_INVALID;
}

enum err conf_load(const char *path, struct conf **out, struct buf *errors)
{
	FILE *f = fopen(path, "re");

	if (!f) {
		enum err kind = of_errno(errno), refused = refuse_file(path, strerror(errno), errors);

		return refused == ERR_NOMEM ? refused : kind;
	}
	char *text = malloc(FILE_MAX + 1);
	if (!text) {
		fclose(f);
		return ERR_NOMEM;
	}
	errno = 0;
	size_t len = fread(text, 1, FILE_MAX + 1, f);
	bool failed = ferror(f) != 0;
	int why = errno;
	enum err err;

	fclose(f);
	if (failed) {
		err = refuse_file(path, why ? strerror(why) : "an error of reading", errors);
		err = err == ERR_NOMEM ? err : of_errno(why);
	} else if (len > FILE_MAX)
		err = refuse_file(path, "a larger file", errors);
	else
		err = conf_load_text(path, text, len, out, errors);
	free(text);
	return err;
}

void conf_free(struct conf *c)
{
	if (!c)
		return;
	conf_owned_free(c->owned);
	free(c);
}

bool conf_same_fixed(const struct conf *a, const struct conf *b, struct buf *names)
{
	return conf_owned_same(a->owned, b->owned, names);
}
