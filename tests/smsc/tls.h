/*
 * tls: one connection's TLS, the server's side, without blocking. OpenSSL stays behind it.
 */
#ifndef SMSC_TLS_H
#define SMSC_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct tls;
struct tls_server;

/* NULL client_ca: no client certificate is asked for. Ends the process if a file is no good. */
struct tls_server *tls_open(const char *cert, const char *key, const char *client_ca);
struct tls *tls_accept(struct tls_server *server, int fd);

/* 1: done; 0: later; -1: refused. */
int tls_handshake(struct tls *tls);
const char *tls_version(const struct tls *tls);              /* static */
void tls_peer(const struct tls *tls, char *out, size_t cap); /* the common name of its certificate, or "" */

/* As read and send: -1 with EAGAIN when there is nothing now. */
ssize_t tls_read(struct tls *tls, void *data, size_t len);
ssize_t tls_write(struct tls *tls, const void *data, size_t len);
void tls_close(struct tls *tls);
void tls_shut(struct tls_server *server);

#endif
