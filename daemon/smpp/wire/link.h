/*
 * link: one TCP connection, with TLS or without: resolve, connect, handshake, read, write.
 * Knows nothing of SMPP. The writes of one loop turn are sent together. The buffers wipe their contents after use.
 */
#ifndef SMPP_WIRE_LINK_H
#define SMPP_WIRE_LINK_H

#include "base/buf.h"
#include "base/loop.h"
#include "base/resolve.h"
#include "smpp/wire/tls.h"

struct smpp_link;

struct smpp_link_hooks {
	void *arg;
	void (*on_open)(void *arg);
	void (*on_data)(void *arg, struct buf *in); /* consumes the whole PDUs; the rest stays in the buffer */
	void (*on_end)(void *arg, enum err err, const char *reason); /* once; call smpp_link_close then */
};

struct smpp_link_opts {
	struct loop *loop;
	struct resolver *resolver;
	const char *host;
	uint16_t port;
	const struct smpp_tls *tls;  /* NULL: plain; needed during smpp_link_open only */
	uint32_t connect_timeout_ms; /* per address; the TLS handshake has as long again */
	struct smpp_link_hooks hooks;
};

/* NULL: no memory. No hook is called before smpp_link_open has returned. */
struct smpp_link *smpp_link_open(const struct smpp_link_opts *opts);

/* ERR_TOOBIG: the buffer is full because the peer does not read. ERR_NOMEM. Any other error: TLS failed. */
enum err smpp_link_write(struct smpp_link *l, const void *data, size_t len) ERR_CHECKED;
int64_t smpp_link_tls_expiry_s(const struct smpp_link *l); /* end of the peer certificate, Unix time; 0: no TLS */
size_t smpp_link_backlog(const struct smpp_link *l);       /* octets not yet taken by the kernel */

/* Sends what the socket takes at once and closes. Calls no hook any more. May be called from a hook. NULL is fine. */
void smpp_link_close(struct smpp_link *l);

/* Closes and frees at once, for the end of the daemon. Must not be called from a hook. NULL is fine. */
void smpp_link_free(struct smpp_link *l);

#endif
