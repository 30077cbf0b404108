/*
 * partitions: arrays over the partitions. They are changed slot by slot, or replaced as a whole. Owns the arrays.
 */
#include "partitions.h"

#include "cluster_slots.h"

#include <stdlib.h>
#include <string.h>

enum err partitions_init(struct partitions *m, unsigned partitions)
{
	*m = (struct partitions){ .partitions = partitions };
	m->of = malloc(partitions);
	m->fresh = malloc(partitions);
	m->slot = calloc(partitions, sizeof(*m->slot));
	if (!m->of || !m->fresh || !m->slot) {
		partitions_clear(m);
		return ERR_NOMEM;
	}
	for (unsigned p = 0; p < partitions; p++)
		m->slot[p] = cluster_slots_of_partition((uint16_t)p);
	partitions_all(m, PARTITIONS_NONE);
	return ERR_OK;
}

void partitions_clear(struct partitions *m)
{
	free(m->of);
	free(m->fresh);
	free(m->slot);
	*m = (struct partitions){ 0 };
}

void partitions_all(struct partitions *m, uint8_t node)
{
	if (m->partitions)
		memset(m->of, node, m->partitions);
}

void partitions_slot(struct partitions *m, uint16_t slot, uint8_t node)
{
	for (unsigned p = 0; p < m->partitions; p++) {
		if (m->slot[p] == slot)
			m->of[p] = node;
	}
}

void partitions_swap(struct partitions *m, uint8_t from, uint8_t to)
{
	for (unsigned p = 0; p < m->partitions; p++) {
		if (m->of[p] == from)
			m->of[p] = to;
	}
}

void partitions_begin(struct partitions *m)
{
	memset(m->fresh, PARTITIONS_NONE, m->partitions);
	m->named = false;
}

bool partitions_wants(const struct partitions *m, uint16_t first, uint16_t last)
{
	for (unsigned p = 0; p < m->partitions; p++) {
		if (m->slot[p] >= first && m->slot[p] <= last)
			return true;
	}
	return false;
}

void partitions_range(struct partitions *m, uint16_t first, uint16_t last, uint8_t node)
{
	for (unsigned p = 0; p < m->partitions; p++) {
		if (m->slot[p] < first || m->slot[p] > last)
			continue;
		m->fresh[p] = node;
		m->named = true;
	}
}

bool partitions_commit(struct partitions *m)
{
	if (m->named)
		memcpy(m->of, m->fresh, m->partitions);
	return m->named;
}
