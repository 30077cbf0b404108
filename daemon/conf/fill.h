/*
 * fill: values of the checked tree into the members that the table of keys names for them.
 */
#ifndef CONF_FILL_H
#define CONF_FILL_H

#include "conf.h"
#include "get.h"

/* Every value that one key alone can tell. Faults nothing; where memory is short a list stays empty. */
void conf_fill(struct conf_tree *t, struct conf *c);

/* The array that conf_fill made of a list of groups, to be completed: base is the struct that path's list is in; NULL:
 * it is empty. */
void *conf_filled(void *base, const char *path);

/* Faults each rate (CONF_RATE) directly in group, whose path is given, that is not [count 1..255, seconds]. */
void conf_check_rates(struct conf_tree *t, const struct config_setting_t *group, const char *path);

#endif
