/*
 * loop_reserve: the allocator of the event library. As malloc, realloc and free; where there is no memory a block of a
 * small reserve is given instead, since the library does not survive its absence everywhere.
 */
#ifndef BASE_LOOP_RESERVE_H
#define BASE_LOOP_RESERVE_H

#include <stddef.h>

void *loop_reserve_malloc(size_t size); /* NULL: not even in the reserve, or too large for it */
void *loop_reserve_realloc(void *p, size_t size);
void loop_reserve_free(void *p);

#endif
