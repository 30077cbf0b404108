/*
 * recover: claims leases that ran out and those of earlier processes of this instance, opens the sealed message and
 * hands it to deliver. Asks the partitions one after the other while there is room: all of them once a second, and
 * without a pause while it finds work.
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
