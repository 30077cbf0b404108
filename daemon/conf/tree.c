/*
 * tree: checks the parsed file against the table of keys, and finds unknown keys, missing keys and values that are not
 * allowed. Owns the faults and the memory of a configuration. It must never read a file or decide what a value means.
 */
#include "tree.h"

#include "like.h"
#include "value.h"

#include <libconfig.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_CAP 256
#define FAULT_CAP 1024

struct block {
	struct block *next;
	max_align_t mem[];
};

struct conf_owned {
	struct block *blocks;
	const char **fixed; /* one text per key of the table; NULL for keys that a reload may change */
};

struct conf_fault {
	struct conf_fault *next;
	unsigned file_rank, line;
	size_t order;
	char text[];
};

struct conf_owned *conf_owned_new(void)
{
	return calloc(1, sizeof(struct conf_owned));
}

void conf_owned_free(struct conf_owned *o)
{
	if (!o)
		return;
	while (o->blocks) {
		struct block *next = o->blocks->next;

		free(o->blocks);
		o->blocks = next;
	}
	free(o);
}

void *conf_alloc(struct conf_tree *t, size_t n, size_t size)
{
	if (n == 0)
		return NULL;
	if (n > (SIZE_MAX - sizeof(struct block)) / size) {
		t->nomem = true;
		return NULL;
	}
	struct block *b = calloc(1, sizeof(*b) + n * size);
	if (!b) {
		t->nomem = true;
		return NULL;
	}
	b->next = t->owned->blocks;
	t->owned->blocks = b;
	return b->mem;
}

const char *conf_copy(struct conf_tree *t, const char *s)
{
	size_t len = strlen(s);
	char *p = conf_alloc(t, len + 1, 1);

	if (!p)
		return "";
	memcpy(p, s, len);
	return p;
}

/* --- faults --- */

/* Writes the path of a setting as the reader of an error sees it, e.g. "smsc[1].rate". */
static void display_path(const config_setting_t *at, char *out, size_t cap)
{
	const config_setting_t *chain[16];
	size_t depth = 0, len = 0;

	out[0] = '\0';
	for (; at && !config_setting_is_root(at) && depth < 16; at = config_setting_parent(at))
		chain[depth++] = at;
	while (depth-- > 0 && len < cap) {
		const char *name = config_setting_name(chain[depth]);
		int n;

		if (name)
			n = snprintf(out + len, cap - len, "%s%s", len ? "." : "", name);
		else
			n = snprintf(out + len, cap - len, "[%d]", config_setting_index(chain[depth]));
		len += n > 0 ? (size_t)n : 0;
	}
}

static void note(struct conf_tree *t, unsigned line, const char *key, const char *text)
{
	char head[64 + PATH_CAP * 2];

	snprintf(head, sizeof(head), "%s:%u: %s%s", t->file, line, key, key[0] ? ": " : "");
	size_t len = strlen(head) + strlen(text) + 1;
	struct conf_fault *f = malloc(sizeof(*f) + len);

	if (!f) {
		t->nomem = true;
		return;
	}
	snprintf(f->text, len, "%s%s", head, text);
	f->file_rank = t->file_rank;
	f->line = line;
	f->order = t->fault_count++;
	f->next = t->faults;
	t->faults = f;
}

void conf_fault_line(struct conf_tree *t, unsigned line, const char *key, const char *text)
{
	note(t, line, key, text);
}

/*
 * Writes the path of at, or of its member `name`, which need not exist. Returns the line, which is 1 for the file's own
 * group.
 */
static unsigned find_place(const config_setting_t *at, const char *name, char path[PATH_CAP])
{
	const config_setting_t *member = name ? config_setting_get_member(at, name) : NULL;
	unsigned line = config_setting_source_line(member ? member : at);

	display_path(member ? member : at, path, PATH_CAP);
	if (name && !member) {
		size_t len = strlen(path);

		snprintf(path + len, PATH_CAP - len, "%s%s", len ? "." : "", name);
	}
	return line ? line : 1;
}

const char *conf_place(struct conf_tree *t, const config_setting_t *at, const char *name)
{
	char path[PATH_CAP];
	unsigned line = find_place(at, name, path);
	size_t cap = strlen(t->file) + PATH_CAP + 32;
	char *text = conf_alloc(t, cap, 1);

	if (!text)
		return "";
	snprintf(text, cap, "%s:%u: %s", t->file, line, path);
	return text;
}

void conf_fault(struct conf_tree *t, const config_setting_t *at, const char *name, const char *fmt, ...)
{
	char path[PATH_CAP], text[FAULT_CAP];
	unsigned line = find_place(at, name, path);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	note(t, line, path, text);
}

static int by_place(const void *x, const void *y)
{
	const struct conf_fault *const *a = x;
	const struct conf_fault *const *b = y;

	if ((*a)->file_rank != (*b)->file_rank)
		return (*a)->file_rank < (*b)->file_rank ? -1 : 1;
	if ((*a)->line != (*b)->line)
		return (*a)->line < (*b)->line ? -1 : 1;
	return (*a)->order < (*b)->order ? -1 : 1;
}

enum err conf_faults_print(struct conf_tree *t, struct buf *errors)
{
	enum err err = ERR_OK;
	size_t n = 0;
	struct conf_fault **all = calloc(t->fault_count + 1, sizeof(struct conf_fault *));

	for (struct conf_fault *f = t->faults; all && f; f = f->next)
		all[n++] = f;
	if (all)
		qsort(all, n, sizeof(struct conf_fault *), by_place);
	/*
	 * If memory was short, a fault may come from a value that was not copied. Therefore no fault is printed then.
	 */
	for (size_t i = 0; i < n && !err && !t->nomem; i++)
		err = buf_printf(errors, "%s\n", all[i]->text);
	if (!all)
		err = ERR_NOMEM;
	free(all);
	while (t->faults) {
		struct conf_fault *next = t->faults->next;

		free(t->faults);
		t->faults = next;
	}
	/* A full buffer is no error. The lines that do not fit are left out. */
	return err == ERR_TOOBIG ? ERR_OK : err;
}

/* --- the file against the table --- */

static void check_group(struct conf_tree *t, const config_setting_t *group, const char *path);

static void check_unknown(struct conf_tree *t, const config_setting_t *s, const char *group)
{
	const struct conf_key *like = conf_key_like(group, config_setting_name(s));

	if (like)
		conf_fault(t, s, NULL, "found an unknown key, allowed: did you mean \"%s\"?", conf_key_name(like));
	else
		conf_fault(t, s, NULL, "found an unknown key, allowed: the keys of otpgwd.conf(5)");
}

static void check_setting(struct conf_tree *t, const config_setting_t *s, const struct conf_key *key)
{
	if (!conf_value_fits(key, s)) {
		char found[CONF_FOUND_CAP], allowed[160];

		conf_value_found(s, found);
		conf_key_allowed(key, allowed, sizeof(allowed));
		conf_fault(t, s, NULL, "found %s, allowed %s", found, allowed);
		return;
	}
	if (key->kind == CONF_GROUP)
		check_group(t, s, key->path);
	if (key->kind == CONF_GROUPS)
		for (int i = 0; i < config_setting_length(s); i++)
			check_group(t, config_setting_get_elem(s, (unsigned)i), key->path);
}

static void check_missing(struct conf_tree *t, const config_setting_t *group, const char *path)
{
	for (size_t i = 0; i < conf_key_count(); i++) {
		const struct conf_key *key = conf_key_at(i);
		char allowed[160];

		if (key->def || !conf_key_in(key, path) || config_setting_get_member(group, conf_key_name(key)))
			continue;
		conf_key_allowed(key, allowed, sizeof(allowed));
		conf_fault(t, group, conf_key_name(key), "found nothing, allowed %s (%s)", allowed, key->help);
	}
}

static void check_group(struct conf_tree *t, const config_setting_t *group, const char *path)
{
	for (int i = 0; i < config_setting_length(group); i++) {
		const config_setting_t *s = config_setting_get_elem(group, (unsigned)i);
		char full[PATH_CAP];

		snprintf(full, sizeof(full), "%s%s%s", path, path[0] ? "." : "", config_setting_name(s));
		const struct conf_key *key = conf_key_find(full);
		if (key)
			check_setting(t, s, key);
		else
			check_unknown(t, s, path);
	}
	check_missing(t, group, path);
}

void conf_tree_check_group(struct conf_tree *t, const config_setting_t *group, const char *path)
{
	check_group(t, group, path);
}

void conf_tree_check(struct conf_tree *t)
{
	check_group(t, t->root, "");
}

/* --- what cannot change while running --- */

struct rendering {
	struct buf out;
	bool failed;
};

static void render(struct rendering *r, const config_setting_t *group, const struct conf_key *key, const char *rest)
{
	const char *dot = strchr(rest, '.');
	char name[PATH_CAP];

	if (!dot) {
		if (conf_value_render(key, group ? config_setting_get_member(group, rest) : NULL, &r->out))
			r->failed = true;
		return;
	}
	snprintf(name, sizeof(name), "%.*s", (int)(dot - rest), rest);
	const config_setting_t *s = group ? config_setting_get_member(group, name) : NULL;
	if (!s || !config_setting_is_list(s)) {
		render(r, s, key, dot + 1);
		return;
	}
	for (int i = 0; i < config_setting_length(s); i++)
		render(r, config_setting_get_elem(s, (unsigned)i), key, dot + 1);
}

static const char *render_key(struct conf_tree *t, const struct conf_key *key)
{
	struct rendering r = { .failed = false };
	const char *text = "";

	buf_init(&r.out, (size_t)1 << 20);
	render(&r, t->root, key, key->path);
	if (buf_append(&r.out, "", 1) || r.failed)
		t->nomem = true;
	else
		text = conf_copy(t, (const char *)buf_data(&r.out));
	buf_clear(&r.out);
	return text;
}

void conf_tree_keep_fixed(struct conf_tree *t)
{
	t->owned->fixed = conf_alloc(t, conf_key_count(), sizeof(const char *));
	for (size_t i = 0; t->owned->fixed && i < conf_key_count(); i++) {
		const struct conf_key *key = conf_key_at(i);

		if (key->change == CONF_FIXED && key->kind != CONF_GROUP && key->kind != CONF_GROUPS)
			t->owned->fixed[i] = render_key(t, key);
	}
}

bool conf_owned_same(const struct conf_owned *a, const struct conf_owned *b, struct buf *names)
{
	bool same = true;

	for (size_t i = 0; i < conf_key_count(); i++) {
		if (!a->fixed[i] || strcmp(a->fixed[i], b->fixed[i]) == 0)
			continue;
		if (buf_printf(names, "%s%s", same ? "" : ", ", conf_key_at(i)->path))
			return false;
		same = false;
	}
	return same;
}
