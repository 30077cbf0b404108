/*
 * keys: the table of keys is whole: each key once and in a group, and each value has a place that it fits into.
 */
#include "conf.h"
#include "../../../daemon/conf/keys.h"
#include "../../../daemon/conf/like.h"
#include "../../../daemon/conf/value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void test_key_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < conf_key_count(); i++) {
		const struct conf_key *key = conf_key_at(i);
		const char *dot = strrchr(key->path, '.');
		char allowed[160], group[128];

		assert_ptr_equal(conf_key_find(key->path), key); /* once only */
		conf_key_allowed(key, allowed, sizeof(allowed));
		assert_true(allowed[0] && strlen(allowed) < sizeof(allowed) - 1);
		assert_true(key->help[0]);
		if (!dot)
			continue;
		snprintf(group, sizeof(group), "%.*s", (int)(dot - key->path), key->path);
		assert_non_null(conf_key_find(group));
		assert_true(conf_key_find(group)->kind <= CONF_GROUPS);
		assert_true(conf_key_in(key, group));
	}
	assert_null(conf_key_find("nope"));
	assert_null(conf_key_like("api", "xylophone"));
	assert_string_equal(conf_key_like("", "drain")->path, "drain_s");
}

/* The list whose elements hold the key's value; NULL: struct conf does. */
static const struct conf_key *holder(const struct conf_key *key)
{
	char path[128];

	snprintf(path, sizeof(path), "%s", key->path);
	for (char *dot = strrchr(path, '.'); dot; dot = strrchr(path, '.')) {
		*dot = '\0';
		if (conf_key_find(path)->kind == CONF_GROUPS)
			return conf_key_find(path);
	}
	return NULL;
}

static size_t width(const struct conf_key *key)
{
	if (key->form == CONF_AS_TEXT || key->kind == CONF_GROUPS || key->kind == CONF_STRINGS)
		return sizeof(char *);
	if (key->form == CONF_AS_CHARS)
		return (size_t)key->max + 1;
	if (key->kind == CONF_BOOL || key->kind == CONF_GROUP)
		return sizeof(bool);
	if (key->kind == CONF_FLOAT)
		return sizeof(double);
	if (key->kind == CONF_RATE)
		return sizeof(struct policy_rate);
	if (key->kind == CONF_FILE)
		return sizeof(struct conf_file);
	if (key->kind == CONF_CHOICE)
		return key->size;
	return key->max <= UINT8_MAX ? 1 : key->max <= UINT16_MAX ? 2 : 4;
}

/* Each value has room where it goes, inside the struct that its group fills, and for itself. */
static void test_places_of_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < conf_key_count(); i++) {
		const struct conf_key *key = conf_key_at(i), *list = holder(key);
		const size_t whole = list ? list->item_size : sizeof(struct conf);

		if (key->form == CONF_AS_NOTHING)
			continue;
		assert_true(key->kind != CONF_INTS && key->kind != CONF_IDS); /* filled by hand */
		assert_true(key->size >= width(key) && key->at + key->size <= whole);
		if (key->kind == CONF_GROUPS || key->kind == CONF_STRINGS)
			assert_true(key->item_size > 0 && key->count_at + sizeof(size_t) <= whole);
		for (size_t j = 0; j < i; j++) {
			const struct conf_key *other = conf_key_at(j);

			if (other->form != CONF_AS_NOTHING && holder(other) == list)
				assert_true(other->at + other->size <= key->at || key->at + key->size <= other->at);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_key_table),
		cmocka_unit_test(test_places_of_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
