/*
 * map: arrays over the partitions. They are changed slot by slot, or replaced as a whole. Owns the arrays.
 */
#include "map.h"

#include "slots.h"

#include <stdlib.h>
#include <string.h>

enum err map_init(struct map *m, unsigned partitions)
{
	*m = (struct map){ .partitions = partitions };
	m->of = malloc(partitions);
	m->fresh = malloc(partitions);
	m->slot = calloc(partitions, sizeof(*m->slot));
	if (!m->of || !m->fresh || !m->slot) {
		map_clear(m);
		return ERR_NOMEM;
	}
	for (unsigned p = 0; p < partitions; p++)
		m->slot[p] = slots_of_partition((uint16_t)p);
	map_all(m, MAP_NONE);
	return ERR_OK;
}

void map_clear(struct map *m)
{
	free(m->of);
	free(m->fresh);
	free(m->slot);
	*m = (struct map){ 0 };
}

void map_all(struct map *m, uint8_t node)
{
	if (m->partitions)
		memset(m->of, node, m->partitions);
}

void map_slot(struct map *m, uint16_t slot, uint8_t node)
{
	for (unsigned p = 0; p < m->partitions; p++) {
		if (m->slot[p] == slot)
			m->of[p] = node;
	}
}

void map_swap(struct map *m, uint8_t from, uint8_t to)
{
	for (unsigned p = 0; p < m->partitions; p++) {
		if (m->of[p] == from)
			m->of[p] = to;
	}
}

void map_begin(struct map *m)
{
	memset(m->fresh, MAP_NONE, m->partitions);
	m->named = false;
}

bool map_wants(const struct map *m, uint16_t first, uint16_t last)
{
	for (unsigned p = 0; p < m->partitions; p++) {
		if (m->slot[p] >= first && m->slot[p] <= last)
			return true;
	}
	return false;
}

void map_range(struct map *m, uint16_t first, uint16_t last, uint8_t node)
{
	for (unsigned p = 0; p < m->partitions; p++) {
		if (m->slot[p] < first || m->slot[p] > last)
			continue;
		m->fresh[p] = node;
		m->named = true;
	}
}

bool map_commit(struct map *m)
{
	if (m->named)
		memcpy(m->of, m->fresh, m->partitions);
	return m->named;
}
