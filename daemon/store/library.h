/*
 * library: the library of Redis functions embedded at build. Its name and those of its functions contain a hash of its
 * text, so two versions of the daemon can use one Redis. Private to store. Implements FUNCTION and FCALL of Redis 7.0.
 */
#ifndef STORE_LIBRARY_H
#define STORE_LIBRARY_H

#include <stddef.h>

enum library_function {
	LIBRARY_ISSUE,
	LIBRARY_RESEND,
	LIBRARY_VERIFY,
	LIBRARY_CANCEL,
	LIBRARY_MARK,
	LIBRARY_UNSENT,
	LIBRARY_CLAIM,
	LIBRARY_RELEASE,
	LIBRARY_COUNT
};

/* The text for FUNCTION LOAD. It is not NUL-terminated. */
const void *library_text_of(size_t *len);

/* The name of a function for FCALL; static. */
const char *library_function_name(enum library_function f);

#endif
