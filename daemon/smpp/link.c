/*
 * link: one TCP connection on loop_watch. Owns its descriptor and both buffers.
 * Freed at the end of the turn, since it may be closed from its own hooks.
 */
#include "smpp/link.h"
#include "base/clock.h"
#include "base/pause.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define IN_CAP (2 * 65536u)
#define OUT_CAP (1024 * 1024u)
#define READ_LEN 16384
#define USER_TIMEOUT_MS 20000

struct smpp_link {
	struct smpp_link_hooks hooks;
	struct loop *loop;
	struct resolve_query *query;
	struct loop_timer *timer; /* connect */
	struct loop_watch *watch;
	struct loop_task flush, burial;
	struct buf in, out;
	int fd;
	bool open, closed, ended;
	struct resolve_addr addrs[4];
	size_t addr_count, addr_next;
};

static void end(struct smpp_link *l, enum err err, const char *reason)
{
	if (l->closed || l->ended)
		return;
	l->ended = true;
	loop_timer_stop(l->timer);
	l->hooks.on_end(l->hooks.arg, err, reason);
}

static void bury(void *arg)
{
	struct smpp_link *l = arg;
	loop_watch_free(l->watch);
	loop_timer_free(l->timer);
	if (l->fd >= 0)
		close(l->fd);
	buf_clear(&l->in);
	buf_clear(&l->out);
	free(l);
}

static void flush(void *arg)
{
	struct smpp_link *l = arg;
	while (!l->closed && !l->ended && buf_len(&l->out)) {
		ssize_t n = send(l->fd, buf_data(&l->out), buf_len(&l->out), MSG_NOSIGNAL);
		if (n > 0) {
			buf_consume(&l->out, (size_t)n);
			pause_point("c3");
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			loop_watch_set(l->watch, LOOP_READ | LOOP_WRITE);
			return;
		}
		end(l, ERR_IO, "write");
		return;
	}
	if (l->watch && !l->closed && !l->ended)
		loop_watch_set(l->watch, LOOP_READ);
}

static void on_readable(struct smpp_link *l)
{
	uint8_t *at;
	if (buf_reserve(&l->in, READ_LEN, &at) != ERR_OK) {
		end(l, ERR_NOMEM, "read buffer");
		return;
	}
	ssize_t n = recv(l->fd, at, READ_LEN, 0);
	if (n > 0) {
		buf_commit(&l->in, (size_t)n);
		l->hooks.on_data(l->hooks.arg, &l->in);
		return;
	}
	if (n == 0)
		end(l, ERR_CLOSED, "closed by peer");
	else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
		end(l, errno == ETIMEDOUT ? ERR_TIMEOUT : ERR_IO, errno == ETIMEDOUT ? "peer is silent" : "read");
}

static void try_next(struct smpp_link *l);

static void on_connected(struct smpp_link *l)
{
	int error = 0;
	socklen_t len = sizeof error;
	if (getsockopt(l->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0 || error != 0) {
		try_next(l);
		return;
	}
	l->open = true;
	loop_timer_stop(l->timer);
	loop_watch_set(l->watch, LOOP_READ);
	l->hooks.on_open(l->hooks.arg);
}

static void on_ready(void *arg, unsigned events)
{
	struct smpp_link *l = arg;
	if (l->closed || l->ended)
		return;
	if (!l->open) {
		on_connected(l);
		return;
	}
	if (events & LOOP_READ)
		on_readable(l);
	if (events & LOOP_WRITE)
		flush(l);
}

static void set_options(int fd)
{
	int on = 1;
	unsigned timeout_ms = USER_TIMEOUT_MS;
	/* Best effort: a link without them works, only slower to notice a dead peer. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms, sizeof timeout_ms);
}

static bool try_addr(struct smpp_link *l, const struct resolve_addr *a)
{
	l->fd = socket(a->addr.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (l->fd < 0)
		return false;
	set_options(l->fd);
	if (connect(l->fd, (const struct sockaddr *)&a->addr, a->len) != 0 && errno != EINPROGRESS)
		return false;
	l->watch = loop_watch_new(l->loop, l->fd, on_ready, l);
	if (!l->watch)
		return false;
	loop_watch_set(l->watch, LOOP_WRITE);
	return true;
}

static void try_next(struct smpp_link *l)
{
	for (;;) {
		loop_watch_free(l->watch);
		l->watch = NULL;
		if (l->fd >= 0)
			close(l->fd);
		l->fd = -1;
		if (l->addr_next == l->addr_count) {
			end(l, ERR_IO, "connect refused");
			return;
		}
		if (try_addr(l, &l->addrs[l->addr_next++]))
			return;
	}
}

static void on_resolved(void *arg, enum err err, const struct resolve_addr *addrs, size_t n)
{
	struct smpp_link *l = arg;
	l->query = NULL;
	if (err != ERR_OK) {
		end(l, err, "name not resolved");
		return;
	}
	l->addr_count = n < 4 ? n : 4;
	memcpy(l->addrs, addrs, l->addr_count * sizeof *addrs);
	try_next(l);
}

static void on_timeout(void *arg)
{
	end(arg, ERR_TIMEOUT, "connect timeout");
}

struct smpp_link *smpp_link_open(const struct smpp_link_opts *opts)
{
	struct smpp_link *l = calloc(1, sizeof *l);
	if (!l)
		return NULL;
	l->hooks = opts->hooks;
	l->loop = opts->loop;
	l->fd = -1;
	buf_init(&l->in, IN_CAP);
	buf_init(&l->out, OUT_CAP);
	loop_task_init(&l->flush, flush, l);
	loop_task_init(&l->burial, bury, l);
	l->timer = loop_timer_new(opts->loop, on_timeout, l);
	l->query = l->timer ? resolve_start(opts->resolver, opts->host, opts->port, on_resolved, l) : NULL;
	if (!l->query) {
		loop_timer_free(l->timer);
		free(l);
		return NULL;
	}
	loop_timer_set(l->timer, clock_mono_ms() + opts->connect_timeout_ms);
	return l;
}

enum err smpp_link_write(struct smpp_link *l, const void *data, size_t len)
{
	enum err err = buf_append(&l->out, data, len);
	if (err == ERR_OK)
		loop_defer(l->loop, &l->flush);
	return err;
}

size_t smpp_link_backlog(const struct smpp_link *l)
{
	return buf_len(&l->out);
}

void smpp_link_close(struct smpp_link *l)
{
	if (!l || l->closed)
		return;
	if (l->open && !l->ended && buf_len(&l->out))
		(void)send(l->fd, buf_data(&l->out), buf_len(&l->out),
		           MSG_NOSIGNAL); /* a last unbind_resp, if it fits */
	l->closed = true;
	if (l->query)
		resolve_cancel(l->query);
	loop_timer_stop(l->timer);
	if (l->watch)
		loop_watch_set(l->watch, 0);
	loop_defer_cancel(l->loop, &l->flush);
	loop_defer(l->loop, &l->burial);
}

void smpp_link_free(struct smpp_link *l)
{
	if (!l)
		return;
	smpp_link_close(l);
	loop_defer_cancel(l->loop, &l->burial);
	bury(l);
}
