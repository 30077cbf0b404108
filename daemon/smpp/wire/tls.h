/*
 * tls: turns the octets of a link into TLS records and back. The only user of OpenSSL. Knows no socket: the caller
 * feeds and drains ciphertext. TLS 1.2 or newer. The chain and the name of the peer are always verified. Writes no log
 * line and never reveals key material.
 */
#ifndef SMPP_WIRE_TLS_H
#define SMPP_WIRE_TLS_H

#include "base/buf.h"
#include "smpp.h"

struct smpp_tls;      /* what the links of one SMSC share: trusted certificates, our certificate and key */
struct smpp_tls_conn; /* one link */

/* On failure *reason is a static text: "the CA file cannot be used" ...
 * ERR_INVALID, ERR_NOMEM. */
enum err smpp_tls_new(const struct smpp_tls_opts *o, struct smpp_tls **out, const char **reason) ERR_CHECKED;
void smpp_tls_free(struct smpp_tls *t); /* NULL is fine; open links stay usable */

/* host: the name that the peer's certificate must have, unless server_name is configured. NULL: no memory. */
struct smpp_tls_conn *smpp_tls_open(const struct smpp_tls *t, const char *host);
void smpp_tls_close(struct smpp_tls_conn *c); /* NULL is fine */

/*
 * Takes ciphertext from the peer; the first call has none. Continues the handshake, or appends plain text to plain.
 * ERR_CLOSED: the peer closed TLS. ERR_DENIED: the handshake failed. ERR_IO: a record failed. smpp_tls_reason returns
 * the cause. ERR_NOMEM, ERR_TOOBIG.
 */
enum err smpp_tls_feed(struct smpp_tls_conn *c, const void *data, size_t len, struct buf *plain) ERR_CHECKED;
enum err smpp_tls_write(struct smpp_tls_conn *c, const void *data, size_t len) ERR_CHECKED;
void smpp_tls_bye(struct smpp_tls_conn *c);                                       /* makes a close_notify to drain */
enum err smpp_tls_drain(struct smpp_tls_conn *c, struct buf *cipher) ERR_CHECKED; /* appends what is to be sent */

bool smpp_tls_is_open(const struct smpp_tls_conn *c);
const char *smpp_tls_reason(const struct smpp_tls_conn *c); /* "tls: certificate expired" ...; static */
int64_t smpp_tls_expiry_s(const struct smpp_tls_conn *c);   /* Unix time; 0: not open yet */

#endif
