/*
 * tree: checks the parsed file against the table of keys, keeps the faults with their lines, and owns the memory of a
 * configuration.
 */
#ifndef CONF_TREE_H
#define CONF_TREE_H

#include "base/buf.h"
#include "base/err.h"
#include "keys.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config_setting_t; /* libconfig's */
struct conf_fault;
struct conf_owned; /* all memory behind a configuration, and its fixed values */

struct conf_tree {
	const char *file;   /* name of the file in faults */
	unsigned file_rank; /* faults are told by file, in this order; 0: the main file */
	unsigned files;     /* read beside the main file */
	const struct config_setting_t *root;
	struct conf_owned *owned;
	struct conf_fault *faults; /* newest first */
	size_t fault_count;
	bool nomem;
	bool unread; /* a file could not be read, and may be readable later without a change */
};

/* --- memory: lives as long as the configuration --- */

struct conf_owned *conf_owned_new(void);
void conf_owned_free(struct conf_owned *o); /* NULL is fine */
/* Returns zeroed memory for n items. NULL if n is 0, or if there is no memory, which also sets t->nomem. */
void *conf_alloc(struct conf_tree *t, size_t n, size_t size);
const char *conf_copy(struct conf_tree *t, const char *s); /* "" without memory */

/* --- faults --- */

/* Notes a fault of at, or of its member `name` if that is not NULL. The text of fmt is "found ..., allowed ...". */
void conf_fault(struct conf_tree *t, const struct config_setting_t *at, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* Returns "FILE:LINE: KEY" of at, or of its member `name` if that is not NULL. Returns "" without memory. */
const char *conf_place(struct conf_tree *t, const struct config_setting_t *at, const char *name);
/* Notes a fault of which only the line is known. key may be "". */
void conf_fault_line(struct conf_tree *t, unsigned line, const char *key, const char *text);
/* Appends all faults in the order of files and lines, and frees them. If memory was short, appends none. ERR_NOMEM. */
enum err conf_faults_print(struct conf_tree *t, struct buf *errors) ERR_CHECKED;

/* --- the file against the table --- */

/* Notes a fault for each unknown key, each missing key and each value that is not allowed. */
void conf_tree_check(struct conf_tree *t);
/* The same for one group, which may be of another file. path is the group's in the table of keys. */
void conf_tree_check_group(struct conf_tree *t, const struct config_setting_t *group, const char *path);
/* Keeps the values of keys that only a restart changes, for conf_owned_same. */
void conf_tree_keep_fixed(struct conf_tree *t);
/* True if these values are equal in a and b. Otherwise appends the paths that differ to names, separated by commas. */
bool conf_owned_same(const struct conf_owned *a, const struct conf_owned *b, struct buf *names);

#endif
