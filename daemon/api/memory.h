/*
 * memory: what the buffers of all connections hold together, and which connection holds the most. Private to api.
 */
#ifndef API_MEMORY_H
#define API_MEMORY_H

#include <stddef.h>

struct api_conn;

enum { API_MEMORY_CLASSES = 32 };

struct api_memory {
	size_t total;                            /* octets allocated */
	struct api_conn *of[API_MEMORY_CLASSES]; /* of[i]: connections that hold 2^i octets up to 2^(i+1) - 1 */
};

/* A connection's place in it. Zeroed: holds nothing. */
struct api_memory_place {
	size_t bytes;
	struct api_conn *next, *prev;
};

/* c now holds this many octets. Constant time. */
void api_memory_note(struct api_memory *m, struct api_conn *c, size_t bytes);

/* One of those that hold the most, compared by powers of two; NULL: nobody holds anything. */
struct api_conn *api_memory_largest(const struct api_memory *m);

#endif
