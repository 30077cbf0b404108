/*
 * check: compares a valid configuration with this machine: files in the credentials folder that no key names, and users
 * of tenants who may not connect to the socket. Owns nothing. Must never read a secret or change anything.
 */
#include "check.h"

#include "check_address.h"
#include "conf/credentials_find.h"
#include "unit.h"

#include <dirent.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define GROUPS_MAX 256
#define VALUE_CAP 4096
#define SOCKET_UNIT "otpgwd.socket"

/* --- files of the credentials folder --- */

static bool names(const struct conf *c, const struct conf_file *f, const char *path)
{
	struct creds_place p;

	return f->name && f->name[0] && !creds_find(c, f->name, &p) && strcmp(p.path, path) == 0;
}

static bool is_named(const struct conf *c, const char *path)
{
	bool named = names(c, &c->index_key_file, path) || names(c, &c->redis_password_file, path) ||
	             names(c, &c->sentinel_password_file, path);

	for (size_t i = 0; i < c->code_key_count; i++)
		named = named || names(c, &c->code_keys[i].file, path);
	for (size_t i = 0; i < c->proof_key_count; i++)
		named = named || names(c, &c->proof_keys[i].file, path);
	for (size_t i = 0; i < c->smpp.smsc_count; i++)
		named = named || names(c, &c->smsc_password_files[i], path) || names(c, &c->smsc_key_files[i], path);
	return named;
}

static enum err check_files(const struct conf *c, struct buf *out)
{
	struct creds_place folder;
	enum err err = ERR_OK;
	DIR *dir = creds_folder(c, &folder) ? NULL : opendir(folder.path);

	for (const struct dirent *e = dir ? readdir(dir) : NULL; e && !err; e = readdir(dir)) {
		char path[CREDS_PATH_CAP + 256];
		struct stat st;

		snprintf(path, sizeof(path), "%s/%s", folder.path, e->d_name);
		if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && !is_named(c, path))
			err = buf_printf(out, "warning: %s: no key of the configuration names this file\n", path);
	}
	if (dir)
		closedir(dir);
	return err;
}

/* --- who may connect --- */

struct door {
	mode_t mode;
	uid_t uid;
	gid_t gid;
};

/* The last word of a value of the socket unit; "" if there is none. */
static enum err unit_word(const char *root, const char *key, char out[256])
{
	struct buf value;

	out[0] = '\0';
	buf_init(&value, VALUE_CAP);
	enum err err = unit_value(root, SOCKET_UNIT, "Socket", key, &value);
	const char *text = (const char *)buf_data(&value);
	size_t end = buf_len(&value), begin = end;

	while (begin > 0 && text[begin - 1] != ' ')
		begin--;
	if (!err && end > begin)
		snprintf(out, 256, "%.*s", (int)(end - begin), text + begin);
	buf_clear(&value);
	return err;
}

/* Gets owner, group and mode from the socket unit. False: the unit is for another path, or cannot be read. */
static bool unit_door(const char *root, const char *path, struct door *d)
{
	char listen[256], mode[256], user[256], group[256];

	if (unit_word(root, "ListenStream", listen) || unit_word(root, "SocketMode", mode) ||
	    unit_word(root, "SocketUser", user) || unit_word(root, "SocketGroup", group) || strcmp(listen, path) != 0)
		return false;
	const struct passwd *p = getpwnam(user[0] ? user : "root");
	d->uid = p ? p->pw_uid : 0;
	const struct group *g = getgrnam(group[0] ? group : "root");
	d->gid = g ? g->gr_gid : 0;
	d->mode = mode[0] ? (mode_t)strtoul(mode, NULL, 8) : 0666;
	return g != NULL;
}

/*
 * The owner, group and mode of the existing socket, or else those that the unit or the configuration will give it.
 * False: they are not known.
 */
static bool find_door(const struct conf *c, const char *root, struct door *d)
{
	struct stat st;

	if (stat(c->api.socket_path, &st) == 0 && S_ISSOCK(st.st_mode)) {
		*d = (struct door){ .mode = st.st_mode & 0777, .uid = st.st_uid, .gid = st.st_gid };
		return true;
	}
	if (unit_door(root, c->api.socket_path, d))
		return true;
	const struct group *g = c->api.socket_group[0] ? getgrnam(c->api.socket_group) : NULL;
	if (!g)
		return false;
	*d = (struct door){ .mode = c->api.socket_mode, .gid = g->gr_gid };
	return true;
}

static bool in_group(const struct passwd *p, gid_t gid)
{
	gid_t all[GROUPS_MAX];
	int n = GROUPS_MAX;

	if (getgrouplist(p->pw_name, p->pw_gid, all, &n) < 0)
		n = GROUPS_MAX;
	for (int i = 0; i < n; i++)
		if (all[i] == gid)
			return true;
	return false;
}

/* To connect to a Unix socket a user needs the right to write to it. */
static bool may_connect(const struct passwd *p, const struct door *d)
{
	if (p->pw_uid == 0)
		return true;
	if (p->pw_uid == d->uid)
		return d->mode & 0200;
	return d->mode & (in_group(p, d->gid) ? 0020 : 0002);
}

static enum err check_user(const struct conf *c, const struct policy_tenant *t, uid_t uid, const struct door *d,
                           struct buf *out)
{
	const struct passwd *p = getpwuid(uid);
	char user[256];

	if (!p || may_connect(p, d))
		return ERR_OK;
	snprintf(user, sizeof(user), "%s", p->pw_name);
	const struct group *g = getgrgid(d->gid);
	return buf_printf(out,
	                  "warning: tenant %s: user %s cannot connect to %s, which is of group %s and mode %04o: "
	                  "usermod -aG %s %s, and restart the backend\n",
	                  t->name, user, c->api.socket_path, g ? g->gr_name : "?", (unsigned)d->mode,
	                  g ? g->gr_name : "GROUP", user);
}

static enum err check_tenants(const struct conf *c, const char *root, struct buf *out)
{
	const struct policy_opts *o = &c->flow.policy;
	enum err err = ERR_OK;
	struct door d;

	if (!find_door(c, root, &d))
		return ERR_OK;
	for (size_t i = 0; i < o->tenant_count; i++)
		for (size_t k = 0; k < o->tenants[i].uid_count && !err; k++)
			err = check_user(c, &o->tenants[i], o->tenants[i].uids[k], &d, out);
	return err;
}

enum err check_machine(const struct conf *c, const char *root, struct buf *out)
{
	enum err err = check_files(c, out);

	if (!err)
		err = check_tenants(c, root, out);
	if (!err)
		err = check_addresses(c, root, out);
	/* A full buffer is no error, because it already holds many warnings. */
	return err == ERR_TOOBIG ? ERR_OK : err;
}
