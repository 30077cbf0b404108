/*
 * get: values of the tree with defaults filled in. A getter never fails: where the file is wrong a fault is noted
 * before, and the default is given.
 */
#ifndef CONF_GET_H
#define CONF_GET_H

#include "conf.h"
#include "tree.h"

/* --- values. group: where the key's last part is looked for; NULL: it is absent, the default applies. --- */

const struct config_setting_t *conf_group(const struct conf_tree *t, const char *path); /* of the file itself; NULL */
size_t conf_items(const struct config_setting_t *group, const char *name); /* groups in a list; 0 if absent */
const struct config_setting_t *conf_item(const struct config_setting_t *group, const char *name, size_t i);

bool conf_given(const struct config_setting_t *group, const char *path);
const char *conf_str(struct conf_tree *t, const struct config_setting_t *group, const char *path);
/* The name that a key of kind CONF_FILE holds, and its place in the file. */
struct conf_file conf_named_file(struct conf_tree *t, const struct config_setting_t *group, const char *path);
int64_t conf_int(const struct config_setting_t *group, const char *path);
double conf_float(const struct config_setting_t *group, const char *path);
bool conf_bool(const struct config_setting_t *group, const char *path);
unsigned conf_choice(const struct config_setting_t *group, const char *path); /* which word */
unsigned conf_mode(const struct config_setting_t *group, const char *path);
size_t conf_ints(const struct config_setting_t *group, const char *path, uint32_t *out, size_t cap); /* at most cap */
/* *out: NULL if none. */
size_t conf_strings(struct conf_tree *t, const struct config_setting_t *group, const char *path, const char ***out);

/* Faults every group of the list whose member `name` repeats an earlier one's. */
void conf_unique(struct conf_tree *t, const struct config_setting_t *group, const char *list, const char *name);

#endif
