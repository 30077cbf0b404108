/*
 * source: reads and parses one file of the configuration. A configuration is the main file and the numbering plans that
 * it names; each load reads all of them once.
 */
#ifndef CONF_SOURCE_H
#define CONF_SOURCE_H

#include "tree.h"

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

#define CONF_SOURCE_MAX ((size_t)1 << 20) /* octets of a file */
#define CONF_WHY_CAP 128

struct config_t; /* libconfig's */

/*
 * Reads the file. The caller frees *text, which has *len octets and a NUL behind them. ERR_IO: it may be readable later
 * without a change. ERR_INVALID: only a change of the file or its path helps. For these two, why says what was found.
 * ERR_NOMEM.
 */
enum err conf_source_read(const char *path, char **text, size_t *len, char why[CONF_WHY_CAP]) ERR_CHECKED;

/* Parses the text, which ends in a NUL, with an initialised parser. False: it notes a fault of t->file. */
bool conf_source_parse(struct conf_tree *t, struct config_t *parser, const char *text, size_t len);

#endif
