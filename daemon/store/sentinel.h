/*
 * sentinel: finds the master of a name through a list of Sentinels, and keeps asking. Private to store.
 * Implements the client's part of "Guidelines for Redis clients with support for Redis Sentinel".
 */
#ifndef STORE_SENTINEL_H
#define STORE_SENTINEL_H

#include "address.h"
#include "store.h"

struct sentinel;

/* fn gets each answer, also one that is as before; from the loop, never from inside a call. */
typedef void (*sentinel_fn)(void *arg, const struct address *master);

/* opts outlive it. NULL: no memory. */
struct sentinel *sentinel_new(struct loop *loop, struct resolver *resolver, const struct store_opts *opts,
                              sentinel_fn fn, void *arg);
void sentinel_start(struct sentinel *s);
void sentinel_free(struct sentinel *s); /* NULL is fine */

/* The master it named does not do: the next Sentinel may know better. */
void sentinel_doubt(struct sentinel *s);

#endif
