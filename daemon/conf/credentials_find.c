/*
 * credentials_find: turns the name of a credential into a path. Owns nothing. It may ask whether a file exists, but
 * must never open one.
 */
#include "conf/credentials_find.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BESIDE "credentials"

/* Returns the folder that the service manager sets, or NULL if it sets none. */
static const char *given_folder(void)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");

	return dir && dir[0] == '/' ? dir : NULL;
}

static enum err fits(int n)
{
	return n < 0 || (size_t)n >= CREDS_PATH_CAP ? ERR_TOOBIG : ERR_OK;
}

enum err creds_folder(const struct conf *c, struct creds_place *out)
{
	const char *dir = given_folder(), *slash = strrchr(c->path, '/');
	int len = slash ? (int)(slash - c->path) : 0;

	out->guarded = dir != NULL;
	if (dir)
		return fits(snprintf(out->path, sizeof(out->path), "%s", dir));
	return fits(snprintf(out->path, sizeof(out->path), "%.*s%s" BESIDE, len, c->path, slash ? "/" : ""));
}

enum err creds_find(const struct conf *c, const char *name, struct creds_place *out)
{
	const char *dir = given_folder();
	struct creds_place folder;

	if (strchr(name, '/')) {
		size_t len = dir ? strlen(dir) : 0;

		out->guarded = len > 1 && strncmp(name, dir, len) == 0 && name[len] == '/' && !strstr(name, "/../");
		return fits(snprintf(out->path, sizeof(out->path), "%s", name));
	}
	enum err err = creds_folder(c, &folder);
	out->path[0] = '\0';
	if (err)
		return err;
	out->guarded = folder.guarded && strcmp(name, "..") != 0 && strcmp(name, ".") != 0;
	if (dir) {
		err = fits(snprintf(out->path, sizeof(out->path), "%s/" CREDS_PREFIX "%s", dir, name));
		if (err || access(out->path, F_OK) == 0)
			return err;
	}
	return fits(snprintf(out->path, sizeof(out->path), "%s/%s", folder.path, name));
}
