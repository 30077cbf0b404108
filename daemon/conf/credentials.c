/*
 * credentials: loads keys and passwords from files into secrets, which the caller's struct creds then owns. It must
 * never report the content of a file, and never accept a file that other users may read.
 */
#include "conf/credentials.h"

#include "base/secret.h"
#include "conf/credentials_find.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX 4096

struct loading {
	const struct conf *conf;
	struct buf *errors;
	enum err err; /* error of the first fault */
};

/* A file to read. */
struct source {
	const char *at; /* where the configuration names it, for error texts */
	struct creds_place place;
};

static void fault(struct loading *l, enum err err, const struct source *s, const char *found, const char *allowed)
{
	if (!l->err)
		l->err = err;
	if (buf_printf(l->errors, "%s: %s: found %s, allowed %s\n", s->at, s->place.path, found, allowed) == ERR_NOMEM)
		l->err = ERR_NOMEM;
}

static bool find(struct loading *l, const struct conf_file *f, struct source *s)
{
	s->at = f->at;
	if (!creds_find(l->conf, f->name, &s->place))
		return true;
	fault(l, ERR_INVALID, s, "a path that is too long", "at most 4095 octets");
	return false;
}

static bool may_use(struct loading *l, const struct source *s, int fd)
{
	struct stat st;
	char found[64];

	if (fstat(fd, &st) != 0) {
		fault(l, ERR_IO, s, strerror(errno), "a regular file");
		return false;
	}
	if (!S_ISREG(st.st_mode)) {
		fault(l, ERR_INVALID, s, "something that is no regular file", "a regular file");
		return false;
	}
	if (!s->place.guarded && (st.st_mode & 077) != 0) {
		snprintf(found, sizeof(found), "mode %04o", (unsigned)(st.st_mode & 07777));
		fault(l, ERR_DENIED, s, found, "mode 0600 or 0400: readable by its owner alone");
		return false;
	}
	if (!s->place.guarded && st.st_uid != geteuid() && st.st_uid != 0) {
		snprintf(found, sizeof(found), "owner %u", (unsigned)st.st_uid);
		fault(l, ERR_DENIED, s, found, "a file of the daemon's own user or of root");
		return false;
	}
	return true;
}

/* ERR_IO: the same file may be readable later. ERR_DENIED, ERR_INVALID: only a change of the file or its path helps. */
static enum err of_errno(int why)
{
	if (why == EMFILE || why == ENFILE || why == ENOMEM || why == EIO)
		return ERR_IO;
	return why == EACCES ? ERR_DENIED : ERR_INVALID;
}

/* Reads the whole file into text. Returns false if a fault was noted. */
static bool read_all(struct loading *l, const struct source *s, char text[FILE_MAX], size_t *len)
{
	/*
	 * O_NONBLOCK, because otherwise opening a FIFO would block the daemon before the type of the file is checked.
	 */
	int fd = open(s->place.path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0) {
		bool late = s->place.guarded && errno == ENOENT;

		fault(l, of_errno(errno), s, errno == ENOENT ? "no such file" : strerror(errno),
		      late ? "one that lay in the credentials folder when the service started"
		           : "a file the daemon can read");
		return false;
	}
	bool ok = may_use(l, s, fd);
	ssize_t n = 1;
	for (*len = 0; ok && n > 0 && *len<FILE_MAX; *len += n> 0 ? (size_t)n : 0) {
		do
			n = read(fd, text + *len, FILE_MAX - *len);
		while (n < 0 && errno == EINTR);
	}
	if (ok && n < 0)
		fault(l, ERR_IO, s, strerror(errno), "a file the daemon can read");
	else if (ok && *len == FILE_MAX)
		fault(l, ERR_INVALID, s, "4096 octets or more", "less");
	close(fd);
	return ok && n >= 0 && *len < FILE_MAX;
}

static void fault_memory(struct loading *l, const struct source *s)
{
	fault(l, ERR_NOMEM, s, "no locked memory left", "a higher LimitMEMLOCK=");
}

static struct secret *guard(struct loading *l, const struct source *from, const char *text, size_t len)
{
	struct secret *s = NULL;

	if (secret_new(text, len, &s))
		fault_memory(l, from);
	return s;
}

/* Makes a secret of one line without its line end. Returns NULL if a fault was noted. */
static struct secret *password_of(struct loading *l, const struct source *from, const char *text, size_t len)
{
	if (len > 0 && text[len - 1] == '\n')
		len--;
	if (len > 0 && text[len - 1] == '\r')
		len--;
	if (len == 0) {
		fault(l, ERR_INVALID, from, "an empty password", "one line that is the password");
		return NULL;
	}
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)text[i] >= 0x20 && text[i] != 0x7f)
			continue;
		fault(l, ERR_INVALID, from, "more than one line, or control characters",
		      "one line that is the password");
		return NULL;
	}
	return guard(l, from, text, len);
}

/* Makes a secret of a private key in PEM, unchanged. TLS reads it later. Returns NULL if a fault was noted. */
static struct secret *pem_of(struct loading *l, const struct source *from, const char *text, size_t len)
{
	if (len > 0)
		return guard(l, from, text, len);
	fault(l, ERR_INVALID, from, "an empty file", "a private key in PEM");
	return NULL;
}

static struct secret *key_of(struct loading *l, const struct source *from, const char *text, size_t len)
{
	struct secret *s = NULL;
	enum err err = keyring_parse_file(text, len, &s);

	if (err == ERR_NOMEM)
		fault_memory(l, from);
	else if (err)
		fault(l, err, from, "no key", "the one line that otpgwd --genkey writes");
	return s;
}

/* Makes the secret that the text of a file holds. Returns NULL if a fault was noted. */
typedef struct secret *(*reading)(struct loading *l, const struct source *from, const char *text, size_t len);

/* Reads a file and makes a secret of it. Returns NULL if a fault was noted or the configuration names no file. */
static struct secret *load(struct loading *l, const struct conf_file *file, reading read_as)
{
	struct source from;
	char text[FILE_MAX];
	struct secret *s = NULL;
	size_t len;

	if (!file->name[0] || !find(l, file, &from))
		return NULL;
	if (read_all(l, &from, text, &len))
		s = read_as(l, &from, text, len);
	secret_wipe(text, sizeof(text));
	return s;
}

static struct source source_of(const struct loading *l, const struct conf_file *f)
{
	struct source s = { .at = f->at };

	return creds_find(l->conf, f->name, &s.place) ? (struct source){ .at = f->at } : s;
}

static void fault_of(struct loading *l, enum err err, const struct conf_file *f, const char *found, const char *allowed)
{
	const struct source s = source_of(l, f);

	fault(l, err, &s, found, allowed);
}

static void load_code_keys(struct loading *l, const struct secret *index, struct keyring *ring)
{
	for (size_t i = 0; i < l->conf->code_key_count; i++) {
		const struct conf_key_file *k = &l->conf->code_keys[i];
		struct secret *s = load(l, &k->file, key_of);

		if (s && index && secret_same(s, index))
			fault_of(l, ERR_INVALID, &k->file, "the index key again", "a key of its own");
		else if (s && ring) {
			enum err err = keyring_add(ring, k->kid, s);

			if (err == ERR_NOMEM)
				fault_of(l, err, &k->file, "no locked memory left", "a higher LimitMEMLOCK=");
			else if (err)
				fault_of(l, err, &k->file, "a key that cannot be added", "one key per kid");
		}
		secret_free(s);
	}
}

static void load_keys(struct loading *l, struct creds *out)
{
	const struct conf *c = l->conf;
	struct secret *index = load(l, &c->index_key_file, key_of);

	if (index) {
		enum err err = keyring_new(index, c->store.partitions, &out->keys);

		if (err == ERR_NOMEM)
			fault_of(l, err, &c->index_key_file, "no locked memory left", "a higher LimitMEMLOCK=");
		else if (err)
			fault_of(l, err, &c->index_key_file, "a key that cannot be used", "store.partitions 1..4096");
	}
	load_code_keys(l, index, out->keys);
	secret_free(index);
	if (l->err || !out->keys)
		return;
	l->err = keyring_use(out->keys, c->current_kid);
}

static void add_proof_key(struct loading *l, const struct conf_proof_key *k, struct proof_keys *keys)
{
	struct secret *s = load(l, &k->file, key_of);

	if (s && proof_keys_add(keys, k->kid, s) != ERR_OK)
		fault_of(l, ERR_INVALID, &k->file, "a key that cannot be added", "one key per kid");
	secret_free(s);
}

/* Loads the keys that sign proofs, and puts them into the options. */
static void load_proofs(struct loading *l, struct conf *c, struct proof_keys **out)
{
	*out = NULL;
	if (c->proof_key_count == 0)
		return;
	if (proof_keys_new(out) != ERR_OK) {
		fault_of(l, ERR_NOMEM, &c->proof_keys[0].file, "no locked memory left", "a higher LimitMEMLOCK=");
		return;
	}
	for (size_t i = 0; i < c->proof_key_count; i++)
		add_proof_key(l, &c->proof_keys[i], *out);
	if (!l->err)
		l->err = proof_keys_use(*out, c->proof_current);
	c->flow.proof.keys = *out;
}

void creds_attach(const struct creds *creds, struct conf *c)
{
	c->store.password = creds->redis_password;
	c->store.sentinel_password = creds->sentinel_password;
}

static bool load_smscs(struct loading *l, struct creds_smscs *out)
{
	const struct conf *c = l->conf;
	size_t n = c->smpp.smsc_count;

	*out = (struct creds_smscs){ .passwords = calloc(n + 1, sizeof(struct secret *)),
		                     .keys = calloc(n + 1, sizeof(struct secret *)),
		                     .count = n };
	if (!out->passwords || !out->keys)
		return false;
	for (size_t i = 0; i < n; i++) {
		out->passwords[i] = load(l, &c->smsc_password_files[i], password_of);
		out->keys[i] = load(l, &c->smsc_key_files[i], pem_of);
	}
	return true;
}

static void attach_smscs(const struct creds_smscs *s, struct conf *c)
{
	for (size_t i = 0; i < s->count; i++) {
		c->smscs[i].password = s->passwords[i];
		c->smscs[i].tls.key = s->keys[i];
	}
}

void creds_clear_smscs(struct creds_smscs *s)
{
	for (size_t i = 0; i < s->count; i++) {
		if (s->passwords)
			secret_free(s->passwords[i]);
		if (s->keys)
			secret_free(s->keys[i]);
	}
	free(s->passwords);
	free(s->keys);
	*s = (struct creds_smscs){ .count = 0 };
}

enum err creds_load_smscs(struct conf *c, struct creds_smscs *out, struct buf *errors)
{
	struct loading l = { .conf = c, .errors = errors };

	if (!load_smscs(&l, out))
		l.err = ERR_NOMEM;
	if (l.err)
		creds_clear_smscs(out);
	else
		attach_smscs(out, c);
	return l.err;
}

enum err creds_load_proofs(struct conf *c, struct proof_keys **out, struct buf *errors)
{
	struct loading l = { .conf = c, .errors = errors };

	load_proofs(&l, c, out);
	if (l.err) {
		proof_keys_free(*out);
		*out = NULL;
		c->flow.proof.keys = NULL;
	}
	return l.err;
}

enum err creds_load(struct conf *c, struct creds *out, struct buf *errors)
{
	struct loading l = { .conf = c, .errors = errors };

	memset(out, 0, sizeof(*out));
	out->redis_password = load(&l, &c->redis_password_file, password_of);
	out->sentinel_password = load(&l, &c->sentinel_password_file, password_of);
	if (!load_smscs(&l, &out->smscs))
		l.err = ERR_NOMEM;
	load_keys(&l, out);
	load_proofs(&l, c, &out->proofs);
	if (l.err) {
		creds_clear(out);
		return l.err;
	}
	creds_attach(out, c);
	attach_smscs(&out->smscs, c);
	return ERR_OK;
}

void creds_clear(struct creds *c)
{
	secret_free(c->redis_password);
	secret_free(c->sentinel_password);
	creds_clear_smscs(&c->smscs);
	keyring_free(c->keys);
	proof_keys_free(c->proofs);
	memset(c, 0, sizeof(*c));
}
