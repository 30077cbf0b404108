/*
 * fill: copies values of the checked tree into the members that the table of keys names for them.
 */
#ifndef CONF_FILL_H
#define CONF_FILL_H

#include "conf.h"
#include "get.h"

/* Fills every value that depends on one key alone. Notes no fault. Without memory a list stays empty. */
void conf_fill(struct conf_tree *t, struct conf *c);

/*
 * Returns the array that conf_fill made of the list at path, so that the caller can complete it. base is the struct
 * that holds the list. NULL: the list is empty.
 */
void *conf_filled(void *base, const char *path);

/*
 * Notes a fault for each rate (CONF_RATE) directly in group that is not [count 1..255, seconds]. path is the path of
 * group.
 */
void conf_check_rates(struct conf_tree *t, const struct config_setting_t *group, const char *path);

#endif
