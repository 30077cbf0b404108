/*
 * library: gives the text of the library of Redis functions and the names in it. Owns nothing.
 */
#include "library.h"

#include "layout.h"
#include "store.h"

#include "store_lua.h"

#include <string.h>

_Static_assert(sizeof(LIBRARY_NAME) == LIBRARY_NAME_CAP, "the name that embed.sh makes");

const void *library_text_of(size_t *len)
{
	*len = sizeof(library_text);
	return library_text;
}

const char *library_name(void)
{
	return LIBRARY_NAME;
}

bool library_is_of_otpgwd(const char *name, size_t len)
{
	static const char head[] = "otpgwd_";

	return len == LIBRARY_NAME_CAP - 1 && strncmp(name, head, strlen(head)) == 0 &&
	       strspn(name + strlen(head), "0123456789abcdef") == len - strlen(head);
}

const char *library_function_name(enum library_function f)
{
	static const char *const names[LIBRARY_COUNT] = {
		[LIBRARY_ISSUE] = LIBRARY_NAME "_issue",       [LIBRARY_RESEND] = LIBRARY_NAME "_resend",
		[LIBRARY_VERIFY] = LIBRARY_NAME "_verify",     [LIBRARY_CANCEL] = LIBRARY_NAME "_cancel",
		[LIBRARY_MARK] = LIBRARY_NAME "_mark",         [LIBRARY_UNSENT] = LIBRARY_NAME "_unsent",
		[LIBRARY_CLAIM] = LIBRARY_NAME "_claim",       [LIBRARY_RELEASE] = LIBRARY_NAME "_release",
		[LIBRARY_RIGHTS] = LIBRARY_NAME "_rights",     [LIBRARY_RESERVE] = LIBRARY_NAME "_reserve",
		[LIBRARY_REDIRECT] = LIBRARY_NAME "_redirect", [LIBRARY_FREED] = LIBRARY_NAME "_freed",
		[LIBRARY_REVERSE] = LIBRARY_NAME "_reverse",   [LIBRARY_CONFIRM] = LIBRARY_NAME "_confirm",
		[LIBRARY_SOURCE] = LIBRARY_NAME "_source",
	};

	return names[f];
}
