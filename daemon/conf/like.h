/*
 * like: which key was meant by a name that is none.
 */
#ifndef CONF_LIKE_H
#define CONF_LIKE_H

#include "keys.h"

/* The key of that group whose name is most like this one; NULL if none is like it. */
const struct conf_key *conf_key_like(const char *group, const char *name);

#endif
