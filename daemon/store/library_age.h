/*
 * library_age: notes on each node that this version's library is used, and deletes the libraries of other versions that
 * no daemon has used for a week. Private to store.
 */
#ifndef STORE_LIBRARY_AGE_H
#define STORE_LIBRARY_AGE_H

#include "node_set.h"

/* Must be called now and then. Looks at the libraries of each node that is up, when it is new and then once an hour. */
void library_age_look(struct node_set *set, struct command_pool *pool);

#endif
