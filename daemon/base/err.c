/*
 * err: the names of the error codes, for the log, and the error code for an errno. Owns nothing.
 */
#include "base/err.h"

#include <errno.h>
#include <stddef.h>

static const char *const names[] = {
	[ERR_OK] = "ok",
	[ERR_INVALID] = "invalid",
	[ERR_TOOBIG] = "too_big",
	[ERR_NOMEM] = "no_memory",
	[ERR_IO] = "io",
	[ERR_CLOSED] = "closed",
	[ERR_TIMEOUT] = "timeout",
	[ERR_UNAVAILABLE] = "unavailable",
	[ERR_BUSY] = "busy",
	[ERR_NOTFOUND] = "not_found",
	[ERR_DENIED] = "denied",
	[ERR_CORRUPT] = "corrupt",
	[ERR_INTERNAL] = "internal",
};

const char *err_name(enum err err)
{
	size_t i = (size_t)err;

	return i < sizeof(names) / sizeof(names[0]) ? names[i] : "unknown";
}

enum err err_of_path(int number)
{
	switch (number) {
	case ENOENT:
	case ENOTDIR:
	case EISDIR:
	case ELOOP:
	case ENAMETOOLONG:
	case ENXIO:
		return ERR_INVALID;
	case EACCES:
	case EPERM:
	case EROFS:
		return ERR_DENIED;
	case ENOMEM:
		return ERR_NOMEM;
	default:
		return ERR_IO;
	}
}
