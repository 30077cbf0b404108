/*
 * loop_reserve: the allocator of the event library. Its functions work as malloc, realloc and free. When there is no
 * memory, they return a block of a small reserve, because some functions of the library do not handle a failed
 * allocation. Only base/loop may use it.
 */
#ifndef BASE_LOOP_RESERVE_H
#define BASE_LOOP_RESERVE_H

#include <stddef.h>

void *loop_reserve_malloc(size_t size); /* NULL: the reserve is used up, or size is too large for its blocks */
void *loop_reserve_realloc(void *p, size_t size);
void loop_reserve_free(void *p);

#endif
