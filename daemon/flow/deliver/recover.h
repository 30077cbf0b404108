/*
 * recover: claims leases that have ended and leases of earlier processes of this instance, opens the sealed message and
 * passes it to deliver. While there is room, it asks the partitions one after the other. It asks all of them once per
 * second, or without a pause as long as it finds messages.
 */
#ifndef FLOW_DELIVER_RECOVER_H
#define FLOW_DELIVER_RECOVER_H

#include "deliver_uses.h"

struct deliver;
struct recover;

struct recover *recover_new(const struct deliver_uses *u, struct deliver *deliver); /* NULL: no memory */
void recover_free(struct recover *r);
void recover_start(struct recover *r);
void recover_resume(struct recover *r); /* Redis, or one of its nodes, is connected */
void recover_room(struct recover *r);   /* an SMSC can take more messages */
void recover_stop(struct recover *r);

#endif
