/*
 * recover: leases that ran out, or whose holder was a former life of this instance: claim, unseal, hand to deliver.
 * Walks the partitions round-robin while there is room: all of them each second, and at once as long as it finds work.
 */
#ifndef FLOW_DELIVER_RECOVER_H
#define FLOW_DELIVER_RECOVER_H

#include "deliver_uses.h"

struct deliver;
struct recover;

struct recover *recover_new(const struct deliver_uses *u, struct deliver *deliver); /* NULL: no memory */
void recover_free(struct recover *r);
void recover_start(struct recover *r);
void recover_resume(struct recover *r); /* Redis, or a node of it, came */
void recover_room(struct recover *r);   /* an SMSC takes more */
void recover_stop(struct recover *r);

#endif
