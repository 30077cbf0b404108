/*
 * library: the library of Redis functions embedded at build. Its name and those of its functions contain a hash of its
 * text, so two versions of the daemon can use one Redis. Private to store. Implements FUNCTION and FCALL of Redis 7.0.
 */
#ifndef STORE_LIBRARY_H
#define STORE_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

#define LIBRARY_NAME_CAP 24 /* "otpgwd_", 16 hexadecimal digits and a NUL */
#define LIBRARY_PATTERN "otpgwd_*"

enum library_function {
	LIBRARY_ISSUE,
	LIBRARY_RESEND,
	LIBRARY_VERIFY,
	LIBRARY_CANCEL,
	LIBRARY_MARK,
	LIBRARY_UNSENT,
	LIBRARY_CLAIM,
	LIBRARY_RELEASE,
	LIBRARY_RIGHTS,
	LIBRARY_RESERVE,
	LIBRARY_REDIRECT,
	LIBRARY_FREED,
	LIBRARY_REVERSE,
	LIBRARY_CONFIRM,
	LIBRARY_SOURCE,
	LIBRARY_COUNT
};

/* The text for FUNCTION LOAD. It is not NUL-terminated. */
const void *library_text_of(size_t *len);

const char *library_name(void); /* static */

/* True: a version of otpgwd has such a name for its library. Other names are never touched. */
bool library_is_of_otpgwd(const char *name, size_t len);

/* The name of a function for FCALL; static. */
const char *library_function_name(enum library_function f);

#endif
