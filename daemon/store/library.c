/*
 * library: gives the text of the library of Redis functions and the names in it. Owns nothing.
 */
#include "library.h"

#include "layout.h"
#include "store.h"

#include "store_lua.h"

const void *library_text_of(size_t *len)
{
	*len = sizeof(library_text);
	return library_text;
}

const char *library_function_name(enum library_function f)
{
	static const char *const names[LIBRARY_COUNT] = {
		[LIBRARY_ISSUE] = LIBRARY_NAME "_issue",   [LIBRARY_RESEND] = LIBRARY_NAME "_resend",
		[LIBRARY_VERIFY] = LIBRARY_NAME "_verify", [LIBRARY_CANCEL] = LIBRARY_NAME "_cancel",
		[LIBRARY_MARK] = LIBRARY_NAME "_mark",     [LIBRARY_UNSENT] = LIBRARY_NAME "_unsent",
		[LIBRARY_CLAIM] = LIBRARY_NAME "_claim",   [LIBRARY_RELEASE] = LIBRARY_NAME "_release",
	};

	return names[f];
}
