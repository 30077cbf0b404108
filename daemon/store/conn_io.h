/*
 * conn_io: hiredis' context on the loop: when it reads and when it writes, what it may read, and the one command that
 * it must not keep. Private to store.
 */
#ifndef STORE_CONN_IO_H
#define STORE_CONN_IO_H

#include "base/loop.h"
#include "reply_bounds.h"

struct redisAsyncContext;

struct conn_io {
	struct loop *loop;
	struct redisAsyncContext *ac; /* NULL: none, or freed */
	struct loop_watch *watch;
	struct loop_task write; /* at the end of the turn that made what there is to write */
	struct reply_bounds bounds;
	unsigned wants; /* LOOP_READ | LOOP_WRITE, as hiredis says */
	bool writing;
	void (*on_refused)(void *arg); /* bounds.refused says why; the context must be freed at the end of this turn */
	void *arg;
};

void conn_io_start(void); /* all series of its metric are there, at zero */
void conn_io_init(struct conn_io *io, struct loop *loop, void (*on_refused)(void *arg), void *arg);

/*
 * Attaches a context, whose replies answer the commands in flight. It is detached when hiredis frees it; a refused
 * reply is counted then, and bounds.refused stays until the next context. ERR_NOMEM: it is not attached.
 */
enum err conn_io_attach(struct conn_io *io, struct redisAsyncContext *ac, const struct op_list *flight) ERR_CHECKED;

/*
 * Sends an op at the end of this turn; fn gets its reply and op. One that is secret is written at once and past the
 * buffers of hiredis, which are freed without being wiped; it must be the first of its connection.
 * ERR_UNAVAILABLE: there is no context, or hiredis takes no more. ERR_NOMEM: hiredis forgot fn, and the context must
 * go.
 */
typedef void conn_io_reply_fn(struct redisAsyncContext *ac, void *reply, void *op);
enum err conn_io_send(struct conn_io *io, struct op *op, conn_io_reply_fn *fn) ERR_CHECKED;

#endif
