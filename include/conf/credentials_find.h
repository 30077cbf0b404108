/*
 * credentials_find: finds the path of a key or password file that the configuration names. Opens nothing.
 */
#ifndef CONF_CREDENTIALS_FIND_H
#define CONF_CREDENTIALS_FIND_H

#include "base/err.h"
#include "conf.h"

#include <stdbool.h>

#define CREDS_PATH_CAP 4352

/* LoadCredential=otpgwd:FOLDER puts this before the name of each file of the folder. */
#define CREDS_PREFIX "otpgwd_"

struct creds_place {
	char path[CREDS_PATH_CAP];
	bool guarded; /* inside the directory that the service manager protects */
};

/*
 * Returns the folder where names without "/" are looked for. It is $CREDENTIALS_DIRECTORY, if the service manager sets
 * it. Otherwise it is the folder "credentials" beside the configuration file. ERR_TOOBIG: the path is too long.
 */
enum err creds_folder(const struct conf *c, struct creds_place *out) ERR_CHECKED;

/*
 * Returns the path of a file by its name in the configuration, whether the file exists or not. ERR_TOOBIG: the path is
 * too long.
 */
enum err creds_find(const struct conf *c, const char *name, struct creds_place *out) ERR_CHECKED;

#endif
