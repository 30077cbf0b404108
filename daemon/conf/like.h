/*
 * like: finds the key that an unknown name probably means, for the error text.
 */
#ifndef CONF_LIKE_H
#define CONF_LIKE_H

#include "keys.h"

/* Returns the key of this group whose name is most similar. NULL: none is similar. */
const struct conf_key *conf_key_like(const char *group, const char *name);

#endif
