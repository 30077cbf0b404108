/*
 * map: which node serves each partition; nodes are small numbers. Pure. Private to store.
 */
#ifndef STORE_MAP_H
#define STORE_MAP_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

#define MAP_NONE 0xff /* no node is known */

struct map {
	unsigned partitions;
	uint8_t *of;    /* node of each partition, or MAP_NONE */
	uint8_t *fresh; /* the next map while it is read */
	bool named;     /* a partition, in it */
	uint16_t *slot; /* of Redis Cluster, of each partition */
};

enum err map_init(struct map *m, unsigned partitions) ERR_CHECKED; /* ERR_NOMEM; nothing is mapped */
void map_clear(struct map *m);

void map_all(struct map *m, uint8_t node);                 /* one node serves all */
void map_slot(struct map *m, uint16_t slot, uint8_t node); /* as MOVED says */
void map_swap(struct map *m, uint8_t from, uint8_t to);    /* a node has another number from now on */

/* A whole new map: begin, any ranges, commit. Ranges without a partition are none of ours. */
void map_begin(struct map *m);
bool map_wants(const struct map *m, uint16_t first, uint16_t last);
void map_range(struct map *m, uint16_t first, uint16_t last, uint8_t node);
bool map_commit(struct map *m); /* false: no partition was named, and the former map stays */

#endif
