/*
 * partitions: which node serves each partition. A node is a small number. Pure. Private to store.
 */
#ifndef STORE_PARTITIONS_H
#define STORE_PARTITIONS_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

#define PARTITIONS_NONE 0xff /* no node is known */

struct partitions {
	unsigned partitions;
	uint8_t *of;    /* node of each partition, or PARTITIONS_NONE */
	uint8_t *fresh; /* the next map while it is read */
	bool named;     /* a range of the next map contained a partition */
	uint16_t *slot; /* hash slot of each partition */
};

enum err partitions_init(struct partitions *m, unsigned partitions) ERR_CHECKED; /* ERR_NOMEM; nothing is mapped */
void partitions_clear(struct partitions *m);

/* One node serves all partitions. */
void partitions_all(struct partitions *m, uint8_t node);
/* The node serves this hash slot, as MOVED says. */
void partitions_slot(struct partitions *m, uint16_t slot, uint8_t node);
/* The node with number from gets number to. */
void partitions_swap(struct partitions *m, uint8_t from, uint8_t to);

/* Reads a new map: begin, any number of ranges, commit. */
void partitions_begin(struct partitions *m);
/* True: a partition is in this range. */
bool partitions_wants(const struct partitions *m, uint16_t first, uint16_t last);
void partitions_range(struct partitions *m, uint16_t first, uint16_t last, uint8_t node);
/* False: no range contained a partition, and the old map stays. */
bool partitions_commit(struct partitions *m);

#endif
