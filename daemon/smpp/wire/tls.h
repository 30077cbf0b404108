/*
 * tls: octets of a link to and from TLS records; the only user of OpenSSL. Knows no socket: ciphertext is fed and
 * drained.
 * TLS 1.2 or newer; chain and name of the peer are always verified. Never logs and never tells key material.
 */
#ifndef SMPP_WIRE_TLS_H
#define SMPP_WIRE_TLS_H

#include "base/buf.h"
#include "smpp.h"

struct smpp_tls;      /* what the links of one SMSC share: authorities, our certificate and key */
struct smpp_tls_conn; /* one link */

/*
 * *reason is a static text when it fails: "the CA file cannot be used" ...
 * ERR_INVALID, ERR_NOMEM.
 */
enum err smpp_tls_new(const struct smpp_tls_opts *o, struct smpp_tls **out, const char **reason) ERR_CHECKED;
void smpp_tls_free(struct smpp_tls *t); /* NULL is fine; links that are open stay usable */

/* host: what the peer's certificate must name, unless server_name is configured. NULL: no memory. */
struct smpp_tls_conn *smpp_tls_open(const struct smpp_tls *t, const char *host);
void smpp_tls_close(struct smpp_tls_conn *c); /* NULL is fine */

/*
 * Ciphertext from the peer, at first none: the handshake goes on, or plain text is added to plain. ERR_CLOSED: the peer
 * ended it. ERR_DENIED: the handshake failed, ERR_IO: a record did; smpp_tls_reason says why. ERR_NOMEM, ERR_TOOBIG.
 */
enum err smpp_tls_feed(struct smpp_tls_conn *c, const void *data, size_t len, struct buf *plain) ERR_CHECKED;
enum err smpp_tls_write(struct smpp_tls_conn *c, const void *data, size_t len) ERR_CHECKED;
void smpp_tls_bye(struct smpp_tls_conn *c);                                       /* a close_notify to drain */
enum err smpp_tls_drain(struct smpp_tls_conn *c, struct buf *cipher) ERR_CHECKED; /* what is to be sent */

bool smpp_tls_is_open(const struct smpp_tls_conn *c);
const char *smpp_tls_reason(const struct smpp_tls_conn *c); /* "tls: certificate expired" ...; static */
int64_t smpp_tls_expiry_s(const struct smpp_tls_conn *c);   /* Unix time; 0: not open yet */

#endif
