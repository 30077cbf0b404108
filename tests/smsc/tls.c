/*
 * tls: see tls.h. TLS 1.2 or newer; certificates come from files.
 */
#include "tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>

struct tls_server {
	SSL_CTX *context;
};

struct tls {
	SSL *ssl;
	bool done;
};

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "smsc: %s: %s\n", what, ERR_reason_error_string(ERR_peek_last_error()));
	exit(2);
}

static void *room(size_t len)
{
	void *p = calloc(1, len);

	if (!p)
		die("out of memory");
	return p;
}

struct tls_server *tls_open(const char *cert, const char *key, const char *client_ca)
{
	struct tls_server *server = room(sizeof(*server));

	server->context = SSL_CTX_new(TLS_server_method());
	if (!server->context || !SSL_CTX_set_min_proto_version(server->context, TLS1_2_VERSION))
		die("TLS");
	SSL_CTX_set_mode(server->context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	if (SSL_CTX_use_certificate_chain_file(server->context, cert) != 1)
		die(cert);
	if (SSL_CTX_use_PrivateKey_file(server->context, key ? key : cert, SSL_FILETYPE_PEM) != 1)
		die(key ? key : cert);
	if (client_ca) {
		if (SSL_CTX_load_verify_locations(server->context, client_ca, NULL) != 1)
			die(client_ca);
		SSL_CTX_set_verify(server->context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	}
	return server;
}

struct tls *tls_accept(struct tls_server *server, int fd)
{
	struct tls *tls;

	if (!server)
		return NULL;
	tls = room(sizeof(*tls));
	tls->ssl = SSL_new(server->context);
	if (!tls->ssl || SSL_set_fd(tls->ssl, fd) != 1)
		die("TLS");
	return tls;
}

static ssize_t result(struct tls *tls, int n)
{
	int error = SSL_get_error(tls->ssl, n);

	ERR_clear_error();
	if (n > 0)
		return n;
	if (error == SSL_ERROR_ZERO_RETURN)
		return 0;
	errno = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? EAGAIN : ECONNRESET;
	return -1;
}

int tls_handshake(struct tls *tls)
{
	ssize_t n;

	if (tls->done)
		return 1;
	ERR_clear_error();
	n = result(tls, SSL_accept(tls->ssl));
	if (n == 1)
		tls->done = true;
	return n == 1 ? 1 : n < 0 && errno == EAGAIN ? 0 : -1;
}

const char *tls_version(const struct tls *tls)
{
	return SSL_get_version(tls->ssl);
}

void tls_peer(const struct tls *tls, char *out, size_t cap)
{
	X509 *cert = SSL_get1_peer_certificate(tls->ssl);

	out[0] = '\0';
	if (!cert)
		return;
	if (X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_commonName, out, (int)cap) < 0)
		out[0] = '\0';
	X509_free(cert);
}

ssize_t tls_read(struct tls *tls, void *data, size_t len)
{
	ERR_clear_error();
	return result(tls, SSL_read(tls->ssl, data, (int)len));
}

ssize_t tls_write(struct tls *tls, const void *data, size_t len)
{
	ERR_clear_error();
	return result(tls, SSL_write(tls->ssl, data, (int)len));
}

void tls_close(struct tls *tls)
{
	if (!tls)
		return;
	SSL_free(tls->ssl);
	free(tls);
}

void tls_shut(struct tls_server *server)
{
	if (!server)
		return;
	SSL_CTX_free(server->context);
	free(server);
}
