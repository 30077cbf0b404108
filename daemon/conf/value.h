/*
 * value: checks one setting against its key, and writes values as text for errors and for comparison.
 */
#ifndef CONF_VALUE_H
#define CONF_VALUE_H

#include "base/buf.h"
#include "keys.h"

#include <stdbool.h>

#define CONF_FOUND_CAP 96

struct config_setting_t;

/* Returns the value of a number, of whichever of libconfig's number types. */
double conf_value_number(const struct config_setting_t *s);
/* True if s is one of the words "a|b|c". *index is its position. */
bool conf_value_choice(const char *words, const char *s, unsigned *index);
/* True for a list that has only groups. */
bool conf_value_groups(const struct config_setting_t *s);

bool conf_value_fits(const struct conf_key *key, const struct config_setting_t *s);

/* Writes what the key allows, in the words of an error text: "a whole number 1..1000". cap includes the NUL. */
void conf_key_allowed(const struct conf_key *key, char *out, size_t cap);

/* Writes the value for an error text, shortened and without control characters. */
void conf_value_found(const struct config_setting_t *s, char out[CONF_FOUND_CAP]);

/* Appends the value, or the default if s is NULL, in one canonical form, and a line end. */
enum err conf_value_render(const struct conf_key *key, const struct config_setting_t *s, struct buf *out) ERR_CHECKED;

#endif
