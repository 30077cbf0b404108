/*
 * value: checks one setting against its key, and writes settings and what is allowed as text. Owns nothing. It must
 * never note a fault.
 */
#include "value.h"

#include <libconfig.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_number(const config_setting_t *s)
{
	return config_setting_type(s) == CONFIG_TYPE_INT || config_setting_type(s) == CONFIG_TYPE_INT64;
}

double conf_value_number(const config_setting_t *s)
{
	if (config_setting_type(s) == CONFIG_TYPE_FLOAT)
		return config_setting_get_float(s);
	return (double)config_setting_get_int64(s);
}

static bool number_fits(const struct conf_key *key, const config_setting_t *s)
{
	double v = conf_value_number(s);

	return v >= key->min && v <= key->max;
}

static bool clean(const char *s, bool breaks)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if ((c < 0x20 && !(breaks && c == '\n')) || c == 0x7f)
			return false;
	}
	return true;
}

static bool only(const char *s, const char *set)
{
	return s[strspn(s, set)] == '\0';
}

static bool mode_fits(const char *s)
{
	return strlen(s) >= 3 && strlen(s) <= 4 && only(s, "01234567") && strtoul(s, NULL, 8) <= 0777;
}

bool conf_value_choice(const char *words, const char *s, unsigned *index)
{
	size_t len = strlen(s);

	for (unsigned i = 0; *words; i++) {
		size_t n = strcspn(words, "|");

		if (n == len && strncmp(words, s, n) == 0) {
			*index = i;
			return true;
		}
		words += n + (words[n] == '|');
	}
	return false;
}

static bool string_fits(const struct conf_key *key, const config_setting_t *setting)
{
	const char *s = config_setting_get_string(setting);
	unsigned index;

	if (!s)
		return false;
	if (key->kind == CONF_CHOICE)
		return conf_value_choice(key->unit, s, &index);
	if (key->kind == CONF_MODE)
		return mode_fits(s);
	double len = (double)strlen(s);
	if (len < key->min || len > key->max || !clean(s, key->kind == CONF_TEXT))
		return false;
	if (key->kind == CONF_NAME)
		return only(s, "abcdefghijklmnopqrstuvwxyz0123456789_-");
	if (key->kind == CONF_DIGITS)
		return only(s, "0123456789");
	if (key->kind == CONF_PATH)
		return s[0] == '/' || s[0] == '\0';
	if (key->kind == CONF_FILE)
		return s[0] == '/' || !strchr(s, '/');
	return true;
}

static bool element_fits(const struct conf_key *key, const config_setting_t *e)
{
	if (key->kind == CONF_INTS || key->kind == CONF_RATE)
		return is_number(e) && number_fits(key, e);
	if (key->kind == CONF_STRINGS)
		return string_fits(key, e);
	if (is_number(e))
		return number_fits(key, e);
	const char *s = config_setting_get_string(e);
	return s && s[0] && strlen(s) <= 255 && clean(s, false);
}

static bool elements_fit(const struct conf_key *key, const config_setting_t *s)
{
	if (!config_setting_is_array(s) && !config_setting_is_list(s))
		return false;
	for (int i = 0; i < config_setting_length(s); i++)
		if (!element_fits(key, config_setting_get_elem(s, (unsigned)i)))
			return false;
	return true;
}

bool conf_value_groups(const config_setting_t *s)
{
	if (!config_setting_is_list(s) && !(config_setting_is_array(s) && config_setting_length(s) == 0))
		return false;
	for (int i = 0; i < config_setting_length(s); i++)
		if (!config_setting_is_group(config_setting_get_elem(s, (unsigned)i)))
			return false;
	return true;
}

bool conf_value_fits(const struct conf_key *key, const config_setting_t *s)
{
	switch (key->kind) {
	case CONF_GROUP:
		return config_setting_is_group(s);
	case CONF_GROUPS:
		return conf_value_groups(s) && (key->def || config_setting_length(s) > 0);
	case CONF_STRING:
	case CONF_TEXT:
	case CONF_NAME:
	case CONF_DIGITS:
	case CONF_CHOICE:
	case CONF_PATH:
	case CONF_FILE:
	case CONF_MODE:
		return string_fits(key, s);
	case CONF_BOOL:
		return config_setting_type(s) == CONFIG_TYPE_BOOL;
	case CONF_INT:
	case CONF_TYPE:
		return is_number(s) && number_fits(key, s);
	case CONF_FLOAT:
		return (is_number(s) || config_setting_type(s) == CONFIG_TYPE_FLOAT) && number_fits(key, s);
	case CONF_INTS:
	case CONF_RATE:
	case CONF_STRINGS:
	case CONF_IDS:
		return elements_fit(key, s) && (key->def || config_setting_length(s) > 0);
	}
	return false;
}

/* --- as text --- */

static void allowed_number(const struct conf_key *key, const char *what, char *out, size_t cap)
{
	snprintf(out, cap, "%s %.10g..%.10g%s%s", what, key->min, key->max, key->unit[0] ? " " : "", key->unit);
}

static void allowed_text(const struct conf_key *key, const char *what, char *out, size_t cap)
{
	if (key->min >= key->max)
		snprintf(out, cap, "%s of %.0f octets", what, key->max);
	else
		snprintf(out, cap, "%s of %.0f..%.0f octets without control characters", what, key->min, key->max);
}

void conf_key_allowed(const struct conf_key *key, char *out, size_t cap)
{
	switch (key->kind) {
	case CONF_GROUP:
		snprintf(out, cap, "a group { ... }");
		return;
	case CONF_GROUPS:
		snprintf(out, cap, "a list of groups ( { ... }, { ... } )");
		return;
	case CONF_STRING:
	case CONF_TEXT:
		allowed_text(key, "a text", out, cap);
		return;
	case CONF_NAME:
		snprintf(out, cap, "%.0f-%.0f of a-z 0-9 _ -", key->min, key->max);
		return;
	case CONF_DIGITS:
		snprintf(out, cap, "a text of %.0f-%.0f digits", key->min, key->max);
		return;
	case CONF_CHOICE:
		snprintf(out, cap, "one of %s", key->unit);
		return;
	case CONF_PATH:
		snprintf(out, cap, "an absolute path of at most %.0f octets", key->max);
		return;
	case CONF_FILE:
		snprintf(out, cap, "a file's absolute path, or its name in the credentials directory");
		return;
	case CONF_MODE:
		snprintf(out, cap, "an octal mode in quotes, \"0000\" to \"0777\"");
		return;
	case CONF_BOOL:
		snprintf(out, cap, "true or false");
		return;
	case CONF_INT:
	case CONF_TYPE:
		allowed_number(key, "a whole number", out, cap);
		return;
	case CONF_FLOAT:
		allowed_number(key, "a number", out, cap);
		return;
	case CONF_INTS:
	case CONF_RATE:
		allowed_number(key, "an array of whole numbers", out, cap);
		return;
	case CONF_STRINGS:
		allowed_text(key, "an array of texts", out, cap);
		return;
	case CONF_IDS:
		snprintf(out, cap, "an array of numbers 0..4294967294, or of names");
		return;
	}
}

static void found_string(const char *s, char out[CONF_FOUND_CAP])
{
	char shown[49];
	size_t n = 0;

	for (; s[n] && n < sizeof(shown) - 1; n++) {
		unsigned char c = (unsigned char)s[n];

		shown[n] = c < 0x20 || c == 0x7f ? '?' : s[n];
	}
	shown[n] = '\0';
	snprintf(out, CONF_FOUND_CAP, "\"%s%s\" (%zu octets)", shown, s[n] ? "..." : "", strlen(s));
}

void conf_value_found(const config_setting_t *s, char out[CONF_FOUND_CAP])
{
	switch (config_setting_type(s)) {
	case CONFIG_TYPE_STRING:
		found_string(config_setting_get_string(s), out);
		return;
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		snprintf(out, CONF_FOUND_CAP, "%lld", config_setting_get_int64(s));
		return;
	case CONFIG_TYPE_FLOAT:
		snprintf(out, CONF_FOUND_CAP, "%g", config_setting_get_float(s));
		return;
	case CONFIG_TYPE_BOOL:
		snprintf(out, CONF_FOUND_CAP, "%s", config_setting_get_bool(s) ? "true" : "false");
		return;
	case CONFIG_TYPE_GROUP:
		snprintf(out, CONF_FOUND_CAP, "a group");
		return;
	default:
		break;
	}
	/* In an array mostly one element is at fault, so the first three elements are shown. */
	size_t len = (size_t)snprintf(out, CONF_FOUND_CAP, "[");
	for (int i = 0; i < config_setting_length(s) && i < 3; i++) {
		char element[CONF_FOUND_CAP];
		const config_setting_t *e = config_setting_get_elem(s, (unsigned)i);

		if (config_setting_is_aggregate(e))
			snprintf(element, sizeof(element), "{...}");
		else
			conf_value_found(e, element);
		int n = snprintf(out + len, CONF_FOUND_CAP - len, "%s%.24s", i ? ", " : "", element);
		len += (size_t)n;
	}
	snprintf(out + len, CONF_FOUND_CAP - len, "%s]", config_setting_length(s) > 3 ? ", ..." : "");
}

enum err conf_value_render(const struct conf_key *key, const config_setting_t *s, struct buf *out)
{
	const char *text = s ? config_setting_get_string(s) : NULL;

	if (!s)
		return buf_printf(out, "%s\n", key->def ? key->def : "");
	if (text)
		return buf_printf(out, "%s\n", text);
	if (config_setting_type(s) == CONFIG_TYPE_BOOL)
		return buf_printf(out, "%s\n", config_setting_get_bool(s) ? "true" : "false");
	return buf_printf(out, "%.10g\n", conf_value_number(s));
}
