/*
 * value: one setting against its key: does it fit, what was found, its canonical text.
 */
#ifndef CONF_VALUE_H
#define CONF_VALUE_H

#include "base/buf.h"
#include "keys.h"

#include <stdbool.h>

#define CONF_FOUND_CAP 96

struct config_setting_t;

/* A number of any of libconfig's kinds. */
double conf_value_number(const struct config_setting_t *s);
/* Which of "a|b|c" s is. */
bool conf_value_choice(const char *words, const char *s, unsigned *index);
/* A list of groups and of nothing else. */
bool conf_value_groups(const struct config_setting_t *s);

bool conf_value_fits(const struct conf_key *key, const struct config_setting_t *s);

/* What the key may hold, as words for an error: "a whole number 1..1000". At most cap octets with NUL. */
void conf_key_allowed(const struct conf_key *key, char *out, size_t cap);

/* The value as words for an error, shortened and without control characters. */
void conf_value_found(const struct config_setting_t *s, char out[CONF_FOUND_CAP]);

/* The value, or the default where s is NULL, in one canonical form and a line end. */
enum err conf_value_render(const struct conf_key *key, const struct config_setting_t *s, struct buf *out) ERR_CHECKED;

#endif
