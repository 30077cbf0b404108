/*
 * copy: copies texts. Owns nothing.
 */
#include "base/copy.h"

#include <string.h>

void copy_text(char *out, size_t cap, const char *text)
{
	size_t len = text ? strnlen(text, cap - 1) : 0;

	if (len)
		memcpy(out, text, len);
	out[len] = '\0';
}
