/*
 * conf: reads a configuration file, checks it against the table of keys, and fills one immutable struct or reports all
 * faults at once. Owns the parser. It must never open a file that the configuration names, because plans, credentials
 * and the modules that use such a file do that.
 */
#include "fill.h"
#include "groups.h"
#include "source.h"

#include <libconfig.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fill(struct conf_tree *t, struct conf *c)
{
	conf_fill(t, c);
	conf_fill_instance(t, c);
	conf_fill_redis(t, c);
	conf_fill_code_keys(t, c);
	conf_fill_smscs(t, c);
	conf_fill_routes(t, c);
	conf_fill_numbering(t, c);
	conf_fill_purposes(t, c);
	conf_check_templates(t, c);
	conf_check_reverse(t, c);
	conf_fill_tenants(t, c);
	conf_fill_tests(t, c);
	conf_check_proof(t, c);
	conf_fill_sentences(t, c);
	c->path = conf_copy(t, t->file);
	conf_tree_keep_fixed(t);
}

static void parse(struct conf_tree *t, config_t *parser, const char *text, size_t len, struct conf *c)
{
	if (!conf_source_parse(t, parser, text, len))
		return;
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
		err = t.unread ? ERR_IO : t.fault_count > 0 ? ERR_INVALID : ERR_OK;
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

static enum err refuse_file(const char *path, const char *why, struct buf *errors)
{
	enum err err = buf_printf(errors, "%s:0: found %s, allowed a readable file of at most %zu octets\n", path, why,
	                          CONF_SOURCE_MAX);

	return err == ERR_NOMEM ? err : ERR_INVALID;
}

enum err conf_load(const char *path, struct conf **out, struct buf *errors)
{
	char why[CONF_WHY_CAP] = "", *text;
	size_t len;
	enum err err = conf_source_read(path, &text, &len, why), refused;

	if (err == ERR_NOMEM)
		return err;
	if (err) {
		refused = refuse_file(path, why, errors);
		return refused == ERR_NOMEM ? refused : err;
	}
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
