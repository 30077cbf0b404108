/*
 * link: bytes in, bytes out, no socket. Owns what came and what was written; must never decide anything by itself: the
 * test connects, speaks and hangs up. Keeps the promise of the real one: a hook is never called after the close.
 */
#include "link.h"

#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>

#define LINKS_MAX 256
#define IN_CAP (2 * 65536u)
#define OUT_CAP (16 * 1024 * 1024u)

struct smpp_link {
	struct smpp_link_hooks hooks;
	int64_t opened_ms, closed_ms;
	size_t backlog;
	enum err broken;
	struct buf in, out;
};

static struct smpp_link *links[LINKS_MAX];
static size_t count;

static void refuse(const char *what)
{
	fprintf(stderr, "fake link: %s\n", what);
	abort();
}

/* --- what the session calls --- */

struct smpp_link *smpp_link_open(const struct smpp_link_opts *opts)
{
	struct smpp_link *l = calloc(1, sizeof *l);

	if (!l || count == LINKS_MAX)
		refuse("too many");
	*l = (struct smpp_link){ .hooks = opts->hooks, .opened_ms = clock_mono_ms(), .closed_ms = -1 };
	buf_init(&l->in, IN_CAP);
	buf_init(&l->out, OUT_CAP);
	links[count++] = l;
	return l;
}

enum err smpp_link_write(struct smpp_link *l, const void *data, size_t len)
{
	if (l->closed_ms >= 0)
		refuse("written after the close");
	if (l->broken)
		return l->broken;
	return l->backlog ? ERR_TOOBIG : buf_append(&l->out, data, len);
}

int64_t smpp_link_tls_expiry_s(const struct smpp_link *l)
{
	(void)l;
	return 0;
}

size_t smpp_link_backlog(const struct smpp_link *l)
{
	return l->backlog;
}

void smpp_link_close(struct smpp_link *l)
{
	if (l && l->closed_ms < 0)
		l->closed_ms = clock_mono_ms();
}

void smpp_link_free(struct smpp_link *l)
{
	smpp_link_close(l);
}

/* --- what the test calls --- */

size_t fake_link_count(void)
{
	return count;
}

struct smpp_link *fake_link(size_t n)
{
	return n < count ? links[n] : NULL;
}

void fake_link_forget(void)
{
	while (count) {
		struct smpp_link *l = links[--count];

		if (l->closed_ms < 0)
			refuse("left open");
		buf_clear(&l->in);
		buf_clear(&l->out);
		free(l);
	}
}

int64_t fake_link_opened_ms(const struct smpp_link *l)
{
	return l->opened_ms;
}

int64_t fake_link_closed_ms(const struct smpp_link *l)
{
	return l->closed_ms;
}

void fake_link_accept(struct smpp_link *l)
{
	if (l->closed_ms < 0)
		l->hooks.on_open(l->hooks.arg);
}

void fake_link_in(struct smpp_link *l, const void *data, size_t len)
{
	if (l->closed_ms >= 0)
		return;
	if (buf_append(&l->in, data, len) != ERR_OK)
		refuse("too much in");
	l->hooks.on_data(l->hooks.arg, &l->in);
}

void fake_link_end(struct smpp_link *l, enum err err, const char *reason)
{
	if (l->closed_ms < 0)
		l->hooks.on_end(l->hooks.arg, err, reason);
}

void fake_link_choke(struct smpp_link *l, size_t backlog)
{
	l->backlog = backlog;
}

void fake_link_break(struct smpp_link *l, enum err err)
{
	l->broken = err;
}

struct buf *fake_link_out(struct smpp_link *l)
{
	return &l->out;
}
