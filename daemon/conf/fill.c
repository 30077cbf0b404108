/*
 * fill: copies values of the checked tree into the members that the table of keys names for them. It depends on the
 * kinds of keys, not on single keys. It must never note a fault of one value, because tree has noted it already.
 */
#include "fill.h"

#include <libconfig.h>
#include <stdio.h>
#include <string.h>

static void fill_group(struct conf_tree *t, const config_setting_t *g, const char *path, char *base);

/* Stores a whole number, enum or bool of any width. Each value that the table allows fits its member. */
static void put_number(char *at, size_t size, int64_t v)
{
	const uint8_t u8 = (uint8_t)v;
	const uint16_t u16 = (uint16_t)v;
	const uint32_t u32 = (uint32_t)v;

	if (size == sizeof(u8))
		memcpy(at, &u8, size);
	else if (size == sizeof(u16))
		memcpy(at, &u16, size);
	else if (size == sizeof(u32))
		memcpy(at, &u32, size);
}

static void put_text(struct conf_tree *t, const config_setting_t *g, const struct conf_key *key, char *at)
{
	const char *text = conf_str(t, g, key->path);

	if (key->form == CONF_AS_CHARS)
		snprintf(at, key->size, "%s", text);
	else
		memcpy(at, &text, sizeof(text));
}

static void put_array(char *base, const struct conf_key *key, const void *items, size_t n)
{
	n = items ? n : 0;
	memcpy(base + key->at, &items, sizeof(items));
	memcpy(base + key->count_at, &n, sizeof(n));
}

static void fill_list(struct conf_tree *t, const config_setting_t *g, const struct conf_key *key, char *base)
{
	const char *name = conf_key_name(key);
	size_t n = conf_items(g, name);
	char *items = conf_alloc(t, n, key->item_size);

	put_array(base, key, items, n);
	for (size_t i = 0; items && i < n; i++)
		fill_group(t, conf_item(g, name, i), key->path, items + i * key->item_size);
}

static void fill_part(struct conf_tree *t, const config_setting_t *g, const struct conf_key *key, char *base)
{
	const config_setting_t *part =
	    conf_given(g, key->path) ? config_setting_get_member(g, conf_key_name(key)) : NULL;

	if (key->form != CONF_AS_NOTHING)
		put_number(base + key->at, key->size, part != NULL);
	fill_group(t, part, key->path, base);
}

/* Reads the values of a rate, without a check. Returns how many there are, 3 at most. */
static size_t read_rate(const config_setting_t *g, const char *path, uint32_t v[3])
{
	memset(v, 0, 3 * sizeof(*v));
	return conf_ints(g, path, v, 3);
}

static void put_rate(const config_setting_t *g, const struct conf_key *key, char *at)
{
	uint32_t v[3];

	read_rate(g, key->path, v);
	memcpy(at, &(struct policy_rate){ .count = (uint8_t)v[0], .window_s = v[1] }, sizeof(struct policy_rate));
}

static void put_value(struct conf_tree *t, const config_setting_t *g, const struct conf_key *key, char *base)
{
	char *at = base + key->at;
	const char **texts;
	struct conf_file file;
	double real;
	int64_t v;
	size_t n;

	switch (key->kind) {
	case CONF_CHOICE:
		put_number(at, key->size, conf_choice(g, key->path));
		return;
	case CONF_MODE:
		put_number(at, key->size, conf_mode(g, key->path));
		return;
	case CONF_BOOL:
		put_number(at, key->size, conf_bool(g, key->path));
		return;
	case CONF_INT:
		put_number(at, key->size, conf_int(g, key->path));
		return;
	case CONF_TYPE:
		v = conf_int(g, key->path);
		put_number(at, key->size, v < 0 ? 0 : SMPP_TYPE_FIXED | v);
		return;
	case CONF_FLOAT:
		real = conf_float(g, key->path);
		memcpy(at, &real, sizeof(real));
		return;
	case CONF_RATE:
		put_rate(g, key, at);
		return;
	case CONF_FILE:
		file = conf_named_file(t, g, key->path);
		memcpy(at, &file, sizeof(file));
		return;
	case CONF_STRINGS:
		n = conf_strings(t, g, key->path, &texts);
		put_array(base, key, texts, n);
		return;
	case CONF_GROUP:
	case CONF_GROUPS:
	case CONF_STRING:
	case CONF_TEXT:
	case CONF_NAME:
	case CONF_DIGITS:
	case CONF_PATH:
	case CONF_INTS:
	case CONF_IDS:
		return;
	}
}

static void fill_group(struct conf_tree *t, const config_setting_t *g, const char *path, char *base)
{
	for (size_t i = 0; i < conf_key_count(); i++) {
		const struct conf_key *key = conf_key_at(i);

		if (!conf_key_in(key, path))
			continue;
		if (key->kind == CONF_GROUP)
			fill_part(t, g, key, base);
		else if (key->form == CONF_AS_TEXT || key->form == CONF_AS_CHARS)
			put_text(t, g, key, base + key->at);
		else if (key->kind == CONF_GROUPS && key->form != CONF_AS_NOTHING)
			fill_list(t, g, key, base);
		else if (key->form != CONF_AS_NOTHING)
			put_value(t, g, key, base);
	}
}

void conf_fill(struct conf_tree *t, struct conf *c)
{
	fill_group(t, t->root, "", (char *)c);
}

void *conf_filled(void *base, const char *path)
{
	void *items;

	memcpy(&items, (char *)base + conf_key_find(path)->at, sizeof(items));
	return items;
}

void conf_check_rates(struct conf_tree *t, const config_setting_t *group, const char *path)
{
	for (size_t i = 0; i < conf_key_count(); i++) {
		const struct conf_key *key = conf_key_at(i);
		uint32_t v[3];

		if (key->kind != CONF_RATE || !conf_key_in(key, path))
			continue;
		size_t n = read_rate(group, key->path, v);
		if (n == 0 && !key->def[0])
			continue;
		if (n != 2 || v[0] > UINT8_MAX)
			conf_fault(t, group, conf_key_name(key),
			           "found %zu values, the first %u, allowed [count 1..255, seconds]", n, v[0]);
	}
}
