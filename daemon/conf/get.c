/*
 * get: returns a value of the file, or its default. Owns nothing. A value that does not fit counts as absent, because
 * tree has noted it as a fault already.
 */
#include "get.h"

#include "value.h"

#include <libconfig.h>
#include <stdlib.h>
#include <string.h>

/* Returns the member if it exists and fits, otherwise NULL. Always sets *key. */
static const config_setting_t *member(const config_setting_t *group, const char *path, const struct conf_key **key)
{
	*key = conf_key_find(path);
	const config_setting_t *s = group ? config_setting_get_member(group, conf_key_name(*key)) : NULL;

	return s && conf_value_fits(*key, s) ? s : NULL;
}

const config_setting_t *conf_group(const struct conf_tree *t, const char *path)
{
	const config_setting_t *s = config_setting_get_member(t->root, path);

	return s && config_setting_is_group(s) ? s : NULL;
}

size_t conf_items(const config_setting_t *group, const char *name)
{
	const config_setting_t *s = group ? config_setting_get_member(group, name) : NULL;

	return s && conf_value_groups(s) ? (size_t)config_setting_length(s) : 0;
}

const config_setting_t *conf_item(const config_setting_t *group, const char *name, size_t i)
{
	return config_setting_get_elem(config_setting_get_member(group, name), (unsigned)i);
}

bool conf_given(const config_setting_t *group, const char *path)
{
	const struct conf_key *key;

	return member(group, path, &key) != NULL;
}

static const char *raw_string(const config_setting_t *group, const char *path, const struct conf_key **key)
{
	const config_setting_t *s = member(group, path, key);

	if (s)
		return config_setting_get_string(s);
	return (*key)->def ? (*key)->def : "";
}

const char *conf_str(struct conf_tree *t, const config_setting_t *group, const char *path)
{
	const struct conf_key *key;

	return conf_copy(t, raw_string(group, path, &key));
}

struct conf_file conf_named_file(struct conf_tree *t, const config_setting_t *group, const char *path)
{
	const struct conf_file f = { .name = conf_str(t, group, path),
		                     .at = conf_place(t, group ? group : t->root,
		                                      group ? conf_key_name(conf_key_find(path)) : path) };

	return f;
}

double conf_float(const config_setting_t *group, const char *path)
{
	const struct conf_key *key;
	const config_setting_t *s = member(group, path, &key);

	if (s)
		return conf_value_number(s);
	return key->def ? strtod(key->def, NULL) : key->min;
}

int64_t conf_int(const config_setting_t *group, const char *path)
{
	return (int64_t)conf_float(group, path);
}

bool conf_bool(const config_setting_t *group, const char *path)
{
	const struct conf_key *key;
	const config_setting_t *s = member(group, path, &key);

	return s ? config_setting_get_bool(s) : key->def && strcmp(key->def, "true") == 0;
}

unsigned conf_choice(const config_setting_t *group, const char *path)
{
	const struct conf_key *key;
	const char *s = raw_string(group, path, &key);
	unsigned index = 0;

	return conf_value_choice(key->unit, s, &index) ? index : 0;
}

unsigned conf_mode(const config_setting_t *group, const char *path)
{
	const struct conf_key *key;

	return (unsigned)strtoul(raw_string(group, path, &key), NULL, 8);
}

size_t conf_ints(const config_setting_t *group, const char *path, uint32_t *out, size_t cap)
{
	const struct conf_key *key;
	const config_setting_t *s = member(group, path, &key);
	size_t n = 0;

	if (s) {
		for (; n < cap && n < (size_t)config_setting_length(s); n++)
			out[n] = (uint32_t)conf_value_number(config_setting_get_elem(s, (unsigned)n));
		return n;
	}
	for (const char *p = key->def ? key->def : ""; *p && n < cap; n++) {
		char *end;

		out[n] = (uint32_t)strtoul(p, &end, 10);
		p = end + strspn(end, ", ");
	}
	return n;
}

size_t conf_strings(struct conf_tree *t, const config_setting_t *group, const char *path, const char ***out)
{
	const struct conf_key *key;
	const config_setting_t *s = member(group, path, &key);
	size_t n = s ? (size_t)config_setting_length(s) : 0;

	*out = conf_alloc(t, n, sizeof(const char *));
	if (!*out)
		return 0;
	for (size_t i = 0; i < n; i++)
		(*out)[i] = conf_copy(t, config_setting_get_string_elem(s, (int)i));
	return n;
}

void conf_unique(struct conf_tree *t, const config_setting_t *group, const char *list, const char *name)
{
	size_t n = conf_items(group, list);

	for (size_t i = 1; i < n; i++) {
		const config_setting_t *item = conf_item(group, list, i);
		const config_setting_t *mine = config_setting_get_member(item, name);
		const char *a = mine ? config_setting_get_string(mine) : NULL;

		for (size_t j = 0; a && j < i; j++) {
			const config_setting_t *other = config_setting_get_member(conf_item(group, list, j), name);
			const char *b = other ? config_setting_get_string(other) : NULL;

			if (!b || strcmp(a, b) != 0)
				continue;
			conf_fault(t, item, name, "found \"%s\" a second time, allowed once (line %u has it)", a,
			           config_setting_source_line(other));
			break;
		}
	}
}
