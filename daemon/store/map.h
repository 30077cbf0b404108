/*
 * map: which node serves each partition. A node is a small number. Pure. Private to store.
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
	bool named;     /* a range of the next map contained a partition */
	uint16_t *slot; /* hash slot of each partition */
};

enum err map_init(struct map *m, unsigned partitions) ERR_CHECKED; /* ERR_NOMEM; nothing is mapped */
void map_clear(struct map *m);

void map_all(struct map *m, uint8_t node);                 /* one node serves all partitions */
void map_slot(struct map *m, uint16_t slot, uint8_t node); /* the node serves this hash slot, as MOVED says */
void map_swap(struct map *m, uint8_t from, uint8_t to);    /* the node with number from gets number to */

/* Reads a new map: begin, any number of ranges, commit. */
void map_begin(struct map *m);
bool map_wants(const struct map *m, uint16_t first, uint16_t last); /* true: a partition is in this range */
void map_range(struct map *m, uint16_t first, uint16_t last, uint8_t node);
bool map_commit(struct map *m); /* false: no range contained a partition, and the old map stays */

#endif
