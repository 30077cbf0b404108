/*
 * tls: TLS over two memory BIOs. Owns the OpenSSL objects of an SMSC and of its links, and the trusted certificates
 * that SMSCs share. An encrypted private key is refused; no passphrase is asked for. OpenSSL errors are reported as one
 * of a few static reasons.
 */
#include "smpp/wire/tls.h"
#include "base/clock.h"
#include "base/secret.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define READ_LEN 16384
#define NAME_CAP 256
#define ROOTS_MAX 8

struct smpp_tls {
	SSL_CTX *ctx;
	char name[NAME_CAP]; /* name that the certificate must have; "": the host of the link */
};

struct smpp_tls_conn {
	SSL *ssl;
	BIO *in, *out; /* owned by the SSL object */
	const char *reason;
	int64_t expiry_s;
	bool open;
};

/* --- authorities --- */

/* The certificates of a CA file, cached. Reading those of the system takes tens of milliseconds, during which a reload
 * would block the loop. */
struct roots {
	X509_STORE *store; /* NULL: none */
	bool system;
	struct stat file;
};

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

static X509_STORE *read_roots(const char *ca)
{
	X509_STORE *store = X509_STORE_new();

	if (store && (ca[0] ? X509_STORE_load_file(store, ca) : X509_STORE_set_default_paths(store)) == 1)
		return store;
	X509_STORE_free(store);
	return NULL;
}

static const char *system_file(void)
{
	const char *told = secure_getenv(X509_get_default_cert_file_env());

	return told ? told : X509_get_default_cert_file();
}

/*
 * Returns the certificates in the CA file as it is now, or those of the system for "". The caller frees the store.
 * NULL: the file cannot be used.
 */
static X509_STORE *take_roots(const char *ca)
{
	static struct roots all[ROOTS_MAX];
	static size_t turn;
	struct roots now = { .system = !ca[0] };

	if (stat(now.system ? system_file() : ca, &now.file) != 0)
		return read_roots(ca);
	for (size_t i = 0; i < ROOTS_MAX; i++)
		if (all[i].store && all[i].system == now.system && same_file(&all[i].file, &now.file))
			return X509_STORE_up_ref(all[i].store) == 1 ? all[i].store : NULL;
	now.store = read_roots(ca);
	if (now.store && X509_STORE_up_ref(now.store) == 1) {
		X509_STORE_free(all[turn].store);
		all[turn] = now;
		turn = (turn + 1) % ROOTS_MAX;
	}
	return now.store;
}

static bool trust(SSL_CTX *ctx, const char *ca)
{
	X509_STORE *store = take_roots(ca);

	if (!store)
		return false;
	SSL_CTX_set_cert_store(ctx, store);
	return true;
}

/* --- what an SMSC's links share --- */

static int no_passphrase(char *buf, int size, int writing, void *arg)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)arg;
	return 0;
}

/* NULL: all is well. */
static const char *use_key(SSL_CTX *ctx, const struct secret *key)
{
	BIO *bio = key ? BIO_new_mem_buf(secret_bytes(key), (int)secret_len(key)) : NULL;
	EVP_PKEY *pkey = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) : NULL;
	const char *reason = pkey ? NULL : "no key in PEM without a passphrase";

	if (pkey && (SSL_CTX_use_PrivateKey(ctx, pkey) != 1 || SSL_CTX_check_private_key(ctx) != 1))
		reason = "the key does not fit the certificate";
	EVP_PKEY_free(pkey);
	BIO_free(bio);
	return reason;
}

/* NULL: all is well. */
static const char *set_up(SSL_CTX *ctx, const struct smpp_tls_opts *o)
{
	if (SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) != 1)
		return "TLS 1.2 is not there";
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_CLEANSE_PLAINTEXT);
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_default_passwd_cb(ctx, no_passphrase);
	if (!trust(ctx, o->ca ? o->ca : ""))
		return "the CA file cannot be used";
	if (!o->certificate || !o->certificate[0])
		return NULL;
	if (SSL_CTX_use_certificate_chain_file(ctx, o->certificate) != 1)
		return "the certificate file cannot be used";
	return use_key(ctx, o->key);
}

enum err smpp_tls_new(const struct smpp_tls_opts *o, struct smpp_tls **out, const char **reason)
{
	struct smpp_tls *t = calloc(1, sizeof *t);

	*reason = "no memory";
	if (!t || !(t->ctx = SSL_CTX_new(TLS_client_method()))) {
		free(t);
		return ERR_NOMEM;
	}
	ERR_clear_error();
	*reason = set_up(t->ctx, o);
	if (snprintf(t->name, sizeof t->name, "%s", o->server_name ? o->server_name : "") >= NAME_CAP)
		*reason = "the server name is too long";
	ERR_clear_error();
	if (*reason) {
		smpp_tls_free(t);
		return ERR_INVALID;
	}
	*out = t;
	return ERR_OK;
}

void smpp_tls_free(struct smpp_tls *t)
{
	if (!t)
		return;
	SSL_CTX_free(t->ctx);
	free(t);
}

/* --- one link --- */

static bool expect(SSL *ssl, const char *name)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);

	X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (X509_VERIFY_PARAM_set1_ip_asc(param, name) == 1)
		return true;
	char copy[NAME_CAP]; /* the OpenSSL macro takes no const pointer */
	snprintf(copy, sizeof copy, "%s", name);
	return SSL_set1_host(ssl, name) == 1 && SSL_set_tlsext_host_name(ssl, copy) == 1;
}

struct smpp_tls_conn *smpp_tls_open(const struct smpp_tls *t, const char *host)
{
	struct smpp_tls_conn *c = calloc(1, sizeof *c);
	BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());

	if (!c || !in || !out || !(c->ssl = SSL_new(t->ctx))) {
		BIO_free(in);
		BIO_free(out);
		free(c);
		return NULL;
	}
	SSL_set_bio(c->ssl, in, out);
	SSL_set_connect_state(c->ssl);
	c->in = in;
	c->out = out;
	c->reason = "";
	ERR_clear_error();
	if (expect(c->ssl, t->name[0] ? t->name : host))
		return c;
	ERR_clear_error();
	smpp_tls_close(c);
	return NULL;
}

void smpp_tls_close(struct smpp_tls_conn *c)
{
	if (!c)
		return;
	SSL_free(c->ssl);
	free(c);
}

static const char *verify_reason(long result)
{
	switch (result) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return "tls: certificate expired";
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return "tls: certificate not yet valid";
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		return "tls: certificate is for another name";
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_CERT_SIGNATURE_FAILURE:
		return "tls: issuer not trusted";
	default:
		return "tls: certificate refused";
	}
}

static const char *alert_reason(unsigned long code)
{
	switch (ERR_GET_REASON(code)) {
	case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
		return "tls: peer wants a client certificate";
	case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
	case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
	case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
	case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
	case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
		return "tls: peer refused our certificate";
	case SSL_R_UNSUPPORTED_PROTOCOL:
	case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
		return "tls: no version in common";
	case SSL_R_WRONG_VERSION_NUMBER:
		return "tls: peer does not speak TLS";
	default:
		return "tls: broken";
	}
}

static enum err fail(struct smpp_tls_conn *c)
{
	long drain_reason = SSL_get_verify_result(c->ssl);

	c->reason =
	    !c->open && drain_reason != X509_V_OK ? verify_reason(drain_reason) : alert_reason(ERR_peek_error());
	ERR_clear_error();
	return c->open ? ERR_IO : ERR_DENIED;
}

static void note_expiry(struct smpp_tls_conn *c)
{
	X509 *peer = SSL_get1_peer_certificate(c->ssl);
	int days = 0, seconds = 0;

	if (peer && ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(peer)) == 1)
		c->expiry_s = clock_wall_ms() / 1000 + (int64_t)days * 86400 + seconds;
	X509_free(peer);
}

static enum err handshake(struct smpp_tls_conn *c)
{
	int rc = SSL_do_handshake(c->ssl);

	if (rc == 1) {
		c->open = true;
		note_expiry(c);
		return ERR_OK;
	}
	return SSL_get_error(c->ssl, rc) == SSL_ERROR_WANT_READ ? ERR_OK : fail(c);
}

static enum err read_plain(struct smpp_tls_conn *c, struct buf *plain)
{
	for (;;) {
		uint8_t *at;
		enum err err = buf_reserve(plain, READ_LEN, &at);
		if (err)
			return err;
		int n = SSL_read(c->ssl, at, READ_LEN);
		if (n > 0) {
			buf_commit(plain, (size_t)n);
			continue;
		}
		switch (SSL_get_error(c->ssl, n)) {
		case SSL_ERROR_WANT_READ:
			return ERR_OK;
		case SSL_ERROR_ZERO_RETURN:
			return ERR_CLOSED;
		default:
			return fail(c);
		}
	}
}

enum err smpp_tls_feed(struct smpp_tls_conn *c, const void *data, size_t len, struct buf *plain)
{
	ERR_clear_error();
	if (len && BIO_write(c->in, data, (int)len) != (int)len)
		return ERR_NOMEM;
	if (!c->open) {
		enum err err = handshake(c);
		if (err || !c->open)
			return err;
	}
	return read_plain(c, plain);
}

enum err smpp_tls_write(struct smpp_tls_conn *c, const void *data, size_t len)
{
	ERR_clear_error();
	return SSL_write(c->ssl, data, (int)len) == (int)len ? ERR_OK : fail(c);
}

void smpp_tls_bye(struct smpp_tls_conn *c)
{
	if (c->open)
		(void)SSL_shutdown(c->ssl);
	ERR_clear_error();
}

enum err smpp_tls_drain(struct smpp_tls_conn *c, struct buf *cipher)
{
	size_t pending;

	while ((pending = (size_t)BIO_ctrl_pending(c->out)) > 0) {
		uint8_t *at;
		size_t n = pending < READ_LEN ? pending : READ_LEN;
		enum err err = buf_reserve(cipher, n, &at);
		if (err)
			return err;
		int got = BIO_read(c->out, at, (int)n);
		if (got <= 0)
			return ERR_INTERNAL;
		buf_commit(cipher, (size_t)got);
	}
	return ERR_OK;
}

bool smpp_tls_is_open(const struct smpp_tls_conn *c)
{
	return c->open;
}

const char *smpp_tls_reason(const struct smpp_tls_conn *c)
{
	return c->reason;
}

int64_t smpp_tls_expiry_s(const struct smpp_tls_conn *c)
{
	return c->expiry_s;
}
