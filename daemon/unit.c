/*
 * unit: reads single values from the unit files of the service manager. Owns nothing. Must never ask the service
 * manager itself, so that a check works without one.
 */
#include "unit.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 65536
#define PATH_CAP 4352
#define DROP_INS_MAX 64
#define NAME_CAP 256

static const char *const folders[] = { "/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system",
	                               "/usr/lib/systemd/system", "/lib/systemd/system" };

#define FOLDERS (sizeof(folders) / sizeof(folders[0]))

/* --- one file --- */

static const char blanks[] = " \t\r";

/*
 * Copies the next line of *at into line. Continued lines are joined by a space, and comments are left out. False at the
 * end of the text.
 */
static bool next_line(const char **at, char *line, size_t cap)
{
	size_t n = 0;
	bool more = **at != '\0';

	for (bool on = more; on;) {
		const char *begin = *at + strspn(*at, blanks);
		size_t len = strcspn(begin, "\n");
		bool comment = begin[0] == '#' || begin[0] == ';';

		*at = begin + len + (begin[len] == '\n');
		on = !comment && len > 0 && begin[len - 1] == '\\' && **at;
		if (comment) {
			on = n > 0 && **at;
			continue;
		}
		len -= len > 0 && begin[len - 1] == '\\';
		if (n + len + 2 > cap)
			len = cap - n - 2;
		memcpy(line + n, begin, len);
		n += len;
		if (on)
			line[n++] = ' ';
	}
	line[n] = '\0';
	return more;
}

static enum err append_words(const char *words, struct buf *values)
{
	enum err err = ERR_OK;

	for (const char *w = words + strspn(words, blanks); *w && !err; w += strspn(w, blanks)) {
		size_t len = strcspn(w, blanks);

		err = buf_printf(values, " %.*s", (int)len, w);
		w += len;
	}
	return err;
}

enum err unit_read(const char *text, const char *section, const char *key, struct buf *values)
{
	char line[4096];
	size_t section_len = strlen(section), key_len = strlen(key);
	bool inside = false;
	enum err err = ERR_OK;

	while (!err && next_line(&text, line, sizeof(line))) {
		if (line[0] == '[') {
			inside = strncmp(line + 1, section, section_len) == 0 && line[1 + section_len] == ']';
			continue;
		}
		if (!inside || strncmp(line, key, key_len) != 0)
			continue;
		const char *value = line + key_len + strspn(line + key_len, blanks);
		if (*value++ != '=')
			continue;
		if (value[strspn(value, blanks)] == '\0')
			buf_consume(values, buf_len(values));
		err = append_words(value, values);
	}
	return err;
}

/* --- a unit with its drop-ins --- */

static enum err read_file(const char *path, const char *section, const char *key, struct buf *values)
{
	FILE *f = fopen(path, "re");

	if (!f)
		return errno == ENOMEM ? ERR_NOMEM : ERR_NOTFOUND;
	char *text = calloc(1, TEXT_MAX + 1);
	size_t len = text ? fread(text, 1, TEXT_MAX, f) : 0;
	enum err err = text ? ERR_OK : ERR_NOMEM;

	fclose(f);
	if (!err && !memchr(text, '\0', len))
		err = unit_read(text, section, key, values);
	free(text);
	return err;
}

struct drop_ins {
	char names[DROP_INS_MAX][NAME_CAP];
	size_t folder[DROP_INS_MAX]; /* index of the first of the folders that has this name */
	size_t count;
};

static void add_drop_in(struct drop_ins *d, const char *name, size_t folder)
{
	size_t len = strlen(name), at = 0;

	if (len < 6 || len >= NAME_CAP || strcmp(name + len - 5, ".conf") != 0 || d->count == DROP_INS_MAX)
		return;
	while (at < d->count && strcmp(d->names[at], name) < 0)
		at++;
	if (at < d->count && strcmp(d->names[at], name) == 0)
		return;
	memmove(d->names[at + 1], d->names[at], (d->count - at) * NAME_CAP);
	memmove(&d->folder[at + 1], &d->folder[at], (d->count - at) * sizeof(d->folder[0]));
	memcpy(d->names[at], name, len + 1);
	d->folder[at] = folder;
	d->count++;
}

static void find_drop_ins(const char *root, const char *unit, struct drop_ins *d)
{
	char path[PATH_CAP];

	for (size_t i = 0; i < FOLDERS; i++) {
		snprintf(path, sizeof(path), "%s%s/%s.d", root, folders[i], unit);
		DIR *dir = opendir(path);

		for (const struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir))
			add_drop_in(d, e->d_name, i);
		if (dir)
			closedir(dir);
	}
}

enum err unit_value(const char *root, const char *unit, const char *section, const char *key, struct buf *values)
{
	struct drop_ins *d = calloc(1, sizeof(*d));
	char path[PATH_CAP];
	enum err err = ERR_NOTFOUND;

	if (!d)
		return ERR_NOMEM;
	for (size_t i = 0; i < FOLDERS && err == ERR_NOTFOUND; i++) {
		snprintf(path, sizeof(path), "%s%s/%s", root, folders[i], unit);
		err = read_file(path, section, key, values);
	}
	if (!err)
		find_drop_ins(root, unit, d);
	for (size_t i = 0; i < d->count && !err; i++) {
		snprintf(path, sizeof(path), "%s%s/%s.d/%s", root, folders[d->folder[i]], unit, d->names[i]);
		err = read_file(path, section, key, values);
		err = err == ERR_NOTFOUND ? ERR_OK : err;
	}
	free(d);
	return err;
}

/* --- the address filter --- */

static bool same_bits(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	if (memcmp(a, b, whole) != 0)
		return false;
	return rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0;
}

/* True if the address is in the prefix, such as "10.0.0.0/8". Without a length the whole address must be equal. */
static bool in_prefix(const char *word, size_t len, int family, const void *address)
{
	char text[INET6_ADDRSTRLEN + 4];
	uint8_t prefix[sizeof(struct in6_addr)];
	unsigned most = family == AF_INET ? 32 : 128;

	if (len >= sizeof(text))
		return false;
	memcpy(text, word, len);
	text[len] = '\0';
	char *slash = strchr(text, '/');
	unsigned long bits = slash ? strtoul(slash + 1, NULL, 10) : most;
	if (slash)
		*slash = '\0';
	return inet_pton(family, text, prefix) == 1 && bits <= most && same_bits(prefix, address, (unsigned)bits);
}

static bool in_list(const char *list, int family, const void *address)
{
	static const struct {
		const char *name, *v4, *v6;
	} named[] = { { "any", "0.0.0.0/0", "::/0" },
		      { "localhost", "127.0.0.0/8", "::1/128" },
		      { "link-local", "169.254.0.0/16", "fe80::/64" },
		      { "multicast", "224.0.0.0/4", "ff00::/8" } };

	for (const char *w = list + strspn(list, " "); *w; w += strspn(w, " ")) {
		size_t len = strcspn(w, " "), shown_len = len;
		const char *shown = w;

		for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
			if (strlen(named[i].name) == len && strncmp(named[i].name, w, len) == 0) {
				shown = family == AF_INET ? named[i].v4 : named[i].v6;
				shown_len = strlen(shown);
			}
		if (in_prefix(shown, shown_len, family, address))
			return true;
		w += len;
	}
	return false;
}

bool unit_reaches(const char *allow, const char *deny, int family, const void *address)
{
	return in_list(allow, family, address) || !in_list(deny, family, address);
}
