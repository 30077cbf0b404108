/*
 * conn_io: runs a hiredis context on the loop. Decides when it reads and writes, bounds what it reads, and sends AUTH
 * past its buffers. Private to store.
 */
#ifndef STORE_CONN_IO_H
#define STORE_CONN_IO_H

#include "base/loop.h"
#include "reply_bounds.h"

struct redisAsyncContext;

struct conn_io {
	struct loop *loop;
	struct redisAsyncContext *ac; /* NULL: there is none, or it was freed */
	struct loop_watch *watch;
	struct loop_task write; /* writes at the end of the turn in which commands were added */
	struct reply_bounds bounds;
	unsigned wants; /* LOOP_READ | LOOP_WRITE, as hiredis asked for */
	bool writing;
	/* A reply was refused; bounds.refused is the reason. The context must be freed at the end of this turn. */
	void (*on_refused)(void *arg);
	void *arg;
};

void conn_io_start(void); /* registers all series of its metric, at zero */
void conn_io_init(struct conn_io *io, struct loop *loop, void (*on_refused)(void *arg), void *arg);

/*
 * Attaches a context. Its replies answer the commands in flight, in order. When hiredis frees the context, it is
 * detached and a refused reply is counted; bounds.refused stays until the next context. ERR_NOMEM: it is not attached.
 */
enum err conn_io_attach(struct conn_io *io, struct redisAsyncContext *ac,
                        const struct command_list *flight) ERR_CHECKED;

/*
 * Sends a command at the end of this turn. fn gets its reply and the command. A secret command is written at once and
 * not through the buffers of hiredis, because hiredis frees them without wiping; it must be the first command of its
 * connection. ERR_UNAVAILABLE: there is no context, or hiredis takes no more. ERR_NOMEM: hiredis lost fn, and the
 * context must be freed.
 */
typedef void conn_io_reply_fn(struct redisAsyncContext *ac, void *reply, void *command);
enum err conn_io_send(struct conn_io *io, struct command *command, conn_io_reply_fn *fn) ERR_CHECKED;

/* Writes what is sent in this turn behind the deferred calls of the loop that are queued now, and ahead of later ones.
 */
void conn_io_write_behind(struct conn_io *io);

#endif
