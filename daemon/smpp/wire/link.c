/*
 * link: one TCP connection on loop_watch. Owns its descriptor, both buffers and the TLS connection. The out buffer
 * holds TLS records, or plain text without TLS. A closed link is freed at the end of the loop turn, because its own
 * hooks may close it. This file has more than 400 lines because the state, the descriptor, TLS and both buffers of a
 * connection change together.
 */
#include "smpp/wire/link.h"
#include "base/clock.h"
#include "base/invariant.h"
#include "base/log.h"
#include "base/pause.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TOPIC "smpp"
#define IN_CAP (2 * 65536u)
#define OUT_CAP (1024 * 1024u)
#define READ_LEN 16384
/*
 * If more than this is buffered, it is sent at once and not at the end of the turn, because packing a window takes
 * longer than sending it.
 */
#define PUSH_LEN 2048
#define USER_TIMEOUT_MS 20000

enum state {
	STATE_RESOLVING,
	STATE_CONNECTING,
	STATE_HANDSHAKING,
	STATE_OPEN,
	STATE_ENDED,  /* on_end was called */
	STATE_CLOSED, /* no hook is called any more; freed at the end of the turn */
	STATE_MAX
};

#define TO(s) (1u << STATE_##s)

static const struct {
	const char *name;
	unsigned next;    /* legal next states */
	bool timed;       /* the state may last connect_timeout_ms at most */
	bool anew;        /* the limit starts again; otherwise that of the previous state goes on */
	const char *late; /* reason when the limit ends the link */
} states[STATE_MAX] = {
	[STATE_RESOLVING] = { "resolving", TO(CONNECTING) | TO(ENDED) | TO(CLOSED), true, true, "connect timeout" },
	[STATE_CONNECTING] = { "connecting", TO(HANDSHAKING) | TO(OPEN) | TO(ENDED) | TO(CLOSED), true, false,
	                       "connect timeout" },
	[STATE_HANDSHAKING] = { "handshaking", TO(OPEN) | TO(ENDED) | TO(CLOSED), true, true,
	                        "tls: handshake timeout" },
	[STATE_OPEN] = { "open", TO(ENDED) | TO(CLOSED), false, false, NULL },
	[STATE_ENDED] = { "ended", TO(CLOSED), false, false, NULL },
	[STATE_CLOSED] = { "closed", 0, false, false, NULL },
};

struct smpp_link {
	enum state state;
	struct smpp_link_hooks hooks;
	struct loop *loop;
	struct resolve_query *query;
	struct loop_timer *timer;  /* limits the timed states */
	struct smpp_tls_conn *tls; /* NULL: plain */
	uint32_t timeout_ms;
	struct loop_watch *watch;
	struct loop_task flush, release;
	struct buf in, out;
	int fd;
	bool alert;   /* it ended in the handshake; the TLS alert is still sent */
	bool blocked; /* the socket buffer is full; the watch waits until it is writable */
	struct resolve_addr addrs[4];
	size_t addr_count, addr_next;
};

static void restart_timer(struct smpp_link *l)
{
	loop_timer_set(l->timer, clock_mono_ms() + l->timeout_ms);
}

static void set_state(struct smpp_link *l, enum state to)
{
	if (!invariant(states[l->state].next & 1u << to)) {
		log_error(TOPIC, "illegal link state fd=%d from=%s to=%s", l->fd, states[l->state].name,
		          states[to].name);
		return;
	}
	l->state = to;
	if (!states[to].timed)
		loop_timer_stop(l->timer);
	else if (states[to].anew)
		restart_timer(l);
}

static bool is_over(const struct smpp_link *l)
{
	return l->state >= STATE_ENDED;
}

static void end(struct smpp_link *l, enum err err, const char *reason)
{
	if (is_over(l))
		return;
	l->alert = l->state == STATE_HANDSHAKING;
	set_state(l, STATE_ENDED);
	l->hooks.on_end(l->hooks.arg, err, reason);
}

static void release(void *arg)
{
	struct smpp_link *l = arg;
	loop_watch_free(l->watch);
	loop_timer_free(l->timer);
	if (l->fd >= 0)
		close(l->fd);
	smpp_tls_close(l->tls);
	buf_clear(&l->in);
	buf_clear(&l->out);
	free(l);
}

static void flush(void *arg)
{
	struct smpp_link *l = arg;
	l->blocked = false;
	while (!is_over(l) && buf_len(&l->out)) {
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
			l->blocked = true;
			return;
		}
		end(l, ERR_IO, "write");
		return;
	}
	if (l->watch && !is_over(l))
		loop_watch_set(l->watch, LOOP_READ);
}

/* Sends at the end of the turn, or at once if much is buffered. An error is ignored here, because on_end must not be
 * called from a write: the send at the end of the turn fails again and reports it. */
static void send_soon(struct smpp_link *l)
{
	loop_defer(l->loop, &l->flush);
	if (buf_len(&l->out) < PUSH_LEN || l->blocked)
		return;
	ssize_t n = send(l->fd, buf_data(&l->out), buf_len(&l->out), MSG_NOSIGNAL);
	if (n > 0)
		buf_consume(&l->out, (size_t)n);
	l->blocked = n <= 0;
}

static enum err drain(struct smpp_link *l)
{
	enum err err = smpp_tls_drain(l->tls, &l->out);
	if (buf_len(&l->out))
		send_soon(l);
	return err;
}

static const char *tls_reason(const struct smpp_link *l, enum err err)
{
	const char *reason = smpp_tls_reason(l->tls);
	if (reason[0])
		return reason;
	return err == ERR_CLOSED ? "closed by peer" : "tls: no memory";
}

/* Takes ciphertext, or none at the start. Continues the handshake, or passes plain text to on_data. */
static void on_cipher(struct smpp_link *l, const uint8_t *data, size_t len)
{
	enum err err = smpp_tls_feed(l->tls, data, len, &l->in), drained = drain(l);
	if (l->state == STATE_HANDSHAKING && smpp_tls_is_open(l->tls)) {
		set_state(l, STATE_OPEN);
		l->hooks.on_open(l->hooks.arg);
	}
	if (l->state != STATE_CLOSED && buf_len(&l->in))
		l->hooks.on_data(l->hooks.arg, &l->in);
	if (err || drained)
		end(l, err ? err : drained, tls_reason(l, err));
}

static void on_nothing(struct smpp_link *l, ssize_t n)
{
	if (n == 0)
		end(l, ERR_CLOSED, l->state == STATE_HANDSHAKING ? "tls: closed by peer" : "closed by peer");
	else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
		end(l, errno == ETIMEDOUT ? ERR_TIMEOUT : ERR_IO, errno == ETIMEDOUT ? "peer is silent" : "read");
}

static void on_readable_tls(struct smpp_link *l)
{
	uint8_t data[READ_LEN];
	ssize_t n = recv(l->fd, data, sizeof data, 0);
	if (n > 0)
		on_cipher(l, data, (size_t)n);
	else
		on_nothing(l, n);
}

static void on_readable(struct smpp_link *l)
{
	uint8_t *at;
	if (l->tls) {
		on_readable_tls(l);
		return;
	}
	if (buf_reserve(&l->in, READ_LEN, &at) != ERR_OK) {
		end(l, ERR_NOMEM, "read buffer");
		return;
	}
	ssize_t n = recv(l->fd, at, READ_LEN, 0);
	if (n <= 0) {
		on_nothing(l, n);
		return;
	}
	buf_commit(&l->in, (size_t)n);
	l->hooks.on_data(l->hooks.arg, &l->in);
}

static void try_next(struct smpp_link *l);

static void start_tls(struct smpp_link *l)
{
	set_state(l, STATE_HANDSHAKING);
	loop_watch_set(l->watch, LOOP_READ);
	on_cipher(l, NULL, 0);
}

static void on_connected(struct smpp_link *l)
{
	int error = 0;
	socklen_t len = sizeof error;
	if (getsockopt(l->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0 || error != 0) {
		try_next(l);
		return;
	}
	if (l->tls) {
		start_tls(l);
		return;
	}
	set_state(l, STATE_OPEN);
	loop_watch_set(l->watch, LOOP_READ);
	l->hooks.on_open(l->hooks.arg);
}

static void on_ready(void *arg, unsigned events)
{
	struct smpp_link *l = arg;
	if (is_over(l))
		return;
	if (l->state == STATE_CONNECTING) {
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
	/* Errors are ignored: without these options the link works, but notices a dead peer later. */
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
	set_state(l, STATE_CONNECTING);
	try_next(l);
}

static void on_timeout(void *arg)
{
	struct smpp_link *l = arg;
	if (l->state == STATE_CONNECTING && l->addr_next < l->addr_count) {
		restart_timer(l);
		try_next(l);
		return;
	}
	if (invariant(states[l->state].timed))
		end(l, ERR_TIMEOUT, states[l->state].late);
}

struct smpp_link *smpp_link_open(const struct smpp_link_opts *opts)
{
	struct smpp_link *l = calloc(1, sizeof *l);
	if (!l)
		return NULL;
	l->hooks = opts->hooks;
	l->loop = opts->loop;
	l->fd = -1;
	l->timeout_ms = opts->connect_timeout_ms;
	l->tls = opts->tls ? smpp_tls_open(opts->tls, opts->host) : NULL;
	buf_init(&l->in, IN_CAP);
	buf_init(&l->out, OUT_CAP);
	loop_task_init(&l->flush, flush, l);
	loop_task_init(&l->release, release, l);
	l->timer = loop_timer_new(opts->loop, on_timeout, l);
	if (l->timer && !opts->tls == !l->tls)
		l->query = resolve_start(opts->resolver, opts->host, opts->port, on_resolved, l);
	if (!l->query) {
		loop_timer_free(l->timer);
		smpp_tls_close(l->tls);
		free(l);
		return NULL;
	}
	restart_timer(l);
	return l;
}

enum err smpp_link_write(struct smpp_link *l, const void *data, size_t len)
{
	if (l->tls) {
		enum err sealed = smpp_tls_write(l->tls, data, len);
		return sealed == ERR_OK ? drain(l) : sealed;
	}
	enum err err = buf_append(&l->out, data, len);
	if (err == ERR_OK)
		send_soon(l);
	return err;
}

int64_t smpp_link_tls_expiry_s(const struct smpp_link *l)
{
	return l->tls ? smpp_tls_expiry_s(l->tls) : 0;
}

size_t smpp_link_backlog(const struct smpp_link *l)
{
	return buf_len(&l->out);
}

void smpp_link_close(struct smpp_link *l)
{
	if (!l || l->state == STATE_CLOSED)
		return;
	/* Sends a last unbind_resp or TLS alert, if the socket takes it. */
	bool last_words = l->state == STATE_OPEN || l->state == STATE_HANDSHAKING || l->alert;
	if (l->state == STATE_OPEN && l->tls) {
		smpp_tls_bye(l->tls);
		last_words = smpp_tls_drain(l->tls, &l->out) == ERR_OK; /* an incomplete record must not be sent */
	}
	if (last_words && buf_len(&l->out))
		(void)send(l->fd, buf_data(&l->out), buf_len(&l->out), MSG_NOSIGNAL);
	set_state(l, STATE_CLOSED);
	if (l->query)
		resolve_cancel(l->query);
	if (l->watch)
		loop_watch_set(l->watch, 0);
	loop_defer_cancel(l->loop, &l->flush);
	loop_defer(l->loop, &l->release);
}

void smpp_link_free(struct smpp_link *l)
{
	if (!l)
		return;
	smpp_link_close(l);
	loop_defer_cancel(l->loop, &l->release);
	release(l);
}
