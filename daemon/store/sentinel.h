/*
 * sentinel: asks a list of Sentinels for the address of a master, again and again. Private to store.
 * Implements the client's part of "Guidelines for Redis clients with support for Redis Sentinel".
 */
#ifndef STORE_SENTINEL_H
#define STORE_SENTINEL_H

#include "address.h"
#include "store.h"

struct sentinel;

/* fn gets each answer, even if the address is the same as before. It is called from the loop. */
typedef void (*sentinel_fn)(void *arg, const struct address *master);

/* opts must outlive it. NULL: no memory. */
struct sentinel *sentinel_new(struct loop *loop, struct resolver *resolver, const struct store_opts *opts,
                              sentinel_fn fn, void *arg);
void sentinel_start(struct sentinel *s);
void sentinel_free(struct sentinel *s); /* NULL is fine */

/* Reports that the address cannot be used. The next Sentinel of the list is then asked. */
void sentinel_recheck(struct sentinel *s);

#endif
