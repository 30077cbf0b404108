/*
 * credentials_find: where a file that the configuration names lies. Opens nothing.
 */
#ifndef CONF_CREDENTIALS_FIND_H
#define CONF_CREDENTIALS_FIND_H

#include "base/err.h"
#include "conf.h"

#include <stdbool.h>

#define CREDS_PATH_CAP 4352

/* LoadCredential=otpgwd:FOLDER gives each file of the folder this name before its own. */
#define CREDS_PREFIX "otpgwd_"

struct creds_place {
	char path[CREDS_PATH_CAP];
	bool guarded; /* inside the directory of the service manager, which guards it */
};

/*
 * The folder where names without "/" are looked for: $CREDENTIALS_DIRECTORY, which the service manager sets; without it
 * the folder "credentials" beside the configuration, from which the unit loads. ERR_TOOBIG.
 */
enum err creds_folder(const struct conf *c, struct creds_place *out) ERR_CHECKED;

/* The path of a file by the name that the configuration gives it, whether it exists or not. ERR_TOOBIG. */
enum err creds_find(const struct conf *c, const char *name, struct creds_place *out) ERR_CHECKED;

#endif
