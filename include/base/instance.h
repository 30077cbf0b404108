/*
 * instance: the lock that makes one process the instance, and the name under which its leases stand in Redis.
 * Whoever holds the lock is that owner: a life of it that ended is surely dead, and its leases may be taken at once.
 */
#ifndef BASE_INSTANCE_H
#define BASE_INSTANCE_H

#include "base/err.h"

/*
 * The owner: who, and which life of it. The first characters are random, drawn when the lock file is first written, so
 * that two hosts whose instances have the same name are two owners; the last ones count the lives, so that what this
 * life wrote is never taken for what a former one left.
 */
#define INSTANCE_OWNER_LEN 8
#define INSTANCE_WHO_LEN 6 /* the part that all lives share */

struct instance;

/*
 * Takes the lock: opens or makes the file (0600), locks it, begins a life. ERR_BUSY: a live process holds it;
 * ERR_INVALID: the file is something else and was left as it is, or nothing can be at this path; ERR_DENIED; ERR_IO,
 * ERR_NOMEM. The reason is logged with the path, of all but ERR_NOMEM.
 */
enum err instance_take(const char *path, struct instance **out) ERR_CHECKED;

/* INSTANCE_OWNER_LEN characters and a NUL; lives as long as i. */
const char *instance_owner(const struct instance *i);

/* Gives the lock back; the file stays, for the next life to know itself. NULL is fine. */
void instance_free(struct instance *i);

#endif
