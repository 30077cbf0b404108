/*
 * instance: the lock that allows one process per instance, and the owner name of its leases in Redis. The lock proves
 * that all previous processes of this instance have ended, so this process may take over their leases at once.
 */
#ifndef BASE_INSTANCE_H
#define BASE_INSTANCE_H

#include "base/err.h"

/*
 * The owner name identifies the instance and its process. The first INSTANCE_WHO_LEN characters are random and are
 * drawn when the lock file is first written, so that instances on two hosts are different owners. The last characters
 * count the processes, so that leases of this process are distinct from those of earlier ones.
 */
#define INSTANCE_OWNER_LEN 8
#define INSTANCE_WHO_LEN 6 /* the part that all processes of the instance share */

struct instance;

/*
 * Opens or creates the file (mode 0600), locks it and writes the owner name of this process. ERR_BUSY: another process
 * holds the lock, or the file is being replaced again and again. ERR_INVALID: the file is no lock file and is left
 * unchanged, or no file can be at this path. ERR_DENIED, ERR_IO, ERR_NOMEM. Each error but ERR_NOMEM is logged with the
 * path.
 */
enum err instance_take(const char *path, struct instance **out) ERR_CHECKED;

/* INSTANCE_OWNER_LEN characters and a NUL; lives as long as i. */
const char *instance_owner(const struct instance *i);

/* Releases the lock. The file stays, because the next process reads the owner name from it. NULL is fine. */
void instance_free(struct instance *i);

#endif
