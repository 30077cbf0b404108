/*
 * get: returns values of the tree, or their defaults. A getter never fails. Where the file is wrong, a fault was noted
 * before, and the getter returns the default.
 */
#ifndef CONF_GET_H
#define CONF_GET_H

#include "conf.h"
#include "tree.h"

/* --- values. group has the last part of the path; NULL: the value is absent, so the default applies. --- */

const struct config_setting_t *conf_group(const struct conf_tree *t,
                                          const char *path);               /* a group of the file itself, or NULL */
size_t conf_items(const struct config_setting_t *group, const char *name); /* number of groups; 0 if absent */
const struct config_setting_t *conf_item(const struct config_setting_t *group, const char *name, size_t i);

bool conf_given(const struct config_setting_t *group, const char *path);
const char *conf_str(struct conf_tree *t, const struct config_setting_t *group, const char *path);
/* Returns the name that a key of kind CONF_FILE holds, and its place in the file. */
struct conf_file conf_named_file(struct conf_tree *t, const struct config_setting_t *group, const char *path);
int64_t conf_int(const struct config_setting_t *group, const char *path);
double conf_float(const struct config_setting_t *group, const char *path);
bool conf_bool(const struct config_setting_t *group, const char *path);
unsigned conf_choice(const struct config_setting_t *group, const char *path); /* index of the word */
unsigned conf_mode(const struct config_setting_t *group, const char *path);
size_t conf_ints(const struct config_setting_t *group, const char *path, uint32_t *out,
                 size_t cap); /* returns how many */
/* Returns the number of strings. *out is NULL if there are none. */
size_t conf_strings(struct conf_tree *t, const struct config_setting_t *group, const char *path, const char ***out);

/* Notes a fault for every group of the list whose member `name` repeats that of an earlier group. */
void conf_unique(struct conf_tree *t, const struct config_setting_t *group, const char *list, const char *name);

#endif
