/*
 * listener: a listening Unix socket, inherited from the service manager or bound here. Accepts its connections and
 * gives each to the caller. Owns the listening descriptor, and the socket file if it made it.
 */
#ifndef BASE_LISTENER_H
#define BASE_LISTENER_H

#include "base/loop.h"

#include <sys/types.h>

struct listener;

struct listener_opts {
	const char *name;  /* FileDescriptorName= under socket activation: "api", "stats" */
	const char *path;  /* bound here if no such descriptor was inherited; at most 107 octets */
	mode_t mode;       /* of the socket file, e.g. 0660 */
	const char *group; /* of the socket file; NULL or "": unchanged */
	int backlog;
};

/* fd is non-blocking, close-on-exec and owned by the callee. */
typedef void (*listener_fn)(void *arg, int fd);

/*
 * Starts to listen. A stale socket file is replaced. ERR_BUSY: a live process answers on the socket. ERR_INVALID: no
 * file can be at this path, or it is no socket. ERR_TOOBIG: the path is too long. ERR_NOTFOUND: unknown group.
 * ERR_DENIED, ERR_IO, ERR_NOMEM. Each error but ERR_NOMEM is logged with the path.
 *
 * When the process has no descriptor left, the listener accepts on one that it keeps in reserve and passes it to fn, so
 * that the connection can be refused. listener_exhausted() is true then.
 */
enum err listener_open(struct loop *loop, const struct listener_opts *opts, listener_fn fn, void *arg,
                       struct listener **out) ERR_CHECKED;

/* True while fn gets connections on the reserved descriptor. fn must answer an error and close at once. */
bool listener_exhausted(const struct listener *l);

/* The listening descriptor, for callers whose library accepts the connections. The listener still owns it. */
int listener_fd(const struct listener *l);

/* Stop and resume accepting. They have no effect if fn is NULL, because then the caller accepts on listener_fd. */
void listener_pause(struct listener *l);
void listener_resume(struct listener *l);

/* Closes the socket. Removes its file only if this listener bound it and the file was not replaced. NULL is fine. */
void listener_close(struct listener *l);

#endif
