/*
 * recover: leases that ran out: claim, unseal, hand to deliver. Walks the partitions round-robin while there is room.
 */
#ifndef FLOW_RECOVER_H
#define FLOW_RECOVER_H

#include "parts.h"

struct recover;

struct recover *recover_new(struct flow *f); /* NULL: no memory */
void recover_free(struct recover *r);
void recover_start(struct recover *r);
void recover_stop(struct recover *r);

#endif
