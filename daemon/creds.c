/*
 * creds: keys and passwords from files into secrets. Owns them for the life of the process.
 * Never tells what a file holds; never accepts one that others of the machine may read.
 */
#include "creds.h"

#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX 4096
#define PATH_CAP 4352

struct loading {
	struct buf *errors;
	enum err err; /* the first fault's */
};

struct place {
	char path[PATH_CAP];
	bool guarded; /* inside the credentials directory */
};

static void fault(struct loading *l, enum err err, const char *file, const char *found, const char *allowed)
{
	if (!l->err)
		l->err = err;
	if (buf_printf(l->errors, "%s: found %s, allowed %s\n", file, found, allowed) == ERR_NOMEM)
		l->err = ERR_NOMEM;
}

static bool find(struct loading *l, const char *file, struct place *p)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	int n;

	if (strchr(file, '/')) {
		size_t len = dir ? strlen(dir) : 0;

		p->guarded = len > 1 && strncmp(file, dir, len) == 0 && file[len] == '/' && !strstr(file, "/../");
		n = snprintf(p->path, sizeof(p->path), "%s", file);
	} else if (dir && dir[0] == '/') {
		p->guarded = strcmp(file, "..") != 0 && strcmp(file, ".") != 0;
		n = snprintf(p->path, sizeof(p->path), "%s/%s", dir, file);
	} else {
		fault(l, ERR_INVALID, file, "no credentials directory",
		      "an absolute path, or $CREDENTIALS_DIRECTORY set by the service manager");
		return false;
	}
	if (n < 0 || (size_t)n >= sizeof(p->path)) {
		fault(l, ERR_INVALID, file, "a path that is too long", "at most 4095 octets");
		return false;
	}
	return true;
}

static bool may_use(struct loading *l, const struct place *p, int fd)
{
	struct stat st;
	char found[64];

	if (fstat(fd, &st) != 0) {
		fault(l, ERR_IO, p->path, strerror(errno), "a regular file");
		return false;
	}
	if (!S_ISREG(st.st_mode)) {
		fault(l, ERR_INVALID, p->path, "something that is no regular file", "a regular file");
		return false;
	}
	if (!p->guarded && (st.st_mode & 077) != 0) {
		snprintf(found, sizeof(found), "mode %04o", (unsigned)(st.st_mode & 07777));
		fault(l, ERR_DENIED, p->path, found, "mode 0600 or 0400: readable by its owner alone");
		return false;
	}
	if (!p->guarded && st.st_uid != geteuid() && st.st_uid != 0) {
		snprintf(found, sizeof(found), "owner %u", (unsigned)st.st_uid);
		fault(l, ERR_DENIED, p->path, found, "a file of the daemon's own user or of root");
		return false;
	}
	return true;
}

/* Reads all of it into text; false if a fault was noted. */
static bool read_all(struct loading *l, const struct place *p, char text[FILE_MAX], size_t *len)
{
	/* Not blocking: a FIFO of that name must not stop the daemon before it is looked at. */
	int fd = open(p->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0) {
		fault(l, errno == EACCES ? ERR_DENIED : ERR_INVALID, p->path, strerror(errno),
		      "a file the daemon can read");
		return false;
	}
	bool ok = may_use(l, p, fd);
	ssize_t n = 1;
	for (*len = 0; ok && n > 0 && *len < FILE_MAX; *len += n > 0 ? (size_t)n : 0) {
		do
			n = read(fd, text + *len, FILE_MAX - *len);
		while (n < 0 && errno == EINTR);
	}
	if (ok && n < 0)
		fault(l, ERR_IO, p->path, strerror(errno), "a file the daemon can read");
	else if (ok && *len == FILE_MAX)
		fault(l, ERR_INVALID, p->path, "4096 octets or more", "less");
	close(fd);
	return ok && n >= 0 && *len < FILE_MAX;
}

static void fault_memory(struct loading *l, const char *path)
{
	fault(l, ERR_NOMEM, path, "no locked memory left", "a higher LimitMEMLOCK=");
}

static struct secret *guard(struct loading *l, const char *path, const char *text, size_t len)
{
	struct secret *s = NULL;

	if (secret_new(text, len, &s))
		fault_memory(l, path);
	return s;
}

/* One line without its end; NULL if a fault was noted. */
static struct secret *password_of(struct loading *l, const char *path, const char *text, size_t len)
{
	if (len > 0 && text[len - 1] == '\n')
		len--;
	if (len > 0 && text[len - 1] == '\r')
		len--;
	if (len == 0) {
		fault(l, ERR_INVALID, path, "an empty password", "one line that is the password");
		return NULL;
	}
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)text[i] >= 0x20 && text[i] != 0x7f)
			continue;
		fault(l, ERR_INVALID, path, "more than one line, or control characters",
		      "one line that is the password");
		return NULL;
	}
	return guard(l, path, text, len);
}

static struct secret *load_password(struct loading *l, const char *file)
{
	struct place p;
	char text[FILE_MAX];
	struct secret *s = NULL;
	size_t len;

	if (!file[0] || !find(l, file, &p))
		return NULL;
	if (read_all(l, &p, text, &len))
		s = password_of(l, p.path, text, len);
	secret_wipe(text, sizeof(text));
	return s;
}

/* A private key in PEM, as it stands; what it holds is for the room that uses it. */
static struct secret *load_pem(struct loading *l, const char *file)
{
	struct place p;
	char text[FILE_MAX];
	struct secret *s = NULL;
	size_t len;

	if (!file[0] || !find(l, file, &p))
		return NULL;
	if (read_all(l, &p, text, &len)) {
		if (len > 0)
			s = guard(l, p.path, text, len);
		else
			fault(l, ERR_INVALID, p.path, "an empty file", "a private key in PEM");
	}
	secret_wipe(text, sizeof(text));
	return s;
}

static struct secret *load_key(struct loading *l, const char *file)
{
	struct place p;
	char text[FILE_MAX];
	struct secret *s = NULL;
	size_t len;

	if (!find(l, file, &p))
		return NULL;
	if (read_all(l, &p, text, &len)) {
		enum err err = keyring_parse_file(text, len, &s);

		if (err == ERR_NOMEM)
			fault_memory(l, p.path);
		else if (err)
			fault(l, err, p.path, "no key", "the one line that otpgwd --genkey writes");
	}
	secret_wipe(text, sizeof(text));
	return s;
}

static bool same_secret(const struct secret *a, const struct secret *b)
{
	return secret_len(a) == secret_len(b) && memcmp(secret_bytes(a), secret_bytes(b), secret_len(a)) == 0;
}

static void load_code_keys(struct loading *l, const struct conf *c, const struct secret *index, struct keyring *ring)
{
	for (size_t i = 0; i < c->code_key_count; i++) {
		struct secret *s = load_key(l, c->code_keys[i].path);

		if (s && index && same_secret(s, index))
			fault(l, ERR_INVALID, c->code_keys[i].path, "the index key again", "a key of its own");
		else if (s && ring) {
			enum err err = keyring_add(ring, c->code_keys[i].kid, s);

			if (err)
				fault(l, err, c->code_keys[i].path, "a key that cannot be added", "one key a kid");
		}
		secret_free(s);
	}
}

static void load_keys(struct loading *l, const struct conf *c, struct creds *out)
{
	struct secret *index = load_key(l, c->index_key_file);

	if (index) {
		enum err err = keyring_new(index, c->store.partitions, &out->keys);

		if (err == ERR_NOMEM)
			fault_memory(l, c->index_key_file);
		else if (err)
			fault(l, err, c->index_key_file, "a key that cannot be used", "store.partitions 1..4096");
	}
	load_code_keys(l, c, index, out->keys);
	secret_free(index);
	if (l->err || !out->keys)
		return;
	enum err err = keyring_use(out->keys, c->current_kid);
	if (err)
		fault(l, err, "keys.current", "a kid that is not loaded", "a kid of keys.codes");
}

void creds_attach(const struct creds *creds, struct conf *c)
{
	c->store.password = creds->redis_password;
	c->store.sentinel_password = creds->sentinel_password;
}

static bool load_smscs(struct loading *l, const struct conf *c, struct creds_smscs *out)
{
	size_t n = c->smpp.smsc_count;

	*out = (struct creds_smscs){ .passwords = calloc(n + 1, sizeof(struct secret *)),
		                     .keys = calloc(n + 1, sizeof(struct secret *)),
		                     .count = n };
	if (!out->passwords || !out->keys)
		return false;
	for (size_t i = 0; i < n; i++) {
		out->passwords[i] = load_password(l, c->smsc_password_files[i]);
		out->keys[i] = load_pem(l, c->smsc_key_files[i]);
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
	struct loading l = { .errors = errors };

	if (!load_smscs(&l, c, out))
		l.err = ERR_NOMEM;
	if (l.err)
		creds_clear_smscs(out);
	else
		attach_smscs(out, c);
	return l.err;
}

enum err creds_load(struct conf *c, struct creds *out, struct buf *errors)
{
	struct loading l = { .errors = errors };

	memset(out, 0, sizeof(*out));
	out->redis_password = load_password(&l, c->redis_password_file);
	out->sentinel_password = load_password(&l, c->sentinel_password_file);
	if (!load_smscs(&l, c, &out->smscs))
		l.err = ERR_NOMEM;
	load_keys(&l, c, out);
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
	memset(c, 0, sizeof(*c));
}
