/*
 * conf: reads a configuration file, checks it against the table of keys, and fills one immutable struct or reports all
 * faults at once. Owns the parser. It must never open a file that the configuration names, because credentials and the
 * modules that use such a file do that.
 */
#include "fill.h"
#include "groups.h"

#include <errno.h>
#include <libconfig.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX ((size_t)1 << 20)

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
	c->path = conf_copy(t, t->file);
	conf_tree_keep_fixed(t);
}

/*
 * Finds the parser's @include, which is refused: the configuration must be one file, so that a reload takes all of it
 * or nothing.
 */
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

/* ERR_IO, ERR_NOMEM: the same file may be readable later. ERR_INVALID: only a change of the file or its path helps. */
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
