/*
 * listener: a listening Unix socket, inherited from the service manager or bound here, and its accepts.
 */
#ifndef BASE_LISTENER_H
#define BASE_LISTENER_H

#include "base/loop.h"

#include <sys/types.h>

struct listener;

struct listener_opts {
	const char *name;  /* FileDescriptorName= under socket activation: "api", "stats" */
	const char *path;  /* bound here if no such descriptor was inherited; at most 107 bytes */
	mode_t mode;       /* of the socket file, e.g. 0660 */
	const char *group; /* of the socket file; NULL or "": leave */
	int backlog;
};

/* fd is non-blocking, close-on-exec and owned by the callee. */
typedef void (*listener_fn)(void *arg, int fd);

/*
 * Listens. A stale socket file is replaced; one on which a live process answers is not: ERR_BUSY.
 * ERR_INVALID (nothing can be at this path, or something else is), ERR_TOOBIG (path too long), ERR_NOTFOUND (group),
 * ERR_DENIED, ERR_IO. The reason is logged with the path, of all but ERR_NOMEM.
 * When no descriptor is left, one held in reserve is spent to accept and hand over politely-refusable connections:
 * the callee gets the fd with `refuse` set through listener_exhausted() until descriptors are free again.
 */
enum err listener_open(struct loop *loop, const struct listener_opts *opts, listener_fn fn, void *arg,
                       struct listener **out) ERR_CHECKED;

/* True while accepts run on the reserved descriptor: answer an error and close at once. */
bool listener_exhausted(const struct listener *l);

/* The listening descriptor, for rooms that accept through a library of their own. Still owned by the listener. */
int listener_fd(const struct listener *l);

/* With fn == NULL nothing is accepted here: the room accepts on listener_fd itself. */
void listener_pause(struct listener *l);
void listener_resume(struct listener *l);

/* Closes; removes the socket file only if it was bound here and is still ours. NULL is fine. */
void listener_close(struct listener *l);

#endif
